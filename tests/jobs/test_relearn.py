"""relearn on a real Delta lake: what people corrected makes the next version, or does not."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import polars as pl
import pytest

from jobs.batch import relearn, scorecards
from jobs.context import Context, DataError, NothingToDoError
from jobs.io import router_files
from jobs.io.locks import LockedError
from jobs.io.model_files import classifier_folder, load, train_and_save
from jobs.io.model_versions import changes, live_version, roll_back
from jobs.io.relearned import read_card
from jobs.io.router_files import ROUTED_BY, router_folder
from jobs.models.classifier import predict
from jobs.run import run_job, writing
from jobs.settings import Settings
from jobs.transforms.corrections import category_labels
from jobs.transforms.relearning import Champion, classifier_trial
from tests.jobs.corrected import TOPICS, has_past, texts

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Word = Callable[[str, str, Random], str]
KNOWN = ["noise", "utilities", "labour"]  # what the champion learned; housing is new to it


def truthful(truth: str, guess: str, chance: Random) -> str:
    return truth


def at_random(truth: str, guess: str, chance: Random) -> str:
    return chance.choice(list(TOPICS)) if chance.random() < 0.7 else guess


def a_county(folder: Path, word: Word = truthful, count: int = 430, topics: list[str] = KNOWN) -> Context:
    """A lake with a past, and a classifier that knows these topics."""
    context = Context(Settings(state_dir=folder, lake=""), NOW)
    old = texts(topics, 300, seed=1)
    train_and_save(old["text"], old["label"], classifier_folder(folder))
    model = load(classifier_folder(folder))
    has_past(context, lambda said: predict(model, said)["label"].to_list(), word, count)
    return context


def has_router(context: Context) -> Context:
    """One that sends noise to the police, in every township."""
    past = [("noise", "complaint", "990101001", "police")] * 60 + [("labour", "help", "990101002", "housing")] * 60
    rows = pl.DataFrame(past, schema=[*ROUTED_BY, "who"], orient="row")
    router_files.train_and_save(rows, "who", list(ROUTED_BY), router_folder(context.settings.state_dir))
    return context


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A county whose people know better, and that has learned from them."""
    context = has_router(a_county(tmp_path_factory.mktemp("told")))
    run_job("relearn", context)
    return context


def test_corrections_make_a_challenger_that_goes_live(told: Context):
    for folder, name in ((classifier_folder, "classifier"), (router_folder, "router")):
        place = folder(told.settings.state_dir)
        first, second = changes(place)
        assert (first.why, second.why, live_version(place)) == ("trained", "relearned", second.version)
        card = read_card(place / second.version)
        assert card["data_hash"]
        assert card["code_version"]
        judged = card["relearned"]
        assert judged["learnt_until"] < judged["held_out_from"] < judged["held_out_until"], name
    assert predict(load(classifier_folder(told.settings.state_dir)), ["物业 电梯 维修 基金"])["label"][0] == "housing"


def test_a_second_run_without_new_labels_does_nothing(told: Context):
    with pytest.raises(NothingToDoError, match=r"classifier: no new label since .*; router: no new label since"):
        relearn.run(told)
    assert told.lake.read("ops.relearnings").height == 2


def test_the_trials_stand_on_the_scorecards_page(told: Context):
    scorecards.run(told.at(datetime(2026, 4, 14, tzinfo=UTC)))
    page = (told.settings.state_dir / "scorecards" / "scorecards.html").read_text(encoding="utf-8")
    assert page.count("上线 promoted: better by more than chance") == 2
    assert "macro_f1" in page


def test_the_order_of_the_labels_does_not_matter(told: Context):
    lake, folder = told.lake, classifier_folder(told.settings.state_dir)
    champion = Champion(load(folder / changes(folder)[0].version), {})
    parts = [lake.read(f"gold.{name}") for name in ("order_events", "assignments", "links", "classifications")]
    labels = category_labels(*parts, lake.current_reports())
    shuffled = labels.sample(fraction=1, shuffle=True, seed=4)
    first, second = (classifier_trial(champion, rows) for rows in (labels, shuffled))
    assert (first.version, first.told()) == (second.version, second.told())


def test_two_at_once_do_not_meet(told: Context):
    with writing(told, "relearn", ("ops.relearnings",)), pytest.raises(LockedError, match=r"ops\.relearnings"):
        run_job("relearn", told)


