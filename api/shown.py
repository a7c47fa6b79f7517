"""Records as the API shows them: models for answers, codes and texts for requests."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

import dataframely as dy
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, create_model

from schemas.forms import json_schema, model
from schemas.vocabulary import Vocabulary

FIRST_INSTANT, LAST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
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


def _not_a_number(value: object) -> object:
    if isinstance(value, (int, float)) or (isinstance(value, str) and not value[4:5] == "-"):
        raise ValueError("give an instant with its offset, as 2026-03-12T10:00:00+08:00")
    return value


def _of_our_time(value: datetime) -> datetime:
    if not FIRST_INSTANT <= value < LAST_INSTANT:
        raise ValueError(f"give an instant of the years {FIRST_INSTANT.year} to {LAST_INSTANT.year - 1}")
    return value


# As RFC 3339 writes it; pydantic alone also takes seconds since 1970. PostgreSQL and Python know no common last year.
Instant = Annotated[AwareDatetime, BeforeValidator(_not_a_number), AfterValidator(_of_our_time)]
Reason = Annotated[str, Field(min_length=2, max_length=500), AfterValidator(_without_numbers)]
