"""How a classifier is learned: several linear models of the same weighted characters, and what each of them counts.

No single softness suits every set of labels: few labels that differ in topic want a hard margin, labels that are a
matter of tone a soft one, rare ones a balanced one. So each is fitted, and held-out texts say how much each counts
(stacking, Wolpert 1992). All are linear in the same features: their sum is one matrix, as quick as one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse
from scipy.optimize import minimize

from jobs.models import ngrams
from jobs.models.classifier import BLOCK_WEIGHTS, CODE_VERSION, Model, weighted

RARE_FROM = 1000  # with this many texts, what only one text says is left out
START = (0.0, 2.0, 0.0, 0.5, 0.0)  # what the members count while little is known of them
MEMBERS = len(START)
NO_MATTER, LITTLE = 0.0, -4.0  # the start of what frequent labels gain, and of the doubt, as log odds
PULL = 0.02  # towards the start: keeps few texts from making a member count without end
UNSEEN = -30.0  # log chance of a label that a training part did not hold


@dataclass(frozen=True)
class Mixture:
    """What each member counts; how much frequent labels gain; the share of texts whose label says nothing of them."""

    counts: np.ndarray
    gain: float
    doubt: float


def learned(texts: pl.Series, labels: Sequence[str]) -> Model:
    """All members of normalised texts side by side: `weights` and `biases` hold every label once for each of them.

    `mixed` makes one calibrated model of it; until then its labels are those of the first member.
    """
    known, numbers = np.unique(np.asarray(labels), return_inverse=True)
    places, idf, features = _features(texts)
    fitted = [_linear(machine, features, numbers, len(known)) for machine in _members()]
    weights, biases = (np.concatenate(parts, axis=-1) for parts in zip(*fitted, strict=True))
    shares = tuple(float(share) for share in np.bincount(numbers) / len(numbers))
    sizes = tuple(len(used) for used in places)
    return Model(
        tuple(known.tolist()), np.concatenate(places), sizes, np.concatenate(idf), weights, biases,
        sharpness=1.0, threshold=0.0, version=CODE_VERSION, shares=shares,
    )  # fmt: skip


def mixed(model: Model, mixture: Mixture) -> Model:
    """One model of a model's members, which are as many as the mixture has counts."""
    shape = (len(mixture.counts), len(model.labels))
    weights = np.tensordot(model.weights.reshape(-1, *shape), mixture.counts.astype(np.float32), axes=(1, 0))
    biases = mixture.counts @ model.biases.reshape(shape) + mixture.gain * np.log(model.shares)
    return replace(model, weights=weights, biases=biases, doubt=mixture.doubt)


def by_member(found: np.ndarray, have: Sequence[str], want: Sequence[str]) -> np.ndarray:
    """Scores of a model's members as rows x members x labels wanted; not a number where a label was never seen."""
    out = np.full((len(found), MEMBERS, len(want)), np.nan, dtype=np.float32)
    out[:, :, [list(want).index(label) for label in have]] = found.reshape(len(found), MEMBERS, len(have))
    return out


def mixture_of(found: np.ndarray, truth: np.ndarray, shares: np.ndarray) -> Mixture:
    """The mixture under which held-out truths (label numbers) are likeliest. found: as `by_member` gives it.

    As if one more text had been seen with every label (Platt 1999): texts without any error do not make it certain.
    """
    start = np.array([*START, NO_MATTER, LITTLE])
    size, labels = len(truth), len(shares)
    wanted = np.full((size, labels), 1 / (size + labels) / labels)
    wanted[np.arange(size), truth] += size / (size + labels)
    is_unseen, members = np.isnan(found[:, 0]), np.nan_to_num(found)

    def surprise(at: np.ndarray) -> tuple[float, np.ndarray]:
        sure, chances = _mixed_chances(at, members, is_unseen, shares)
        steep = -wanted / chances
        doubt = _share(at[-1])
        by_score = sure * (1 - doubt) * (steep - (sure * steep).sum(axis=1, keepdims=True))
        slope = [*np.einsum("nl,nml->m", by_score, members), (by_score @ np.log(shares)).sum()]
        slope.append(float((steep * (shares - sure)).sum()) * doubt * (1 - doubt))
        off = at - start
        return float(-(wanted * np.log(chances)).sum() + PULL * (off @ off) / 2), np.array(slope) + PULL * off

    best = minimize(surprise, start, jac=True, method="L-BFGS-B").x
    return Mixture(best[:MEMBERS], float(best[-2]), _share(best[-1]))