def test_what_was_rolled_back_stays_so_until_labels_are_new(tmp_path: Path):
    context, folder = has_router(a_county(tmp_path)), router_folder(tmp_path)
    relearn.run(context)
    first, learned = (change.version for change in changes(folder))
    assert roll_back(folder).version == first
    with pytest.raises(NothingToDoError, match="no new label"):
        relearn.run(context)
    context.lake.remove("ops.relearnings", context.lake.read("ops.relearnings"))  # as if other labels had come
    told = relearn.run(context)["router"]
    assert (told["challenger"], told["is_promoted"]) == (learned, False)
    assert "rolled back by hand" in told["why"]
    assert live_version(folder) == first


def test_corrections_at_random_do_not_go_live(tmp_path: Path):
    context = a_county(tmp_path, at_random, topics=list(TOPICS))
    told = relearn.run(context)["classifier"]
    assert (told["kind"], told["is_promoted"]) == ("challenger", False)
    assert "not right more often, though better by more than chance: calibration_error" in told["why"]
    assert live_version(classifier_folder(tmp_path)) == told["champion"]
    row = context.lake.read("ops.relearnings").filter(pl.col("model") == "classifier").to_dicts()[0]
    assert (row["champion"], row["is_promoted"], len(row["figures"])) == (told["champion"], False, 5)


def test_who_forgot_a_label_does_not_go_live_until_somebody_gives_texts_of_it(tmp_path: Path):
    context, folder = a_county(tmp_path), classifier_folder(tmp_path)
    rare = texts(["noise"], 30, seed=3).select("text", label=pl.lit("agriculture"))
    both = pl.concat([texts(KNOWN, 90, seed=2), rare])
    train_and_save(both["text"], both["label"], folder, force=True)
    told = relearn.run(context)["classifier"]
    assert (told["is_promoted"], "does not know agriculture: put texts" in told["why"]) == (False, True)
    rare.write_csv(folder / "given.csv")
    assert "does not know" not in relearn.run(context)["classifier"]["why"]


def test_too_few_labels_say_how_many_there_are_and_how_many_it_takes(tmp_path: Path):
    context = a_county(tmp_path, count=70)
    told = r"classifier: 50 new labels known before the last 4 weeks, it takes 200; 20 in these weeks, it takes 100; to"
    with pytest.raises(NothingToDoError, match=told):
        relearn.run(context)


def test_without_a_model_in_use_there_is_nothing_to_hold_it_against(tmp_path: Path):
    with pytest.raises(NothingToDoError, match="ninelines train classifier"):
        relearn.run(Context(Settings(state_dir=tmp_path, lake=""), NOW))


def test_few_new_labels_calibrate_the_champion_anew(tmp_path: Path):
    """Half of what it says is wrong now: it must promise less."""
    context = a_county(tmp_path, at_random, topics=list(TOPICS))
    folder = classifier_folder(tmp_path)
    known = load(folder)
    told = relearn.run(Context(context.settings, NOW, options=("weeks=8",)))["classifier"]
    assert (told["kind"], told["is_promoted"]) == ("recalibration", True)
    model = load(folder)
    assert model.version.startswith(known.version + "+")
    assert model.sharpness < known.sharpness
    assert (model.weights == known.weights).all()


@pytest.mark.parametrize("options", [("weeks=0",), ("weeks=x",), ("months=2",)])
def test_strange_options_are_refused(tmp_path: Path, options: tuple[str, ...]):
    with pytest.raises(DataError, match="there is weeks=NUMBER"):
        relearn.run(Context(Settings(state_dir=tmp_path, lake=""), NOW, options=options))


KILLED = """
import os, signal
from datetime import datetime, UTC
from jobs.batch import relearn
from jobs.context import Context
from jobs.settings import Settings
relearn.go_live = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
relearn.run(Context(Settings(lake=""), datetime(2026, 6, 1, tzinfo=UTC)))
"""


def test_killed_before_going_live_the_old_version_stays_and_the_next_run_ends_it(tmp_path: Path):
    context, folder = a_county(tmp_path), classifier_folder(tmp_path)
    before = live_version(folder)
    environment = {**os.environ, "NINELINES_STATE_DIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", KILLED], check=False, env=environment).returncode == -signal.SIGKILL
    assert live_version(folder) == before
    found = relearn.run(context)
    assert found["classifier"]["ended"] == "a run that was cut off"
    assert live_version(folder) == found["classifier"]["challenger"] != before
