"""Which unit takes a matter: counts, names, files and the command."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from infra.commands import route, train
from jobs.models.renaming import families, ways_of_writing
from jobs.models.router import MOMENT, UNIT, Plan, fit, planned, probabilities, ranked
from jobs.models.routing_card import TooFewRowsError, foretold, shares
from jobs.models.routing_card import train as learned

APP = typer.Typer(pretty_exceptions_enable=False)
for command in (train, route):
    command.register(APP)

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
PLAN = Plan((((), ("street",), ("street", "type")),), strength=1.0, half_life=None)
# (street, type) -> the unit that takes it; the type alone decides in streets nobody has seen
COMPETENT = {
    ("东街", "噪声"): "东街城管队",
    ("东街", "井盖"): "水务局",
    ("西街", "噪声"): "西街城管队",
    ("西街", "井盖"): "水务局",
}


def past(count: int = 120) -> pl.DataFrame:
    rows = [
        {"street": street, "type": kind, UNIT: unit, MOMENT: BEGUN + timedelta(hours=number)}
        for number, ((street, kind), unit) in zip(range(count), list(COMPETENT.items()) * count, strict=False)
    ]
    return pl.DataFrame(rows)


def asked(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["street", "type"], orient="row")


def test_counts_are_interpolated_as_by_hand():
    rows = pl.DataFrame({"street": ["a", "a", "b"], "type": ["x", "y", "x"], UNIT: ["u", "v", "v"]})
    everywhere = np.array([(1 + 0.5) / 4, (2 + 0.5) / 4])  # one row's worth of half and half
    in_a = (np.array([1, 1]) + everywhere) / 3
    in_a_x = (np.array([1, 0]) + in_a) / 2
    assert probabilities(fit(rows, PLAN), asked(("a", "x")))[0] == pytest.approx(in_a_x)


def test_what_never_occurred_leans_on_what_did():
    router = fit(past(), PLAN)
    known, unknown = ranked(router, asked(("东街", "噪声"), ("北街", "噪声")))["unit"]
    assert known == "东街城管队"
    assert unknown == "水务局"  # the commonest everywhere


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("uvw")), min_size=1, max_size=30)
)
def test_chances_sum_to_one_and_the_order_of_the_rows_does_not_matter(rows: list[tuple[str, str, str]]):
    frame = pl.DataFrame(rows, schema=["street", "type", UNIT], orient="row")
    chances = probabilities(fit(frame, PLAN), asked(("a", "x"), ("b", "z")))
    assert chances.sum(axis=1) == pytest.approx(1)
    assert probabilities(fit(frame.reverse(), PLAN), asked(("a", "x"), ("b", "z"))) == pytest.approx(chances)


def test_an_older_row_counts_less():
    rows = pl.DataFrame(
        {
            "street": ["a"] * 3,
            "type": ["x"] * 3,
            UNIT: ["old", "old", "new"],
            MOMENT: [BEGUN, BEGUN, BEGUN + timedelta(days=40)],
        }
    )
    assert ranked(fit(rows, PLAN), asked(("a", "x")))["unit"][0] == "old"
    aged = Plan(PLAN.chains, PLAN.strength, half_life=10.0)
    assert ranked(fit(rows, aged), asked(("a", "x")))["unit"][0] == "new"


def test_the_plan_finds_what_decides():
    rows = past().with_columns(noise=pl.int_range(pl.len()).cast(pl.String))
    plan = planned(rows[:90], rows[90:], ["noise", "street", "type"])
    assert not any("noise" in level for chain in plan.chains for level in chain)
    told = foretold(rows[:90], rows[90:], plan)
    assert shares(told, rows[90:][UNIT])[0] == 1.0


def test_a_unit_with_one_bracketed_form_is_one_unit():
    names = pl.Series(["城管队", "城管队（东街办事处）", "中心", "中心（甲）", "中心（乙）", "局（统计局）"])
    assert families(names) == {"城管队（东街办事处）": "城管队"}


def test_a_unit_is_written_as_it_was_lately():
    old, new = "城管队", "城管队（东街办事处）"
    same = {new: old}
    once = dict(ways_of_writing(pl.Series([old] * 20 + [new] + [old] * 5), same)[old])
    assert 0 < once[new] < 0.2
    often = dict(ways_of_writing(pl.Series([old] * 20 + [new] * 5), same)[old])
    assert often[new] > 0.6
    assert sum(often.values()) == pytest.approx(1)


def test_after_a_new_name_the_past_still_counts():
    rows = past().with_columns(
        pl.when(pl.int_range(pl.len()) >= 108).then(pl.col(UNIT) + "（区政府）").otherwise(UNIT).alias(UNIT)
    )
    best = ranked(fit(rows, PLAN), asked(("东街", "噪声"))).row(0, named=True)
    assert best["unit"] == "东街城管队（区政府）"
    assert best["top3"][1].startswith("东街城管队:")


def test_too_few_rows_are_told():
    with pytest.raises(TooFewRowsError, match="10 rows name a unit, 3 units; 50 rows and 2 units are needed"):
        learned(past(10), ["street", "type"])


def test_the_command_learns_and_routes(tmp_path: Path):
    data, model = tmp_path / "past.csv", tmp_path / "model"
    past().with_columns(pl.col(MOMENT).dt.strftime("%Y-%m-%d %H:%M:%S")).rename(
        {UNIT: "承办单位", MOMENT: "created"}
    ).write_csv(data)
    done = run("train", "router", "--data", data, "--unit", "承办单位", "--features", "street,type", "--out", model)
    assert done.exit_code == 0, done.output
    assert "| Aged by | created |" in done.output
    assert "| Frozen, first / among three | 1.000 / 1.000 |" in done.output
    assert "| Prequential, first / among three | 1.000 / 1.000 |" in done.output
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes("id,type,street\n007,噪声,西街\n8,井盖,\n".encode("gb18030"))
    assert run("route", source, target, "--model", model).exit_code == 0
    first, second = csv.DictReader(target.read_text().splitlines())
    assert list(first) == ["id", "unit", "probability", "top3"]
    assert (first["id"], first["unit"]) == ("007", "西街城管队")
    assert first["top3"].startswith(f"西街城管队:{float(first['probability']):.2f}|")
    assert second["unit"] == "水务局"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--unit", "nobody", "--features", "street"], "no column nobody"),
        (["--unit", UNIT, "--features", "street", "--time", "type"], "column type: not every row holds a moment"),
    ],
)
def test_wrong_words_are_told(tmp_path: Path, words: list[str], message: str):
    data = tmp_path / "past.csv"
    past().drop(MOMENT).write_csv(data)
    done = run("train", "router", "--data", data, *words, "--out", tmp_path / "model")
    assert (done.exit_code, message in done.output) == (2, True), done.output


def test_a_folder_without_a_router_says_how_to_make_one(tmp_path: Path):
    (tmp_path / "in.csv").write_text("id,street\n1,a\n")
    done = run("route", tmp_path / "in.csv", tmp_path / "out.csv", "--model", tmp_path / "nothing")
    assert (done.exit_code, "ninelines train router --data" in done.output) == (2, True)


def run(*words: object):
    return CliRunner().invoke(APP, [str(word) for word in words])
