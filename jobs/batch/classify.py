"""classify: category, urgency, police or not, for every report that has no classification yet."""

import polars as pl

from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.model_files import classifier_folder, live_urgency, load
from jobs.models.deciding_category import SOURCE, classified
from jobs.models.raising_urgency import urgency_of
from schemas.regulation import RuleError, load_regulation
from schemas.vocabulary import CATEGORIES


def run(context: Context) -> Result:
    """Classify new reports, each by its newest revision. A report is classified once; later revisions keep the row.

    Raises DataError without a usable model, NothingToDoError when every report has its classification.
    """
    model = load(classifier_folder(context.settings.state_dir))
    if unknown := set(model.labels) - set(CATEGORIES):
        raise DataError(
            f"the live classifier {model.version} gives labels that are no categories of ours: "
            f"{', '.join(sorted(unknown))}; train one with the codes of CATEGORIES (schemas/vocabulary.py) as labels"
        )
    reports = context.lake.current_reports()
    reports = reports.join(context.lake.read("gold.classifications", ["report_id"]), on="report_id", how="anti")
    if reports.is_empty():
        raise NothingToDoError("every report has its classification")
    rows = classified(reports, _urgency(context, reports), model, context.now)
    written = context.lake.append_new("gold.classifications", rows)
    guessed = rows.filter(pl.col("model_version") != SOURCE)
    return {
        "reports": written, "named_by_source": rows.height - guessed.height, "guessed": guessed.height,
        "abstained": int(guessed["abstained"].sum()), "urgent": int(rows["is_urgent"].sum()), "model": model.version,
    }  # fmt: skip


def _urgency(context: Context, reports: pl.DataFrame) -> pl.DataFrame:
    """report_id, is_urgent, urgency_terms, by the words of urgency of the day each report came in."""
    try:
        regulation = load_regulation(context.settings.rules_dir)
    except RuleError as error:
        raise DataError(str(error)) from error
    return urgency_of(reports, regulation, live_urgency(context.settings.state_dir))
