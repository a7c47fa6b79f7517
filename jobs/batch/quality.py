"""quality: a second look at what lies in the lake. Does every row of every table keep its contract?

Every hour at what was written since the last check that succeeded (`scope=new`), every night at everything
(`scope=full`). Results are rows of `ops.quality`, and Data Docs for people. A table with a broken promise is blocked:
`publish` leaves out what is made of it until a later check succeeds.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl

from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.lake import APPENDED, read_table
from jobs.io.table_files import Files, files_of
from jobs.settings import Settings
from jobs.transforms.checking import is_blocked, newest, sound_until
from schemas.lake import TABLES, Table
from schemas.records import TableCheck
from schemas.vocabulary import CHECK_SCOPES

if TYPE_CHECKING:
    from jobs.io.data_docs import DataDocs


def run(context: Context) -> Result:
    """Check the tables; options `scope=full`, and `table=gold.links` for one of them.

    Raises DataError that names each broken promise; its rows stay blocked, and are checked again next time.
    """
    scope, names = _asked(context.options)
    found = check(context, scope, names)
    if found.is_empty():
        raise NothingToDoError("quality: no table has anything new")
    context.lake.append_new("ops.quality", found)
    docs = context.settings.data_docs / "index.html"
    broken = found.filter(pl.col("failed") > 0)
    if broken.height:
        told = [f"{table}: {'; '.join(failures)}" for table, failures in broken.select("table", "failures").iter_rows()]
        raise DataError(f"{' | '.join(told)}; publish leaves out what is made of these tables; see {docs}")
    counts = {name: int(found[name].sum()) for name in ("rows", "expectations")}
    return {"tables": found.height, **counts, "data_docs": str(docs)}


def check(context: Context, scope: str, names: Iterable[str] = TABLES) -> pl.DataFrame:
    """Rows of TableCheck for the tables that have something to look at; Data Docs are written. Needs no Spark."""
    uri = context.settings.lake_uri
    checks = read_table(uri, "ops.quality")
    since = sound_until(checks) if scope == "new" else {}
    failing = set(newest(checks).filter(pl.col("failed") > 0)["table"])
    docs, run, found = None, uuid4().hex, []
    for name in names:
        files = files_of(uri, name, since.get(name))
        if files is None or not (files[1].sizes or name in failing or scope == "full"):
            continue
        docs = docs or _data_docs(context.settings)
        about = {"run": run, "scope": scope, "since_version": since.get(name), "checked_at": context.now}
        failures, counts = _looked_at(docs, TABLES[name], *files, about)
        shut = is_blocked(checks, name, scope, len(failures))
        found.append(about | counts | {"table": name, "failures": failures, "is_blocked": shut})
    if docs:
        docs.publish()
    return TableCheck.validate(pl.DataFrame(found, schema=TableCheck.create_empty().schema), cast=True)


def _asked(options: tuple[str, ...]) -> tuple[str, list[str]]:
    words = dict(option.partition("=")[::2] for option in options)
    scope, table = words.pop("scope", "new"), words.pop("table", "")
    if words or scope not in CHECK_SCOPES or (table and table not in TABLES):
        raise DataError(
            f"quality: not understood: {' '.join(options)}; there are scope={'|'.join(CHECK_SCOPES)} "
            f"and table={'|'.join(TABLES)}"
        )
    return scope, [table] if table else list(TABLES)


def _data_docs(settings: Settings) -> "DataDocs":
    from jobs.io.data_docs import DataDocs

    return DataDocs(settings.state_dir / "quality")


def _looked_at(
    docs: "DataDocs", table: Table, everything: Files, new: Files, about: Mapping[str, object]
) -> tuple[list[str], dict[str, int]]:
    """What is broken, and the counts."""
    from jobs.transforms.expectations import judged, told

    repeated = _repeated(table, everything, new)
    parts = (judged(part, table.record, repeated) for part in (new.chunks() if new.sizes else [new.scan()]))
    verdict = docs.verdict(table, parts, str(about["scope"]), about["checked_at"])  # type: ignore[arg-type]  # a datetime
    failures = [told(result) for result in verdict.results if not result.success]
    counts = {"rows": new.rows, "expectations": len(verdict.results), "failed": len(failures)}
    return failures, counts | {"until_version": new.version}


def _repeated(table: Table, everything: Files, new: Files) -> pl.DataFrame:
    """Keys of the new rows that the table holds more than once, read without the other columns."""
    there = everything.scan()
    if table.partition and table.name.startswith(APPENDED) and table.partition in everything.columns:
        cut = new.scan().select(table.partition).unique().collect()[table.partition]
        there = there.filter(pl.col(table.partition).is_in(cut.to_list()))
    if not set(table.key) <= set(everything.columns):
        return table.record.create_empty().select(table.key)
    if new.sizes.keys() != everything.sizes.keys():
        there = there.join(new.scan().select(table.key).unique(), on=table.key, how="semi", nulls_equal=True)
    counted = there.group_by(table.key).agg(copies=pl.len())
    return counted.filter(pl.col("copies") > 1).select(table.key).collect(engine="streaming")
