"""《每日工作情况》 as one JSON-ready tree. Every figure is a row of `gold.metrics`; none is computed here."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from schemas.metrics import INTAKE_ACCOUNT, METRICS, THREE_RATES, scope_of
from schemas.regulation.calendar import LOCAL
from schemas.vocabulary import (
    CATEGORIES,
    DUTY_TIERS,
    EVENT_GRADES,
    FEED_CODES,
    HANDLING_LEVELS,
    QUARANTINE_REASONS,
    Vocabulary,
)

Tree = dict[str, Any]
OTHER_RATES = tuple(code for code, metric in METRICS.items() if metric.kind == "share" and code not in THREE_RATES)
PERIODS = {"hour": "小时", "day": "日"}
CODES: dict[str, Vocabulary] = {
    "event_grade": EVENT_GRADES,
    "handling_level": HANDLING_LEVELS,
    "duty_tier": DUTY_TIERS,
    "category": CATEGORIES,
}


@dataclass(frozen=True)
class Names:
    """What people call the county, its units and its townships, by code."""

    county: str
    units: dict[str, str]
    townships: dict[str, str]


@dataclass(frozen=True)
class Found:
    """What the lake knows of one local day."""

    metrics: pl.DataFrame  # rows of Metric, those of the day's window; at least one
    account: pl.DataFrame  # rows of Metric, `rows_in` … of one window: the day's, or a later one after a replay
    warnings: pl.DataFrame  # rows of Warning whose period began in the day
    quarantined: pl.DataFrame  # `reasons` of Quarantined, landed in the account's window


class Figures:
    """The figures of one window, by metric and scope."""

    def __init__(self, metrics: pl.DataFrame) -> None:
        self._rows = {(row["metric"], row["scope"]): row for row in metrics.to_dicts()}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def count(self, metric: str, scope: str = "county") -> int:
        """A count; 0 where nothing of that scope was counted."""
        return self._rows.get((metric, scope), {"numerator": 0})["numerator"]

    def share(self, metric: str, scope: str = "county") -> Tree:
        """numerator, denominator, value (null when undefined) and the words people read."""
        row = self._rows.get((metric, scope), {"numerator": 0, "denominator": 0, "value": None})
        definition = METRICS[metric]
        assert definition.undefined_label, f"{metric} is a count, not a share"
        shown = definition.undefined_label.zh if row["value"] is None else f"{row['value']:.1%}"
        cut = {name: row[name] for name in ("numerator", "denominator", "value")}
        return {"metric": metric, "label": definition.label.zh, **cut, "shown": shown}

    def codes(self, metric: str, scope: str) -> list[str]:
        """Codes of a scope that have this figure."""
        return [
            found.split(":", 1)[1] for name, found in self._rows if name == metric and found.startswith(f"{scope}:")
        ]


def daily_report(day: date, found: Found, names: Names, now: datetime) -> Tree:
    """The report of one local day. Times in it are local, ISO 8601 with zone; an undefined share is null."""
    figures = Figures(found.metrics)
    return {
        "title": "每日工作情况",
        "county": names.county,
        "day": day.isoformat(),
        "made_at": _local(now),
        "figures_at": _local(found.metrics["computed_at"].max()),
        "overview": _overview(figures, found.warnings),
        "orders": {scope: _by_code(figures, scope, codes) for scope, codes in CODES.items()},
        "units": _units(figures, names),
        "townships": _townships(figures, names),
        "three_rates": [figures.share(metric) for metric in THREE_RATES],
        "other_rates": [figures.share(metric) for metric in OTHER_RATES],
        "warnings": _warnings(found.warnings, names),
        "quality": _quality(found.account, found.quarantined),
    }


def _overview(figures: Figures, warnings: pl.DataFrame) -> Tree:
    counts = {metric: figures.count(metric) for metric in ("reports", "orders", "urgent_orders", "overdue_orders")}
    by_feed = [{"feed": feed, "reports": figures.count("reports", scope_of("feed", feed))} for feed in FEED_CODES]
    return {**counts, "warnings": warnings.height, "by_feed": by_feed}


def _by_code(figures: Figures, scope: str, codes: Vocabulary) -> list[Tree]:
    """One row a code of a small vocabulary, zero or not; of categories only those that occur, most orders first."""
    rows = [{"code": code, "label": term.zh, **_counts(figures, f"{scope}:{code}")} for code, term in codes.items()]
    if scope != "category":
        return rows
    return sorted((row for row in rows if row["orders"]), key=lambda row: -row["orders"])


def _counts(figures: Figures, scope: str) -> Tree:
    return {metric: figures.count(metric, scope) for metric in ("orders", "urgent_orders", "overdue_orders")}


def _units(figures: Figures, names: Names) -> list[Tree]:
    """Units that have orders of the day, most orders first."""
    rows = [
        {
            "unit_code": code,
            "name": names.units.get(code, code),
            **_counts(figures, scope_of("unit", code)),
            "rates": {metric: figures.share(metric, scope_of("unit", code)) for metric in (*OTHER_RATES, *THREE_RATES)},
        }
        for code in figures.codes("orders", "unit")
    ]
    return sorted(rows, key=lambda row: (-row["orders"], row["unit_code"]))


def _townships(figures: Figures, names: Names) -> list[Tree]:
    return [
        {
            "township_code": code,
            "name": name,
            "reports": figures.count("reports", scope_of("township", code)),
            **_counts(figures, scope_of("township", code)),
        }
        for code, name in names.townships.items()
    ]


def _warnings(warnings: pl.DataFrame, names: Names) -> list[Tree]:
    return [
        {
            "warning_id": row["warning_id"],
            "period": PERIODS[row["period"]],
            "period_at": _local(row["period_at"]),
            "category": CATEGORIES[row["category"]].zh,
            "township": names.townships.get(row["township_code"], row["township_code"]),
            **{name: row[name] for name in ("count", "expected", "upper", "p_value")},
        }
        for row in warnings.sort("p_value", "warning_id").to_dicts()
    ]


def _quality(account: pl.DataFrame, quarantined: pl.DataFrame) -> Tree:
    figures = Figures(account.filter(pl.col("metric").is_in(INTAKE_ACCOUNT)))
    reasons = quarantined.select(
        pl.col("reasons").cast(pl.List(pl.String)).list.explode(keep_nulls=False, empty_as_null=False)
    )
    counted = reasons.to_series().value_counts(sort=True).rows()
    feeds = sorted(figures.codes("rows_in", "feed"), key=_feed_order)
    return {
        "window_start": _local(account["window_start"].min()) if account.height else None,
        "window_end": _local(account["window_end"].max()) if account.height else None,
        "total": {metric: figures.count(metric) for metric in INTAKE_ACCOUNT},
        "by_feed": [
            {"feed": feed, **{metric: figures.count(metric, scope_of("feed", feed)) for metric in INTAKE_ACCOUNT}}
            for feed in feeds
        ],
        "reasons": [{"code": code, "label": QUARANTINE_REASONS[code].zh, "count": count} for code, count in counted],
    }


def _feed_order(feed: str) -> tuple[int, str]:
    return (FEED_CODES.index(feed) if feed in FEED_CODES else len(FEED_CODES), feed)


def _local(instant: Any) -> str:
    return instant.astimezone(ZoneInfo(LOCAL)).isoformat(timespec="seconds")
