"""Texts as counts of their characters and character pairs, hashed into a fixed space: no word list, no cutter.

Chinese is not cut into words here; pairs of characters serve as words do. Spaces, punctuation, digits and the commonest
function words are left out first, so that a text as typed and one cut into words without stop words look alike.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy import sparse

BITS = 20  # 2**20 places: 100,000 texts fill about a third of them
FEATURES = 1 << BITS
LENGTHS = (1, 2)  # longer runs made cross-validated macro-F1 worse
MOST_CHARACTERS = 4000  # of one text: what comes later is quotation and attachments
CHUNK = 5000  # texts counted at a time: keeps memory flat
END = ord("\n")
FUNCTION_WORDS = "的了是我你您他她它们在和与及或就都也很到要这那被把让给对从向于之其为以等吗呢吧啊呀么"
LEFT_OUT = rf"[\s\d\x00\p{{P}}\p{{S}}{FUNCTION_WORDS}]+"
MULTIPLIER, MIXER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def normalised(texts: pl.Series) -> pl.Series:
    """Texts in one form: NFKC, lower case, only what carries meaning. A missing text is empty."""
    plain = texts.cast(pl.String).fill_null("").str.normalize("NFKC").str.to_lowercase()
    return plain.str.replace_all(LEFT_OUT, "").str.slice(0, MOST_CHARACTERS)


def counted(texts: pl.Series, length: int) -> sparse.csr_matrix:
    """One row a normalised text: 1 + ln(times) of each run of `length` characters in it, at the run's hash."""
    parts = [_counted(texts.slice(start, CHUNK), length) for start in range(0, max(len(texts), 1), CHUNK)]
    return sparse.vstack(parts, format="csr", dtype=np.float32)


def blocks(texts: pl.Series) -> Iterator[sparse.csr_matrix]:
    """The counts of each run length in use, as `counted`."""
    for length in LENGTHS:
        yield counted(texts, length)


def runs(texts: pl.Series, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each run of `length` characters of normalised texts: its text's number, where in it the run begins, its hash."""
    codes = np.frombuffer("".join(text + "\n" for text in texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    is_end = codes == END
    rows = np.cumsum(is_end) - is_end
    starts = max(len(codes) - length + 1, 0)
    places, is_inside = np.full(starts, length, dtype=np.uint64), np.ones(starts, dtype=bool)
    for step in range(length):
        places = places * MULTIPLIER + codes[step : step + starts]
        is_inside &= ~is_end[step : step + starts]
    places = ((places ^ (places >> np.uint64(31))) * MIXER) >> np.uint64(64 - BITS)
    begins = np.concatenate([[0], np.flatnonzero(is_end) + 1])
    inside = np.flatnonzero(is_inside)
    return rows[inside], inside - begins[rows[inside]], places[inside]


def _counted(texts: pl.Series, length: int) -> sparse.csr_matrix:
    rows, _, places = runs(texts, length)
    keys = (rows.astype(np.uint64) << np.uint64(BITS)) | places
    return _tallied(np.sort(keys), len(texts))


def _tallied(keys: np.ndarray, texts: int) -> sparse.csr_matrix:
    """keys: sorted `row << BITS | place`, one an occurrence."""
    is_first = np.concatenate([np.ones(min(len(keys), 1), dtype=bool), keys[1:] != keys[:-1]])
    first = np.flatnonzero(is_first)
    times = np.diff(np.append(first, len(keys)))
    places = (keys[first] & np.uint64(FEATURES - 1)).astype(np.int32)
    ends = np.searchsorted(keys[first] >> np.uint64(BITS), np.arange(texts + 1))
    return sparse.csr_matrix((1 + np.log(times.astype(np.float32)), places, ends), shape=(texts, FEATURES))
