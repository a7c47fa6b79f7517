"""A challenger for the model in use: trained, or only calibrated anew, and held against it on weeks that neither saw.

What is judged is what may go live: nothing is fitted on the held-out weeks afterwards. The same labels give the same
trial, in whatever order they come.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar

import numpy as np
import polars as pl

from jobs.models import ngrams, router, routing_card, scorecard
from jobs.models.calibration import probabilities, sharpness_of, threshold_of
from jobs.models.challenge import OF_CLASSIFIER, OF_ROUTER, Figure, compared
from jobs.models.classifier import Model, one_each, predicted, scores
from jobs.models.deciding_category import SOURCE
from jobs.transforms.corrections import CORRECTED
from jobs.transforms.held_out import WEEKS, held_out, without_copies

CHALLENGER, RECALIBRATION = "challenger", "recalibration"
FEWEST_LABELS = 200  # that the champion has not learned from: below it only its calibration is fitted anew
FEWEST_JUDGED = 100
FEWEST_CALIBRATED = 50  # labels by people, to fit the calibration on, and as many later ones to judge it by
Labels = pl.DataFrame
M = TypeVar("M", Model, router.Router)


class TooFewLabelsError(ValueError):
    """There is too little to learn from. Says what is there and what it takes."""


@dataclass(frozen=True)
class Trial(Generic[M]):
    """A challenger, and how it did beside the champion.

    learnt_until: up to when it knows labels; None: unknown. unlearned: labels that the champion knows and it does not.
    """

    kind: str
    model: M
    version: str
    card: dict[str, Any]
    page: str
    learnt_until: datetime | None
    held_out_from: datetime
    held_out_until: datetime
    labels_learnt: int
    labels_judged: int
    corrected: int
    figures: list[Figure]
    unlearned: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """The trial for the version's card, JSON-ready."""
        names = ("kind", "labels_learnt", "labels_judged", "corrected")
        moments = ("learnt_until", "held_out_from", "held_out_until")
        at = {name: getattr(self, name).isoformat() if getattr(self, name) else None for name in moments}
        return {name: getattr(self, name) for name in names} | at | {"figures": [asdict(one) for one in self.figures]}


@dataclass(frozen=True)
class Champion(Generic[M]):
    """The model in use, with its card. learnt_until: up to when it knows labels; None: it was trained by hand."""

    model: M
    card: dict[str, Any]
    learnt_until: datetime | None = None


def classifier_trial(
    champion: Champion[Model], labels: Labels, weeks: int = WEEKS, given: pl.DataFrame | None = None
) -> Trial[Model]:
    """A trained challenger where there are labels enough, else the champion calibrated anew. Raises TooFewLabelsError.

    labels: rows of `corrections.category_labels`. given: further `text` and `label` to train on, such as the county's
    own history; copies of held-out texts are left out of these too.
    """
    known, judged = held_out(labels, weeks)
    texts = one_each(judged["text"], judged["label"])
    fresh, enough = _fresh(champion, known), one_each(known["text"], known["label"]).height
    if min(fresh, enough) < FEWEST_LABELS or texts.height < FEWEST_JUDGED:
        return _calibrated(champion, judged, _too_few("classifier", fresh, judged.height, weeks))
    taught = pl.concat([without_copies(_given(given), judged), known.select("text", "label")])
    note = f"{known.height} labels known until {_cut(judged)}, {taught.height - known.height} given ones"
    model, card = scorecard.train(taught["text"], taught["label"], note)
    figures = compared(_guesses(champion.model, texts), _guesses(model, texts), texts["label"])
    return Trial(
        CHALLENGER, model, card.version, scorecard.as_record(card), scorecard.as_markdown(card),
        _last(known), *_span(judged), taught.height, texts.height, _corrected(judged), figures,
        tuple(sorted(set(champion.model.labels) - set(model.labels))),
    )  # fmt: skip


def router_trial(
    champion: Champion[router.Router],
    labels: Labels,
    columns: Sequence[str],
    from_probability: float,
    weeks: int = WEEKS,
) -> Trial[router.Router]:
    """A trained challenger. Raises TooFewLabelsError. From which probability on a router decides is a dated rule of the
    county's, `routing.toml`, and no part of a version: there is nothing to calibrate.

    labels: rows of `corrections.unit_labels`; columns: the codes to go by.
    """
    rows = labels.sort("accepted_at", "order_id").rename({"label": router.UNIT, "accepted_at": router.MOMENT})
    known, judged = held_out(rows, weeks)
    fresh = _fresh(champion, known)
    if fresh < FEWEST_LABELS or judged.height < FEWEST_JUDGED:
        raise TooFewLabelsError(_too_few("router", fresh, judged.height, weeks))
    note = f"{known.height} labels known until {_cut(judged)}"
    try:
        model, card = routing_card.train(known, columns, note, "accepted_at")
    except routing_card.TooFewRowsError as error:
        raise TooFewLabelsError(f"router: {error}") from error
    ours, theirs = (_routed(one, judged, from_probability) for one in (champion.model, model))
    figures = compared(ours, theirs, judged[router.UNIT], OF_ROUTER)
    return Trial(
        CHALLENGER, model, card.version, asdict(card), routing_card.as_markdown(card), _last(known),
        *_span(judged), known.height, judged.height, _corrected(judged), figures,
    )  # fmt: skip


