"""The two Python environments, from hashed locks; then the jars.

Standard library only, as in uv_tool: nothing is installed yet.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.setup.uv_tool import SetupError, run_uv

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "infra" / "locks"
ENVIRONMENTS = {".venv": "jobs.txt", ".venv-airflow": "airflow.txt"}


def main() -> int:
    """Bring everything to the state the locks name. 0 done; 1 with a message that says what to do."""
    begun = time.monotonic()
    try:
        changed = [name for name, lock in ENVIRONMENTS.items() if not is_current(name, lock)]
        if changed or not jars_are_current():
            with only_one():
                for name in changed:
                    install(name, ENVIRONMENTS[name])
                subprocess.run([ROOT / ".venv/bin/python", "-m", "infra.setup.jars"], cwd=ROOT, check=True)
            print(f"setup: done in {time.monotonic() - begun:.0f} s")
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode  # it has told why
    return 0


def is_current(name: str, lock: str) -> bool:
    """Whether this environment was installed whole, from this lock, in this place."""
    stamp = ROOT / name / "lock.stamp"
    runs = (ROOT / name / "bin" / "python").exists()  # False for a link to a Python that was removed
    return runs and stamp.exists() and stamp.read_text() == _stamp(lock)


def install(name: str, lock: str) -> None:
    """Install a lock exactly. An environment without a stamp was left half done: it is made anew."""
    begun = time.monotonic()
    folder = ROOT / name
    print(f"setup: {name} from infra/locks/{lock}", flush=True)
    stamp = folder / "lock.stamp"
    if not (stamp.exists() and stamp.read_text().startswith(str(ROOT))):
        run_uv("venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, str(folder))
    stamp.unlink(missing_ok=True)
    python = ("--python", str(folder / "bin" / "python"))
    # With bytecode: where Python may not write it later, each of many processes would compile for seconds.
    run_uv("pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", *python, str(LOCKS / lock))
    for copy in folder.glob("lib/*/site-packages/pyspark/python/lib/pyspark.zip"):
        copy.unlink()  # Spark's workers would import this one, which holds no bytecode
    if name == ".venv":
        run_uv("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", *python, "--editable", str(ROOT))
    stamp.write_text(_stamp(lock))
    print(f"setup: {name} ready, {time.monotonic() - begun:.0f} s", flush=True)


def jars_are_current() -> bool:
    """Whether the jars of this lock are there and were checked. The stamp is written by infra/setup/jars.py."""
    stamp = ROOT / ".cache" / "jars" / "lock.stamp"
    return stamp.exists() and stamp.read_text() == hashlib.sha256((LOCKS / "jars.txt").read_bytes()).hexdigest()


@contextmanager
def only_one() -> Iterator[None]:
    """Wait while another setup works in this checkout."""
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("setup: another setup is at work in this checkout; waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stamp(lock: str) -> str:
    """Scripts and the editable install hold the checkout's path, so a moved checkout is installed anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    return f"{ROOT} {hashlib.sha256((LOCKS / lock).read_bytes() + repr(project).encode()).hexdigest()}"


if __name__ == "__main__":
    os.environ.pop("VIRTUAL_ENV", None)
    sys.exit(main())
