"""The adapters of the real sets, on invented rows of the same shape: each row becomes one clean record."""

import gzip
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from bench.real import county, hot_issues, montgomery, payloads, pingshan
from bench.real.packets import Packet
from jobs.settings import ROOT
from jobs.transforms.cleaning import clean
from schemas.areas import load_county
from schemas.regulation.loading import load_regulation
from tests.transforms.messages import RAW

PINGSHAN = """REC_ID,REPORT_NUM,CREATE_TIME,DISTRICT_NAME,STREET_NAME,COMMUNITY_NAME,\
EVENT_TYPE_NAME,MAIN_TYPE_NAME,SUB_TYPE_NAME,EVENT_SRC_NAME,EVENT_PROPERTY_NAME
1,1,2018-07-04 17:24:41,某区,东街街道,一社区,环保水务,工业噪声,工厂噪声,12345,投诉
2,1,2018-07-04 17:25:41,某区,西街街道,二社区,市容环卫,市容城管,乱摆卖,美丽深圳,投诉
3,1,2018-07-05 09:00:00,-,-,-,劳动社保,劳动就业,劳动就业,@坪山,-
"""
HOT = """message_id,user_code,title,posted_at,body,dislikes,likes
7,A1,路灯不亮,2019/2/8 9:25:05,"同样的话
\t第二行",0,0
8,A2,路灯不亮,2019-02-08 09:25:05,"同样的话
\t第二行",0,0
"""
MONTGOMERY = """lat,lng,desc,zip,title,timeStamp,twp,addr,e
40.1,-75.3,A ST & B ST; NORTHTOWN; 2016-01-02,1,EMS: FEVER,2016-01-02 10:00:00,NORTHTOWN,A ST & B ST,1
40.2,-75.4,A ST & B ST; SOUTHTOWN; 2016-01-02,1,Fire: BUILDING FIRE,2016-07-02 10:00:00,SOUTHTOWN,A ST & B ST,1
40.3,-75.5,A ST & B ST; 2016-01-02,,Traffic: VEHICLE ACCIDENT -,2016-01-02 10:00:00,,,1
"""
ALARM = "<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>34010000001320000001</DeviceID><AlarmMethod>5</AlarmMethod><AlarmTime>2023-08-09T07:38:35</AlarmTime></Notify>"  # noqa: E501 - one message


@pytest.fixture
def data(tmp_path: Path) -> Path:
    events = Path(pingshan.FOLDER) / "events.csv.gz"
    for path, text in ((events, PINGSHAN), (hot_issues.FILE, HOT), (montgomery.FILE, MONTGOMERY)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(gzip.compress(text.encode()))
    for folder in payloads.FEED_OF:
        (tmp_path / "payloads" / folder).mkdir(parents=True)
    (tmp_path / "payloads" / "gb28181" / "one.xml").write_bytes(ALARM.encode())
    return tmp_path


def cleaned(packets: list[Packet], rules: Path) -> pl.DataFrame:
    now = datetime.now(UTC)
    raw = pl.DataFrame(
        [(one.message.topic, one.message.feed, one.message.ce_id, now, one.message.payload) for one in packets],
        schema=RAW,
        orient="row",
    )
    return clean(raw, b"a key for tests", load_county(rules)).sort("source_id")


def rules_for(data: Path) -> Path:
    folder = data / "rules"
    county.write_rules(folder, sorted({*pingshan.townships(data), *montgomery.townships(data)}))
    return folder


def test_pingshan_goes_to_12345_and_grid_with_its_streets(data):
    rows = cleaned(list(pingshan.deliveries(data)), rules_for(data))
    assert rows["reasons"].list.len().sum() == 0
    assert rows.select("source_id", "feed", "kind", "category").rows() == [
        ("PS-1", "12345", "complaint", "noise"),
        ("PS-2", "grid", "inspection", "city_appearance"),
        ("PS-3", "12345", "help", "labour"),
    ]
    assert rows["township_code"].is_null().to_list() == [False, False, True]


def test_hot_issues_of_both_date_formats_are_read_and_repeated_bodies_stay_two(data):
    rows = cleaned(list(hot_issues.deliveries(data)), rules_for(data))
    assert rows["received_at"].to_list() == [datetime(2019, 2, 8, 1, 25, 5, tzinfo=UTC)] * 2
    assert rows["text"].to_list() == ["路灯不亮 同样的话 第二行"] * 2
    assert rows["report_id"].n_unique() == 2


def test_montgomery_keeps_its_points_and_its_clock(data):
    rows = cleaned(list(montgomery.deliveries(data)), rules_for(data))
    assert rows["reasons"].list.len().sum() == 0
    assert rows.select("feed", "category", "lat", "lon").rows() == [
        ("120", "medical", 40.1, -75.3), ("119", "fire", 40.2, -75.4), ("122", "traffic_accident", 40.3, -75.5),
    ]  # fmt: skip
    winter, summer = datetime(2016, 1, 2, 15, tzinfo=UTC), datetime(2016, 7, 2, 14, tzinfo=UTC)
    assert rows["received_at"].to_list() == [winter, summer, winter]


def test_payloads_go_in_byte_for_byte(data):
    packets = list(payloads.deliveries(data))
    assert [one.message.payload for one in packets] == [ALARM.encode()]
    assert cleaned(packets, rules_for(data))["reasons"].to_list() == [[]]


def test_the_rules_made_for_the_data_have_no_fault(data):
    folder = rules_for(data)
    names = [township.name for township in load_county(folder).townships]
    assert names == ["NORTHTOWN", "SOUTHTOWN", "东街街道", "西街街道"]
    load_regulation(folder)


def test_without_the_data_it_says_what_is_missing(tmp_path):
    command = [sys.executable, "-m", "bench.real", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "lacks" in done.stdout
