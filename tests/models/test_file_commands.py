"""`ninelines train`, `classify` and `warn` on files as people make them."""

import csv
import gzip

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from infra.commands import classify, train, warn
from jobs.models.tree import paths
from tests.models.test_classifier import LABELS, TEXTS

APP = typer.Typer(pretty_exceptions_enable=False)
for command in (train, classify, warn):
    command.register(APP)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    data = folder / "labelled.csv.gz"
    lines = [f"{text},{label}" for text, label in zip(TEXTS, LABELS, strict=True)]
    data.write_bytes(gzip.compress("\n".join(["text,label", *lines]).encode("utf-8-sig")))
    done = run("train", "classifier", "--data", data, "--out", folder / "out")
    assert done.exit_code == 0, done.output
    assert "Macro-F1" in done.output
    return folder / "out"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_classify_reads_what_offices_save(model, tmp_path, encoding):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes('kind,id,text\nx,007,"小区停电\n""三天""了,没水"\ny,8,\n'.encode(encoding))
    assert run("classify", source, target, "--model", model).exit_code == 0
    first, second = rows_of(target)
    assert list(first) == ["id", "label", "probability", "abstained", "top3", "words"]
    assert (first["id"], first["label"], first["abstained"]) == ("007", "utilities", "false")
    assert first["top3"].startswith(f"utilities:{float(first['probability']):.2f}|")
    assert (second["id"], second["abstained"]) == ("8", "true")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,words\n1,x\n", "no column text"),
        (b"", "empty"),
        (b"\x1f\x8bbroken", "gzip"),
        (b"id,text\n1,\xff\xff\xff", "GB18030"),
        (b'id,text\n1,"never ends\n', "CSV"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(model, tmp_path, content, message):
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    done = run("classify", source, tmp_path / "out.csv", "--model", model)
    assert done.exit_code == 2
    assert message in done.output
    assert "in.csv" in done.output


def test_without_a_model_the_message_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path))
    source = tmp_path / "in.csv"
    source.write_text("id,text\n1,停水\n")
    done = run("classify", source, tmp_path / "out.csv")
    assert done.exit_code == 2
    assert "ninelines train classifier" in done.output


def test_warn_judges_the_last_periods(tmp_path):
    counts = [2, 1, 3] * 20 + [2, 20]
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("series,period,count\n" + "".join(f"s,{n},{count}\n" for n, count in enumerate(counts)))
    assert run("warn", source, target, "--last", 2, "--alpha", 0.01).exit_code == 0
    quiet, burst = rows_of(target)
    assert list(burst) == ["series", "period", "count", "expected", "upper", "p_value", "alarm", "reason"]
    assert (quiet["alarm"], burst["period"], burst["count"], burst["alarm"]) == ("false", "61", "20", "true")


@pytest.mark.parametrize(
    ("line", "options", "message"),
    [
        ("s,soon,1", (), "period soon"),
        ("s,2026-01-05,1\ns,7,2", (), "period 7"),
        ("s,1,-2", (), "count -2"),
        ("s,1,2.5", (), "count 2.5"),
        ("s,1,many", (), "count many"),
        ("s,1,2\ns,1,3", (), "twice"),
        ("s,1,2", ("--method", "magic"), "no method magic"),
        ("s,1,2", ("--alpha", 2), "between 0 and 1"),
    ],
)
def test_warn_names_the_wrong_cell(tmp_path, line, options, message):
    source = tmp_path / "in.csv"
    source.write_text(f"series,period,count\n{line}\n")
    done = run("warn", source, tmp_path / "out.csv", *options)
    assert done.exit_code == 2
    assert message in done.output


def run(*words):
    return CliRunner().invoke(APP, [str(word) for word in words])


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_tree_of_levels_is_learned_and_the_coarser_levels_are_surer(tmp_path):
    data, source, target = (tmp_path / name for name in ("tree.csv", "in.csv", "out.csv"))
    tree = {"utilities": ("民生", "水/电"), "noise": ("环境", "噪声"), "fire": ("安全", "")}
    lines = [",".join([text, *tree.get(label, ("其他", label))]) for text, label in zip(TEXTS, LABELS, strict=True)]
    data.write_text("\n".join(["text,大类,小类", *lines]), encoding="utf-8")
    done = run("train", "classifier", "--data", data, "--out", tmp_path / "out", "--label", "大类,小类")
    assert done.exit_code == 0, done.output
    source.write_text("id,text\n1,小区停电没水\n", encoding="utf-8")
    assert run("classify", source, target, "--model", tmp_path / "out").exit_code == 0
    (row,) = rows_of(target)
    assert (row["label"], row["level1"], row["level2"]) == ("民生/水／电", "民生", "民生/水／电")
    assert float(row["level1_probability"]) >= float(row["level2_probability"]) == float(row["probability"])


def test_a_level_without_a_name_ends_the_path():
    rows = pl.DataFrame({"a": ["x", "x", "", "x"], "b": ["y", "", "y", "p/q"], "c": ["z", "z", "z", ""]})
    assert paths(rows, ["a", "b", "c"]).to_list() == ["x/y/z", "x", "", "x/p／q"]
