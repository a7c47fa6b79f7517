"""A record's contract in the words of Great Expectations: what a data analyst reads in Data Docs."""

from collections.abc import Iterator
from typing import Any

import dataframely as dy
import great_expectations.expectations as gxe
import pandas as pd
import polars as pl
from great_expectations.core import ExpectationSuiteValidationResult

from schemas.forms import plain

KEY_IS_UNIQUE = "rule_key_is_unique"


def expectations(record: type[dy.Schema]) -> list[gxe.Expectation]:
    """One expectation for each promise of the contract: columns, nulls, codes, patterns, ranges, key, rules.

    They hold on the frame that `judged` makes. Types need none: the lake's table cannot hold another type.
    """
    rules = [*_rules(record), *([KEY_IS_UNIQUE] if record.primary_key() else [])]
    found: list[gxe.Expectation] = [gxe.ExpectTableColumnsToMatchSet(column_set=[*record.columns(), *rules])]
    found += [promise for name, column in record.columns().items() for promise in _of_column(name, column)]
    return found + [gxe.ExpectColumnValuesToBeInSet(column=rule, value_set=[True]) for rule in rules]


def judged(rows: pl.LazyFrame, record: type[dy.Schema], repeated: pl.DataFrame) -> pd.DataFrame:
    """The rows, with a yes/no column for each rule that is no rule of one column.

    rows: as stored, codes as strings. A column that may be empty and is not stored yet counts as empty; columns that
    promise nothing are not read. repeated: the keys that the table holds more than once.
    """
    stored = rows.collect_schema().names()
    whole = rows.with_columns(
        pl.lit(None, _plain_type(record, name)).alias(name)
        for name, column in record.columns().items()
        if column.nullable and name not in stored
    )
    there = whole.collect_schema().names()
    read = _promising(record) | set(_rules_columns(record))
    verdicts = [
        _verdict(expression, there).fill_null(value=True).alias(name) for name, expression in _rules(record).items()
    ]
    shown = whole.with_columns(verdicts).with_columns(
        pl.lit(None).alias(name) for name in there if name not in read and name not in record.primary_key()
    )
    return plain(_with_key_verdict(shown, record, repeated).collect()).to_pandas()


def merged(parts: list[ExpectationSuiteValidationResult]) -> ExpectationSuiteValidationResult:
    """The verdicts on parts of a table as one: counts added up, successful where every part is."""
    whole, *others = parts
    more: dict[str, list[Any]] = {}
    for part in others:
        for result in part.results:
            more.setdefault(result.expectation_config.id, []).append(result)
    for result in whole.results:
        _add(result, more.get(result.expectation_config.id, []))
    whole.success = all(result.success for result in whole.results)
    good, count = sum(bool(result.success) for result in whole.results), len(whole.results)
    whole.statistics |= {
        "successful_expectations": good,
        "unsuccessful_expectations": count - good,
        "success_percent": 100 * good / count,
    }
    return whole


def told(result: Any) -> str:
    """`expect_column_values_to_not_be_null(text): 3 of 9550 rows`."""
    asked, found = result.expectation_config, result.result
    if "unexpected_count" not in found:
        return f"{asked.type}({asked.kwargs.get('column', '')}) could not be judged or does not hold for the table"
    return f"{asked.type}({asked.kwargs['column']}): {found['unexpected_count']} of {found['element_count']} rows"


def _add(result: Any, others: list[Any]) -> None:
    result.success = all(one.success for one in (result, *others))
    for count in ("element_count", "unexpected_count", "missing_count"):
        if count in result.result:
            result.result[count] += sum(one.result.get(count) or 0 for one in others)
    if result.result.get("element_count"):
        result.result["unexpected_percent"] = 100 * result.result["unexpected_count"] / result.result["element_count"]


def _rules(record: type[dy.Schema]) -> dict[str, pl.Expr]:
    """Rules over several columns, and of codes inside lists, by name; a contract cannot use a name twice."""
    own = {name: rule.expr for name, rule in record._schema_validation_rules().items() if name != "primary_key"}
    lists = {
        f"codes_of_{name}": pl.col(name).list.eval(pl.element().is_in(list(column.inner.categories))).list.all()
        for name, column in record.columns().items()
        if isinstance(column, dy.List) and isinstance(column.inner, dy.Enum)
    }
    return {f"rule_{name}": expression for name, expression in (own | lists).items()}


def _verdict(rule: pl.Expr, there: list[str]) -> pl.Expr:
    """A rule about a column that is not there does not hold."""
    return rule if set(rule.meta.root_names()) <= set(there) else pl.lit(value=False)


def _with_key_verdict(rows: pl.LazyFrame, record: type[dy.Schema], repeated: pl.DataFrame) -> pl.LazyFrame:
    if not (key := record.primary_key()):
        return rows
    marked = repeated.lazy().select(*key, pl.lit(value=False).alias(KEY_IS_UNIQUE))
    found = rows.join(marked, on=key, how="left", nulls_equal=True)
    return found.with_columns(pl.col(KEY_IS_UNIQUE).fill_null(value=True))


def _promising(record: type[dy.Schema]) -> set[str]:
    """Columns that an expectation looks at."""
    return {name for name, column in record.columns().items() if next(_of_column(name, column), None)}


def _rules_columns(record: type[dy.Schema]) -> Iterator[str]:
    for rule in _rules(record).values():
        yield from rule.meta.root_names()


def _plain_type(record: type[dy.Schema], name: str) -> pl.DataType:
    return plain(record.create_empty().select(name)).schema[name]


def _of_column(name: str, column: dy.Column) -> Iterator[gxe.Expectation]:
    if not column.nullable:
        yield gxe.ExpectColumnValuesToNotBeNull(column=name)
    if isinstance(column, dy.Enum):
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.categories))
    if pattern := getattr(column, "regex", None):
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=pattern)
    lengths = {f"{bound}_value": getattr(column, f"{bound}_length", None) for bound in ("min", "max")}
    if any(bound is not None for bound in lengths.values()):
        yield gxe.ExpectColumnValueLengthsToBeBetween(column=name, **lengths)
    values = {f"{bound}_value": getattr(column, bound, None) for bound in ("min", "max")}
    if any(bound is not None for bound in values.values()):
        yield gxe.ExpectColumnValuesToBeBetween(column=name, **values)
