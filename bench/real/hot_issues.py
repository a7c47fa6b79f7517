"""Messages to a provincial leaders' board, as 12345 letters: 4,326 rows.

The set holds two date formats, tabs and newlines, and bodies that several people sent.
"""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from bench.real.packets import Item, Packet, packets

NAME = "hot_issues"
FILE = Path("complaints_zh") / "hot_issue_stream.csv.gz"
LOCAL = ZoneInfo("Asia/Shanghai")


def deliveries(data: Path) -> Iterator[Packet]:
    """Every message as one 12345 letter, in the file's order; its time goes in as the file spells it."""
    rows = pl.read_csv(data / FILE, infer_schema=False)
    yield from packets(NAME, "12345", map(_item, rows.iter_rows(named=True)))


def _item(row: dict[str, str]) -> Item:
    """Bodies stay as typed. Readers of the board are no callers: there is no phone."""
    return {
        "source_id": f"HI-{row['message_id']}",
        "revision": 0,
        "received_at": row["posted_at"],
        "updated_at": row["posted_at"],
        "kind": "complaint",
        "text": f"{row['title']}\n{row['body']}",
    }
