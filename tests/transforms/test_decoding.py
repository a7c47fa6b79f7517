# ruff: noqa: E501 - tables and texts read best in rows
"""Encodings that lie, markup that must not be opened, formats that break."""

import pytest

from jobs.transforms.decoding import decode
from jobs.transforms.encodings import decoded
from schemas.feeds import FEEDS

WORDS = "视频动检，东湖街道人民路口"


@pytest.mark.parametrize(
    ("written", "declared", "usual"),
    [
        ("utf-8", None, "utf-8"), ("utf-8", "GB2312", "gb18030"), ("utf-8", "gbk", "utf-8"), ("gb18030", None, "gb18030"),
        ("gb18030", "UTF-8", "utf-8"), ("gb18030", "ISO-8859-1", "utf-8"), ("gb18030", None, "utf-8"), ("utf-8", None, "gb18030"),
        ("utf-8-sig", "GB2312", "gb18030"), ("utf-16", None, "utf-8"), ("big5", "Big5", "utf-8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("words", [WORDS, "视频动检", "水管爆裂" * 40])
def test_text_is_read_whatever_is_declared(words, written, declared, usual):
    if written == "big5":
        words = "漏電嚴重"
    text = decoded(f"<a>{words}</a>".encode(written), declared, usual)
    assert text is not None and text.words == f"<a>{words}</a>"


def test_a_character_cut_at_the_end_does_not_hide_the_encoding():
    text = decoded(WORDS.encode()[:-1], None, "utf-8")
    assert text is not None and text.words == WORDS[:-1] + "\ufffd"


def test_bytes_of_no_encoding_are_not_guessed():
    assert decoded(b"\xff\xff\x80" + WORDS.encode(), None, "utf-8") is None


@pytest.mark.parametrize(
    "markup",
    [
        '<!DOCTYPE a SYSTEM "file:///etc/hostname">',
        '<!doctype a [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
        "<! ENTITY x>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_document_types_and_entities_are_refused_in_any_encoding(markup, encoding):
    payload = f"{markup}<FireAlarms><Alarm><AlarmNo>路</AlarmNo></Alarm></FireAlarms>".encode(encoding)
    assert [found.reason for found in decode(payload, FEEDS["119"])] == ["forbidden_markup"]


@pytest.mark.parametrize(
    ("feed", "payload", "reason"),
    [
        ("110", None, "empty_payload"),
        ("110", b" \r\n", "empty_payload"),
        ("110", b"{}" + b" " * 1024 * 1024, "too_large"),
        ("110", b"[" * 5_000, "malformed_payload"),
        ("110", b'{"a": NaN}', "malformed_payload"),
        ("119", b"<a>" * 5_000, "malformed_payload"),
        ("119", b"<FireAlarms>&undefined;</FireAlarms>", "malformed_payload"),
        ("119", b"<FireAlarms/>", "unknown_message"),
        ("12350", b'report_no\r\n"1', "malformed_payload"),
        ("12315", b"regNo", "malformed_payload"),
    ],
)
def test_what_cannot_be_read_has_one_reason(feed, payload, reason):
    assert [found.reason for found in decode(payload, FEEDS[feed])] == [reason]


def test_deep_json_is_refused_in_short_time():
    payload = b'{"JJDBH": "1", "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    assert decode(payload, FEEDS["110"])[0].item is not None


def test_repeated_elements_become_a_list_and_name_spaces_do_not_matter():
    payload = b'<x:Notify xmlns:x="urn:y"><x:DeviceID>1</x:DeviceID><x:DeviceID>2</x:DeviceID><Info><AlarmType/></Info></x:Notify>'
    assert decode(payload, FEEDS["video"])[0].item == {"Notify": {"DeviceID": ["1", "2"], "Info": {"AlarmType": ""}}}


def test_plus_signs_and_percent_codes_of_a_form():
    assert decode(b"regNo=a+b%2Bc&content=%D6%D0+x", FEEDS["12315"])[0].item == {"regNo": "a b+c", "content": "中 x"}
