"""The express lane's rules: from a handful of new reports to the orders and notices of the urgent ones.

The same functions decide as on the way through the lake: contract, words of urgency, classifier, linking, assignment.
What differs is what they know: the newest few thousand reports of emergencies, not the whole lake.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from jobs.models.classifier import Model
from jobs.models.deciding_category import classified
from jobs.models.raising_urgency import urgency_of
from jobs.models.router import Router
from jobs.transforms.assigning import assign
from jobs.transforms.likeness import URGENT_CATEGORIES, URGENT_KINDS
from jobs.transforms.linking import LINK_COLUMNS, LINKER_VERSION, incidents_of, link
from jobs.transforms.noticing import at_once, notices
from jobs.transforms.revising import decisions
from jobs.transforms.revisions import newest
from schemas.forms import plain
from schemas.records import Link, Report
from schemas.regulation import Regulation
from schemas.vocabulary import FOR_OPERATIONS

MOST_KEPT = 2_000  # reports of emergencies that new ones are compared with: hours in a county's day


@dataclass(frozen=True)
class Decider:
    """What decides, loaded once."""

    model: Model
    rules: Regulation
    router: Router | None = None
    urgency: Model | None = None


def no_links() -> pl.DataFrame:
    """LINK_COLUMNS, without a row."""
    return plain(Link.create_empty()).select(LINK_COLUMNS)


@dataclass(frozen=True)
class Known:
    """The newest reports of emergencies, and why each belongs to its incident.

    settled: links that were told before a start, LINK_COLUMNS. Messages come in another order after it, and a report
    must not open an incident where it joined one.
    """

    reports: pl.DataFrame = field(default_factory=lambda: plain(Report.create_empty()))
    links: pl.DataFrame = field(default_factory=no_links)
    settled: pl.DataFrame = field(default_factory=no_links)


@dataclass(frozen=True)
class Urgent:
    """What is to be told at once.

    incidents: rows of Incident. reports: their links with what each report says. decided: rows of
    `revising.decisions`. notices: rows of Notice.
    """

    incidents: pl.DataFrame
    reports: pl.DataFrame
    decided: pl.DataFrame
    notices: pl.DataFrame

    def of(self, incident_id: str) -> "Urgent":
        """The part about one incident."""
        parts = (self.incidents, self.reports, self.decided, self.notices)
        return Urgent(*(part.filter(pl.col("incident_id") == incident_id) for part in parts))


def hurry(new: pl.DataFrame, known: Known, by: Decider, now: datetime) -> tuple[Known, Urgent | None]:
    """What is known afterwards, and the urgent among the new reports; None where none is.

    new: rows of Report, sound ones; of a report's revisions the newest counts. A report that is known keeps its link.
    """
    told = newest(plain(new)).filter(~pl.col("kind").is_in(list(FOR_OPERATIONS)))
    urgency = urgency_of(told, by.rules, by.urgency)
    urgent_ids = urgency.filter("is_urgent")["report_id"]
    told = told.filter(_is_emergency() | pl.col("report_id").is_in(urgent_ids.implode()))
    known = _linked(told, known)
    if urgent_ids.is_empty():
        return _newest_kept(known), None
    urgent_links = known.links.filter(pl.col("report_id").is_in(urgent_ids.implode()))
    links = known.links.join(urgent_links, on="incident_id", how="semi")
    reports = known.reports.join(links, on="report_id", how="semi")
    incidents = incidents_of(reports, links)
    sayings = classified(reports, urgency_of(reports, by.rules, by.urgency), by.model, now)
    decided = assign(incidents, links, sayings, by.rules, by.router)
    decided = decided.with_columns(decided_at=pl.lit(now, pl.Datetime("us", "UTC")))
    fresh = sayings.filter(pl.col("report_id").is_in(urgent_ids.implode()))
    about = links.with_columns(linker_version=pl.lit(LINKER_VERSION), linked_at=pl.lit(now, pl.Datetime("us", "UTC")))
    return _newest_kept(known), Urgent(
        incidents=incidents,
        reports=about.join(reports, on="report_id"),
        decided=decisions(decided, incidents),
        notices=at_once(notices(fresh, links, decided, reports), now),
    )


def _is_emergency() -> pl.Expr:
    return pl.col("kind").is_in(list(URGENT_KINDS)) | pl.col("category").is_in(list(URGENT_CATEGORIES)).fill_null(False)


def _linked(told: pl.DataFrame, known: Known) -> Known:
    """The known reports in their newest words, and the new ones with their links behind them."""
    fresh = told.join(known.reports, on="report_id", how="anti")
    reports = newest(pl.concat([known.reports, told])) if told.height else known.reports
    if fresh.is_empty():
        return replace(known, reports=reports)
    settled = known.settled.join(fresh, on="report_id", how="semi")
    links = pl.concat([known.links, settled])
    unknown = fresh.join(settled, on="report_id", how="anti")
    recent = reports.join(links.select("report_id", "incident_id"), on="report_id")
    if unknown.height:
        links = pl.concat([links, link(unknown, recent).select(LINK_COLUMNS)])
    return replace(known, reports=reports, links=links)


def _newest_kept(known: Known) -> Known:
    links = known.links.tail(MOST_KEPT)
    return replace(known, reports=known.reports.join(links, on="report_id", how="semi"), links=links)