def mixed_chances(mixture: Mixture, found: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Rows x labels: what a model so mixed says of scores as `by_member` gives them."""
    log_odds = np.log(mixture.doubt / (1 - mixture.doubt))
    at = np.array([*mixture.counts, mixture.gain, log_odds])
    return _mixed_chances(at, np.nan_to_num(found), np.isnan(found[:, 0]), shares)[1]


def _mixed_chances(
    at: np.ndarray, members: np.ndarray, is_unseen: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Without the doubt, and with it."""
    scores = np.einsum("m,nml->nl", at[:MEMBERS], members) + at[-2] * np.log(shares)
    scores = np.where(is_unseen, UNSEEN, scores)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    sure = powers / powers.sum(axis=1, keepdims=True)
    doubt = _share(at[-1])
    return sure, np.maximum((1 - doubt) * sure + doubt * shares, 1e-300)


def _share(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _features(texts: pl.Series) -> tuple[list[np.ndarray], list[np.ndarray], sparse.csr_matrix]:
    """The places in use and their weights, a block each, and the texts so weighted."""
    least = 2 if len(texts) >= RARE_FROM else 1
    places, idf, parts = [], [], []
    for counts, weight in zip(ngrams.blocks(texts), BLOCK_WEIGHTS, strict=True):
        found = np.bincount(counts.indices, minlength=ngrams.FEATURES)
        used = np.flatnonzero(found >= least).astype(np.int32)
        places.append(used)
        idf.append((np.log((1 + len(texts)) / (1 + found[used])) + 1).astype(np.float32))
        parts.append(weighted(counts, used, idf[-1], weight))
    return places, idf, sparse.hstack(parts, format="csr")


def _members() -> list[Any]:
    """Machines that are linear in their features, in the order of START. Chosen by cross-validation."""
    from sklearn.linear_model import LogisticRegression  # seconds to load, and not needed for prediction
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    def margins(softness: float) -> LinearSVC:
        return LinearSVC(C=softness, class_weight="balanced", random_state=0, max_iter=3000)

    one = LogisticRegression(solver="liblinear", dual=True, tol=1e-2, class_weight="balanced", random_state=0)
    return [margins(0.02), margins(0.2), margins(1.0), OneVsRestClassifier(one), ComplementNB(alpha=0.1)]


def _linear(machine: Any, features: sparse.csr_matrix, numbers: np.ndarray, labels: int) -> tuple:
    """Weights (features x labels) and biases of one member. A single label needs no weights."""
    if labels == 1:
        return np.zeros((features.shape[1], 1), dtype=np.float32), np.ones(1)
    weights, biases = _read(machine.fit(features, numbers))
    if labels == 2 and len(weights) == 1:
        weights, biases = np.vstack([-weights[0], weights[0]]), np.array([-1, 1]) * biases
    return weights.T.astype(np.float32), biases


def _read(machine: Any) -> tuple[np.ndarray, np.ndarray]:
    """Weights, a row a label (for two labels: one row, of the second), and biases."""
    if hasattr(machine, "estimators_"):
        each = machine.estimators_
        return np.vstack([one.coef_ for one in each]), np.concatenate([one.intercept_ for one in each])
    if hasattr(machine, "feature_log_prob_"):
        spoken = machine.feature_log_prob_
        return spoken - spoken.mean(axis=0), np.zeros(len(spoken))
    return machine.coef_, machine.intercept_
