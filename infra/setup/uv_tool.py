"""uv, which installs the environments: the one on PATH, else one put into .tools/ by pip. Standard library only."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
LOCK = ROOT / "infra" / "locks" / "uv.txt"
NETWORK_WORDS = ("fetch", "request", "connect", "dns", "timed out", "timeout", "certificate", "network", "retries")


class SetupError(Exception):
    """Setup cannot go on; the text says why and what to do."""


def run_uv(*words: str) -> None:
    """Run uv; raise SetupError with the end of what it said when it fails."""
    done = subprocess.run([find_uv(), *words], check=False, env=mirrors(), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SetupError(advice(done.stderr))


def find_uv() -> str:
    """Path of a uv that runs; installs one into .tools/ where there is none."""
    for found in (shutil.which("uv"), str(TOOLS / "bin" / "uv")):
        if found and _runs(found, "--version"):
            return found
    print("setup: uv into .tools/", flush=True)
    python = _python_with_pip()
    options = ["--quiet", "--require-hashes", "--upgrade", "--target", str(TOOLS), "-r", str(LOCK)]
    command = [python, "-m", "pip", "install", *options]
    done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SetupError(advice(done.stderr))
    return str(TOOLS / "bin" / "uv")


def _python_with_pip() -> str:
    if _runs(sys.executable, "-m", "pip", "--version"):
        return sys.executable
    venv = TOOLS / "pip"
    if _runs(sys.executable, "-m", "venv", "--clear", str(venv)):
        return str(venv / "bin" / "python")
    raise SetupError(
        f"{sys.executable} has neither pip nor venv, and no uv is on PATH. One of them is needed:\n"
        "  Debian, Ubuntu: apt install python3-venv    anywhere: install uv and put it on PATH"
    )


def _runs(*command: str) -> bool:
    try:
        return (
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        )
    except OSError:
        return False


def advice(said: str) -> str:
    """What to do about a failed download or install, under the end of what the installer said."""
    tail = "\n".join(f"  {line}" for line in said.strip().splitlines()[-12:])
    lowered = said.lower()
    if "hash" in lowered and "mismatch" in lowered:
        hint = "The index serves other files than infra/locks names: use another one, or `make lock` and read the diff."
    elif any(word in lowered for word in NETWORK_WORDS):
        hint = (
            "The package index did not answer. Check the network and try again (what is done is kept), "
            "or name a mirror:\n  PIP_INDEX_URL=<address of a PyPI mirror> make setup"
        )
    else:
        hint = "Try again after correcting that; `make clean` removes what is half done."
    return f"packages could not be installed:\n{tail}\n{hint}"


def mirrors() -> dict[str, str]:
    """The environment for uv, with pip's index and certificates: uv does not read pip's settings."""
    pip = _pip_settings()
    known = {"UV_DEFAULT_INDEX": pip.get("index-url"), "SSL_CERT_FILE": pip.get("cert")}
    return {name: value for name, value in known.items() if value} | {"UV_NO_CONFIG": "1"} | dict(os.environ)


def _pip_settings() -> dict[str, str]:
    home = Path.home()
    files = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf"]
    parser = configparser.RawConfigParser()
    parser.read(files)
    settings = dict(parser["global"]) if parser.has_section("global") else {}
    for name in ("index-url", "cert"):
        if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
            settings[name] = value
    return settings
