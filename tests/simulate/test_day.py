"""The simulated day: the same bytes each time, a truth that counts what is there, and what must be planted."""

from collections import Counter
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from jobs.simulate.day import simulated
from jobs.simulate.load import Load
from schemas.areas import load_county
from schemas.feeds import FEEDS
from schemas.vocabulary import CATEGORIES

DAY = date(2025, 11, 21)
LOCAL = ZoneInfo("Asia/Shanghai")


@cache
def a_day(seed: int = 9, events: int = 3000) -> Load:
    return simulated(DAY, seed, events, load_county())


def firsts(load: Load):
    return [fate for fate in load.truth.fates if fate.outcome == "clean" and fate.revision == 0]


def test_the_same_seed_gives_the_same_bytes():
    one, other = (simulated(DAY, 3, 400, load_county()) for _ in range(2))
    assert one.messages == other.messages
    assert one.truth == other.truth


def test_another_seed_gives_another_day():
    assert not {m.payload for m in a_day(9).messages} & {m.payload for m in a_day(10).messages if len(m.payload) > 100}


def test_too_few_events_are_refused():
    with pytest.raises(ValueError, match="at least 100"):
        simulated(DAY, 1, 99, load_county())


def test_every_message_has_its_fates_and_the_counts_are_theirs():
    load = a_day()
    keys = [(message.ce_id, message.copy_no) for message in load.messages]
    assert len(set(keys)) == len(keys)
    assert {(fate.ce_id, fate.copy_no) for fate in load.truth.fates} == set(keys)
    assert sum(sum(counts.values()) for counts in load.truth.counts.values()) == len(load.truth.fates)


def test_every_feed_speaks_and_all_but_a_few_are_sound():
    counts = a_day().truth.counts
    assert set(FEEDS) <= set(counts)
    total = sum((count for count in counts.values()), Counter())
    assert 0.03 < total["redelivered"] / total["clean"] < 0.08
    assert total["quarantined"] == 30


def test_a_redelivery_has_the_bytes_and_the_id_of_the_first():
    first = {m.ce_id: m.payload for m in a_day().messages if m.copy_no == 0}
    copies = [m for m in a_day().messages if m.copy_no]
    assert copies
    assert all(first[copy.ce_id] == copy.payload for copy in copies)


def test_a_redelivery_comes_after_the_first():
    place = {(m.ce_id, m.copy_no): number for number, m in enumerate(a_day().messages)}
    assert all(place[ce_id, 0] < number for (ce_id, copy_no), number in place.items() if copy_no)


def test_some_arrive_out_of_order():
    at = [fate.received_at for fate in a_day().truth.fates if fate.received_at]
    assert sum(later < earlier - timedelta(hours=1) for earlier, later in pairwise(at)) > 5


def test_every_report_is_of_the_day():
    assert {fate.received_at.astimezone(LOCAL).date() for fate in firsts(a_day())} == {DAY}


def test_one_fire_is_told_by_seven_callers_on_three_lines_within_minutes():
    incidents = Counter(fate.incident for fate in firsts(a_day()) if fate.category == "fire" and fate.is_urgent)
    incident, callers = incidents.most_common(1)[0]
    told = [fate for fate in firsts(a_day()) if fate.incident == incident]
    assert callers == 7
    assert {fate.feed for fate in told} == {"110", "119", "120"}
    assert max(f.received_at for f in told) - min(f.received_at for f in told) < timedelta(minutes=11)


def test_the_outbreak_is_in_one_township_within_three_hours():
    told = [fate for fate in firsts(a_day()) if fate.outbreak]
    assert 25 <= len(told) <= 40
    assert {fate.category for fate in told} == {"water_pollution"}
    assert len({fate.township_code for fate in told}) == 1
    assert max(f.received_at for f in told) - min(f.received_at for f in told) <= timedelta(hours=3)


def test_a_revision_says_more_under_the_same_id():
    by_id = {(f.source_id, f.revision): f for f in a_day().truth.fates if f.outcome == "clean"}
    revised = [fate for fate in by_id.values() if fate.revision]
    assert revised
    for fate in revised:
        assert fate.text.startswith(by_id[fate.source_id, fate.revision - 1].text)


def test_personal_pieces_stand_where_the_truth_says():
    spans = [(fate.text, span) for fate in firsts(a_day()) for span in fate.spans]
    assert {span.kind for _, span in spans} == {"phone", "identity_number", "plate", "name", "door", "look_alike"}
    assert all(text[span.start : span.end] == span.value for text, span in spans)


def test_texts_are_diverse():
    texts = [fate.text for fate in firsts(a_day()) if fate.feed != "video"]
    assert len(set(texts)) / len(texts) > 0.95
    assert {fate.category for fate in firsts(a_day())} >= set(CATEGORIES) - {"flood"}
