"""A record's contract in the words of Great Expectations: what a data analyst reads in Data Docs."""

from collections.abc import Iterator

import dataframely as dy
import great_expectations.expectations as gxe
import pandas as pd
import polars as pl

from schemas.forms import plain


def expectations(record: type[dy.Schema]) -> list[gxe.Expectation]:
    """One expectation for each promise of the contract: columns, nulls, codes, patterns, ranges, key, rules.

    They hold on the frame that `judged` makes. Types need none: the lake's table cannot hold another type.
    """
    found: list[gxe.Expectation] = [gxe.ExpectTableColumnsToMatchSet(column_set=[*record.columns(), *_rules(record)])]
    found += [promise for name, column in record.columns().items() for promise in _of_column(name, column)]
    found += [_key(record.primary_key())] if record.primary_key() else []
    return found + [gxe.ExpectColumnValuesToBeInSet(column=rule, value_set=[True]) for rule in _rules(record)]


def judged(rows: pl.DataFrame, record: type[dy.Schema]) -> pd.DataFrame:
    """The rows, with one more yes/no column for each of the contract's rules over several columns."""
    verdicts = [expression.fill_null(value=True).alias(name) for name, expression in _rules(record).items()]
    return plain(rows.with_columns(verdicts)).to_pandas()


def _rules(record: type[dy.Schema]) -> dict[str, pl.Expr]:
    """Rules over several columns, by name; a name is free, because a contract cannot use one twice."""
    rules = record._schema_validation_rules()
    return {f"rule_{name}": rule.expr for name, rule in rules.items() if name != "primary_key"}


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


def _key(names: list[str]) -> gxe.Expectation:
    if len(names) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=names[0])
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=names)
