"""Setup knows what is whole, and what to say when a download fails."""

import re

import pytest

from infra.setup import environments, uv_tool
from infra.setup.jars import S3, SERVERS, listing
from infra.setup.objects import MODULE


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout with one environment that was installed whole."""
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "LOCKS", tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project.scripts]\nninelines = "infra.cli:app"\n')
    (tmp_path / "jobs.txt").write_text("polars==1\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    (tmp_path / ".venv/lock.stamp").write_text(environments._stamp("jobs.txt"))
    return tmp_path


def test_an_environment_installed_whole_from_this_lock_is_left_alone(checkout):
    assert environments.is_current(".venv", "jobs.txt")


@pytest.mark.parametrize("lost", [".venv/lock.stamp", ".venv/bin/python"])
def test_a_half_done_environment_is_not_current(checkout, lost):
    (checkout / lost).unlink()
    assert not environments.is_current(".venv", "jobs.txt")


def test_a_new_lock_makes_the_environment_old(checkout):
    (checkout / "jobs.txt").write_text("polars==2\n")
    assert not environments.is_current(".venv", "jobs.txt")


@pytest.mark.parametrize(
    ("said", "advised"),
    [
        ("error: Failed to fetch: x\n  cause: dns error", "PIP_INDEX_URL="),
        ("error: Hash mismatch for polars==2", "make lock"),
        ("error: No space left on device", "Try again after correcting that"),
    ],
)
def test_a_failed_install_comes_with_what_to_do(said, advised):
    assert advised in uv_tool.advice(said)
    assert said.splitlines()[0] in uv_tool.advice(said)


def test_the_mirror_pip_is_told_to_use_is_told_to_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://mirror.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert uv_tool.mirrors()["UV_DEFAULT_INDEX"] == "http://mirror.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://chosen.example/simple")
    assert uv_tool.mirrors()["UV_DEFAULT_INDEX"] == "http://chosen.example/simple"


@pytest.mark.parametrize(("jars", "folders"), [(SERVERS, "spark|broker"), (S3, "s3")])
def test_a_jar_lock_names_version_and_hash_of_every_jar(jars, folders):
    lines = jars.lock.read_text().splitlines()
    assert lines
    assert all(re.fullmatch(rf"[0-9a-f]{{64}}  ({folders})/\S+-\d\S*\.jar", line) for line in lines)


def test_the_s3_server_is_pinned_with_the_hash_of_each_of_its_modules():
    wanted = re.findall(r"^\t(\S+) (v\S+)(?: // indirect)?$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    hashed = (MODULE / "go.sum").read_text()
    assert ("github.com/versity/versitygw", "v1.8.0") in wanted
    assert [module for module in wanted if f"{' '.join(module)} h1:" not in hashed] == []


def test_a_listing_is_what_sha256sum_reads(tmp_path):
    (tmp_path / "spark").mkdir()
    (tmp_path / "spark/a-1.jar").write_bytes(b"")
    assert listing(tmp_path) == ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  spark/a-1.jar"]
