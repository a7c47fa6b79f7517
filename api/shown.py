"""Records as the API shows them: models for answers, codes and texts for requests."""

import re
from typing import Annotated, Any

import dataframely as dy
from pydantic import AfterValidator, ConfigDict, Field, create_model

from schemas.forms import json_schema, model
from schemas.vocabulary import Vocabulary

_NUMBER_OF_A_PERSON = re.compile(r"\d{7,}")  # phones and identity numbers; order ids and dates are shorter or broken up


def shown(record: type[dy.Schema], **more: Any) -> Any:
    """The record's model, named and described as the record is; more: further fields as `name=(type, Field(…))`."""
    described = json_schema(record)["properties"]

    def describe(schema: dict[str, Any]) -> None:
        for name, column in schema.get("properties", {}).items():
            if "description" in described.get(name, {}):
                column["description"] = described[name]["description"]

    base = type(record.__name__, (model(record),), {"model_config": ConfigDict(json_schema_extra=describe)})
    return create_model(record.__name__, __base__=base, __doc__=record.__doc__, **more)


def list_of(model: Any) -> Any:
    """A list of a model that is made at run time, which a type checker does not take as a type."""
    return list[model]


def code_of(vocabulary: Vocabulary) -> Any:
    """A text that is a code of the vocabulary; the labels are in the OpenAPI description."""
    labels = "; ".join(f"`{code}` {term.zh} {term.en}" for code, term in vocabulary.items())
    return Field(
        pattern=f"^({'|'.join(vocabulary)})$", json_schema_extra={"enum": list(vocabulary)}, description=labels
    )


def _without_numbers(text: str) -> str:
    if _NUMBER_OF_A_PERSON.search(text):
        raise ValueError("leave out phone and identity numbers: this text is read by many and kept for years")
    return text


Reason = Annotated[str, Field(min_length=2, max_length=500), AfterValidator(_without_numbers)]
