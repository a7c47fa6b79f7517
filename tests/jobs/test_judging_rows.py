"""Judged rows cross Spark in packs that fit a message, whatever the sizes of the texts that come together."""

import pyarrow as pa

from jobs.settings import Settings
from jobs.streaming.judging_rows import MOST_BYTES, judged_rows, unpacked
from jobs.transforms.caller_tokens import as_keys
from schemas.feeds import FEEDS
from tests.transforms.messages import KEY, raw

SHORT = FEEDS["110"].samples[0].payload
LONG = SHORT.replace("争吵".encode(), "争吵".encode() * 100_000)


def test_long_texts_that_come_together_are_cut_by_their_true_size():
    messages = raw(*[("110", SHORT)] * 300, *[("110", LONG)] * 6)
    found = judged_rows(iter(messages.to_arrow().to_batches()), as_keys(KEY), Settings().rules_dir)
    packs = [unpacked(pa.Table.from_batches([pack])) for pack in found]
    assert sum(pack.num_rows for pack in packs) == 306
    assert all(pack.nbytes <= MOST_BYTES or pack.num_rows == 1 for pack in packs)
    assert max(pack.num_rows for pack in packs) > 100  # the short ones go together
