# ruff: noqa: E501 - tables and texts read best in rows
"""Encodings that lie, markup that must not be opened, formats that break."""

import time
import tracemalloc

import pytest

from jobs.transforms.decoding import decode
from jobs.transforms.encodings import decoded
from schemas.feeds import FEEDS
from schemas.feeds.forbidden import _remembered, forbidden_field
from tests.transforms.messages import cleaned

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


def bomb(levels):
    entities = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, levels))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x0 "aaaaaaaaaa">{entities}]><Notify><CmdType>&x{levels - 1};</CmdType></Notify>'


MIB = 1024 * 1024
ATTACKS = {
    "billion laughs": (bomb(10), "forbidden_markup"),
    "quadratic blow-up": (f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><Notify>{"&a;" * 50_000}</Notify>', "forbidden_markup"),
    "a file": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><Notify><CmdType>&a;</CmdType></Notify>', "forbidden_markup"),
    "an address": ('<!DOCTYPE x [<!ENTITY a SYSTEM "http://192.0.2.1/">]><Notify><CmdType>&a;</CmdType></Notify>', "forbidden_markup"),
    "a parameter entity": ('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://192.0.2.1/x.dtd">%a;]><Notify/>', "forbidden_markup"),
    "a DTD elsewhere": ('<!DOCTYPE Notify SYSTEM "http://192.0.2.1/x.dtd"><Notify/>', "forbidden_markup"),
    "a DTD after a comment": ("<?xml version='1.0'?><!-- x --><!DOCTYPE Notify><Notify/>", "forbidden_markup"),
    "an entity nobody declares": ("<Notify><CmdType>&lol;</CmdType></Notify>", "malformed_payload"),
    "an include": ('<Notify xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="file:///etc/hostname" parse="text"/></Notify>', "unknown_message"),
    "deep": ("<a>" * (MIB // 4), "malformed_payload"),
    "deep and closed": ("<a>" * 130_000 + "</a>" * 130_000, "malformed_payload"),
    "wide": (f"<Notify>{'<a/>' * (MIB // 5)}</Notify>", "unknown_message"),
    "many names": (f"<Notify>{''.join(f'<a{n}/>' for n in range(MIB // 14))}</Notify>", "unknown_message"),
    "many attributes": ("<Notify " + " ".join(f'a{n}=""' for n in range(MIB // 14)) + "/>", "unknown_message"),
    "many name spaces": ("<Notify " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(MIB // 24)) + "/>", "unknown_message"),
    "a huge attribute": (f'<Notify a="{"x" * (MIB - 100)}"/>', "unknown_message"),
    "huge text": (f"<Notify><CmdType>{'x' * (MIB - 100)}</CmdType></Notify>", "unknown_message"),
    "character references": (f"<Notify><CmdType>{'&#60;' * (MIB // 6)}</CmdType></Notify>", "unknown_message"),
    "too large": ("<Notify>" + " " * MIB + "</Notify>", "too_large"),
    "deep JSON": ('{"Notify":' + "[" * 500_000, "malformed_payload"),
    "deep and closed JSON": ("[" * 1_000 + "]" * 1_000, "malformed_payload"),
    "many JSON names": ("{" + ",".join(f'"a{n}": 1' for n in range(MIB // 14)) + "}", "unknown_message"),
    "many boundaries": ("--b\n" + "\n--b" * (MIB // 4), "unknown_message"),
    "endless headers": ("MESSAGE x SIP/2.0\r\n" + "a: b\r\n" * (MIB // 7), "unknown_message"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused_in_bounded_time_and_memory(name):
    message, reason = ATTACKS[name]
    payload = message.encode()
    begun = time.process_time()
    found = cleaned("video", payload)
    spent = time.process_time() - begun
    assert [record["reasons"] for record in found][:1] == [[reason]]
    assert spent < 2, "two seconds leave room for a busy machine"
    tracemalloc.start()
    decode(payload, FEEDS["video"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * MIB


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "gb18030"])
def test_a_document_type_hides_in_no_encoding(encoding):
    message = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><Notify><CmdType>&a;</CmdType></Notify>'
    assert [found.reason for found in decode(message.encode(encoding), FEEDS["video"])] == ["forbidden_markup"]


def test_strangers_names_do_not_fill_the_memory():
    for number in range(20):
        decode(("{" + ",".join(f'"n{number}x{n}": 1' for n in range(5_000)) + "}").encode(), FEEDS["video"])
    assert forbidden_field({f"n{n}": 1 for n in range(5_000)}) is None
    assert _remembered.cache_info().currsize <= _remembered.cache_info().maxsize
    before = _remembered.cache_info().currsize
    forbidden_field({f"m{n}": 1 for n in range(5_000)})
    assert _remembered.cache_info().currsize == before