def recalibrated(champion: Model, rows: pl.DataFrame) -> Model:
    """The champion with temperature and threshold fitted on other texts. rows: as `one_each` gives them."""
    found = scores(champion, rows["text"])
    truth = np.array([champion.labels.index(label) if label in champion.labels else -1 for label in rows["label"]])
    is_known, doubt = truth >= 0, (champion.doubt, champion.shares)
    sharpness = sharpness_of(found[is_known], truth[is_known], *doubt) if is_known.any() else champion.sharpness
    chances = probabilities(found, sharpness, *doubt)
    threshold = threshold_of(chances.max(axis=1), chances.argmax(axis=1) == truth)
    digest = sha256("\n".join(f"{label}\t{text}" for text, label in rows.rows()).encode()).hexdigest()
    version = f"{champion.version.partition('+')[0]}+{digest[:8]}"
    return replace(champion, sharpness=sharpness, threshold=threshold, version=version)


def _calibrated(champion: Champion[Model], labels: Labels, too_few: str) -> Trial[Model]:
    """Fitted on the older half of what people said in the last weeks, judged on the newer one."""
    by_people = labels.filter(pl.col("how") != SOURCE)
    is_late = pl.col("known_at") > pl.col("known_at").median()
    later = by_people.filter(is_late)
    earlier = without_copies(by_people.filter(~is_late), later)
    fitted, judged = (one_each(part["text"], part["label"]) for part in (earlier, later))
    if min(fitted.height, judged.height) < FEWEST_CALIBRATED:
        raise TooFewLabelsError(
            f"{too_few}; to calibrate it anew: {fitted.height} and {judged.height} different texts with people's "
            f"labels in the two halves of these weeks, it takes {FEWEST_CALIBRATED} in each"
        )
    model = recalibrated(champion.model, fitted)
    figures = compared(_guesses(champion.model, judged), _guesses(model, judged), judged["label"], OF_CLASSIFIER)
    page = f"# Scorecard of {model.version}\n\nCalibrated anew; otherwise as {champion.model.version}.\n"
    changed = {"version": model.version, "threshold": model.threshold}
    return Trial(
        RECALIBRATION, model, model.version, champion.card | changed, page, champion.learnt_until, *_span(later),
        fitted.height, judged.height, _corrected(later), figures,
    )  # fmt: skip


def _given(rows: pl.DataFrame | None) -> pl.DataFrame:
    return (
        pl.DataFrame(schema={"text": pl.String, "label": pl.String}) if rows is None else rows.select("text", "label")
    )


def _guesses(model: Model, texts: pl.DataFrame) -> pl.DataFrame:
    cleaned = ngrams.normalised(texts["text"])
    return predicted(model, cleaned).with_columns(is_decided=~pl.col("abstained"))


def _routed(model: router.Router, rows: pl.DataFrame, from_probability: float) -> pl.DataFrame:
    told = router.ranked(model, rows).rename({"unit": "label"})
    return told.with_columns(is_decided=pl.col("probability") >= from_probability)


def _fresh(champion: Champion[M], known: Labels) -> int:
    """Labels that the champion has not learned from."""
    since = champion.learnt_until
    return known.height if since is None else known.filter(pl.col("known_at") > since).height


def _too_few(name: str, fresh: int, judged: int, weeks: int) -> str:
    return (
        f"{name}: {fresh} new labels known before the last {weeks} weeks, it takes {FEWEST_LABELS}; "
        f"{judged} in these weeks, it takes {FEWEST_JUDGED}"
    )


def _corrected(judged: Labels) -> int:
    return judged.filter(pl.col("how") == CORRECTED).height


def _cut(judged: Labels) -> str:
    return f"{_span(judged)[0]:%Y-%m-%d %H:%M} UTC"


def _span(judged: Labels) -> tuple[datetime, datetime]:
    first = judged["known_at"].min()
    assert isinstance(first, datetime)
    return first, _last(judged)


def _last(labels: Labels) -> datetime:
    found = labels["known_at"].max()
    assert isinstance(found, datetime)
    return found
