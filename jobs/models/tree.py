"""Labels that are paths in a tree, `民生/供水/停水`: what is sure of the coarser levels when the leaf is not."""

import numpy as np
import polars as pl

from jobs.models import ngrams
from jobs.models.classifier import Model, chances

BRANCH = "/"


def paths(rows: pl.DataFrame, columns: list[str]) -> pl.Series:
    """The label of each row: its levels, coarsest first, up to the first empty one. A `/` in a name becomes `／`."""
    parts = [pl.col(name).str.strip_chars().str.replace_all(BRANCH, "／", literal=True) for name in columns]
    said = [pl.all_horizontal(part != "" for part in parts[: number + 1]) for number in range(len(parts))]
    told = [pl.when(is_said).then(part) for part, is_said in zip(parts, said, strict=True)]
    return rows.select(pl.concat_str(told, separator=BRANCH, ignore_nulls=True).alias("label")).to_series()


def depth(model: Model) -> int:
    """How many levels its labels have; 1 where they are no tree."""
    return max((label.count(BRANCH) + 1 for label in model.labels), default=1)


def levels(model: Model, texts: pl.Series) -> pl.DataFrame:
    """For each level n of the tree `level<n>`, the likeliest branch so far, and its probability `level<n>_probability`.

    A branch is as likely as all its leaves together.
    """
    likely = chances(model, ngrams.normalised(texts))
    columns: dict[str, pl.Series] = {}
    for level in range(1, depth(model) + 1):
        branch_of = [BRANCH.join(label.split(BRANCH)[:level]) for label in model.labels]
        branches = sorted(set(branch_of))
        belongs = np.array([[float(one == branch) for branch in branches] for one in branch_of])
        found = likely @ belongs
        best = found.argmax(axis=1)
        columns[f"level{level}"] = pl.Series([branches[number] for number in best], dtype=pl.String)
        columns[f"level{level}_probability"] = pl.Series(found[np.arange(len(best)), best], dtype=pl.Float64)
    return pl.DataFrame(columns)
