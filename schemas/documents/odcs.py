"""The lake's tables as Open Data Contract Standard documents: columns, quality rules, what is promised and by whom."""

import inspect
from typing import Any

import dataframely as dy
import pyarrow as pa

from schemas.feeds import contracts
from schemas.forms import arrow_schema
from schemas.lake import Table
from schemas.vocabulary import ROLES

Document = dict[str, Any]
STANDARD = "v3.1.0"
ZONES = {
    "bronze": "Raw bytes as received, personal data included: for replay by engineers only; it expires.",
    "silver": "Cleaned and redacted records; callers are tokens.",
    "gold": "What was made of the reports: incidents, decisions, figures, warnings.",
    "ops": "The pipeline's account of itself.",
}
LIMITS = (
    ("min", "minimum"),
    ("max", "maximum"),
    ("min_length", "minLength"),
    ("max_length", "maxLength"),
    ("regex", "pattern"),
)


def data_contract(table: Table) -> Document:
    """One table's contract."""
    zone = table.name.partition(".")[0]
    return {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": f"ninelines.{table.name}",
        "name": table.name,
        "version": table.version,
        "status": "active",
        "domain": "emergency and service lines",
        "dataProduct": "ninelines",
        "description": {"purpose": _about(table.record), "usage": ZONES[zone]},
        "servers": [_server(table)],
        "schema": [_schema(table)],
        "slaProperties": _promises(table),
        "team": {"name": table.owner, "description": ROLES[table.owner].en},
        "roles": [{"role": "engineer", "access": "read"}],
    }


def broken_promises(old: Document, new: Document) -> list[str]:
    """What a reader of the old table would miss in the new one of the same major version."""
    before, after = ({one["name"]: one for one in found["schema"][0]["properties"]} for found in (old, new))
    lost = [f"{name} is gone" for name in before if name not in after]
    kept = [name for name in before if name in after]
    lost += [f"{name} was {before[name]['physicalType']}" for name in kept if _type(before[name]) != _type(after[name])]
    lost += [f"{name} may be missing now" for name in kept if before[name]["required"] and not after[name]["required"]]
    fresh = [one for name, one in after.items() if name not in before]
    return lost + [
        f"{one['name']} is new and old rows have none: it must be nullable" for one in fresh if one["required"]
    ]


def _type(column: Document) -> str:
    return str(column["physicalType"])


def _about(record: type[dy.Schema]) -> str:
    return inspect.cleandoc(record.__doc__ or "")


def _server(table: Table) -> Document:
    """The folder is a setting; here it is the default of a local stack."""
    path = f".ninelines/lake/{table.name.replace('.', '/')}"
    return {
        "server": "lake",
        "type": "local",
        "path": path,
        "format": "delta",
        "description": "NINELINES_LAKE moves it.",
    }


def _schema(table: Table) -> Document:
    key = table.key
    unique = {"type": "library", "metric": "duplicateValues", "name": "key_is_unique", "dimension": "uniqueness",
              "arguments": {"properties": key}, "mustBe": 0, "unit": "rows"}  # fmt: skip
    return {
        "name": table.name.partition(".")[2],
        "physicalName": table.name,
        "physicalType": "table",
        "logicalType": "object",
        "description": _about(table.record),
        "properties": [_column(name, column, table) for name, column in table.record.columns().items()],
        "quality": [unique, *(_rule(name, table.record) for name in _rules(table.record))],
    }


def _rules(record: type[dy.Schema]) -> list[str]:
    """Rules over several columns; the key has its own."""
    return [name for name in record._schema_validation_rules() if name != "primary_key"]


def _rule(name: str, record: type[dy.Schema]) -> Document:
    told = f"{record.__name__}.{name}"
    return {"type": "custom", "name": name, "engine": "dataframely", "implementation": told, "dimension": "consistency"}


def _column(name: str, column: dy.Column, table: Table) -> Document:
    kind = arrow_schema(table.record).field(name).type
    found: Document = {
        "name": name,
        "logicalType": _logical(kind),
        "physicalType": str(kind),
        "required": not column.nullable,
    }
    if column.description:
        found["description"] = column.description
    if name in table.key:
        found |= {"primaryKey": True, "primaryKeyPosition": table.key.index(name) + 1}
    if name == table.partition:
        found |= {"partitioned": True, "partitionKeyPosition": 1}
    if options := _options(column):
        found["logicalTypeOptions"] = options
    if pa.types.is_list(kind):
        found["items"] = {"logicalType": _logical(kind.value_type), "physicalType": str(kind.value_type)}
    if isinstance(column, dy.Enum):
        found["quality"] = [_codes(column.categories)]
    return found


def _codes(values: list[str]) -> Document:
    return {"type": "library", "metric": "invalidValues", "name": "known_codes", "dimension": "conformity",
            "arguments": {"validValues": list(values)}, "mustBe": 0, "unit": "rows"}  # fmt: skip


def _options(column: dy.Column) -> Document:
    if isinstance(column, dy.List):
        return {"minItems": column.min_length} if column.min_length else {}
    found = {theirs: getattr(column, ours, None) for ours, theirs in LIMITS}
    return {name: value for name, value in found.items() if value is not None}


def _logical(kind: pa.DataType) -> str:
    names = (
        (pa.types.is_boolean, "boolean"), (pa.types.is_integer, "integer"), (pa.types.is_floating, "number"),
        (pa.types.is_date, "date"), (pa.types.is_timestamp, "timestamp"), (pa.types.is_list, "array"),
        (pa.types.is_struct, "object"),
    )  # fmt: skip
    return next((name for is_kind, name in names if is_kind(kind)), "string")


def _promises(table: Table) -> list[Document]:
    """Retention and freshness. Raw bytes stay as long as the contract of their feed says."""
    found: list[Document] = []
    if table.name == "bronze.raw":
        days = {feed.code: feed.retention_days for feed in contracts()}
        told = "by the feed's contract: " + ", ".join(f"{code} {kept}" for code, kept in days.items())
        found.append({"property": "retention", "value": max(days.values()), "unit": "d", "description": told})
    elif table.kept_days:
        found.append({"property": "retention", "value": table.kept_days, "unit": "d"})
    else:
        found.append({"property": "retention", "value": "unlimited"})
    if table.fresh_minutes:
        told = "from the event to its row, while Airflow runs the jobs"
        found.append({"property": "latency", "value": table.fresh_minutes, "unit": "minutes", "description": told})
    return found
