"""The jars of Spark and of the broker, resolved by the Ivy inside pyspark and checked against infra/locks/jars.txt.

`python -m infra.setup.jars` fetches what the lock names; `--lock` resolves infra/jars/ivy.xml anew and writes the lock.
A mirror of the Maven repository is named by NINELINES_MAVEN_MIRROR; HTTPS_PROXY is obeyed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from infra.stack.java import JARS, java_home
from infra.stack.spark import HOME
from jobs.settings import ROOT

LOCK = ROOT / "infra" / "locks" / "jars.txt"
RULES = ROOT / "infra" / "jars"


def main() -> int:
    if "--lock" not in sys.argv and _is_current():
        return 0
    begun = time.monotonic()
    print("setup: jars of Spark and Kafka (about 70 MB)", flush=True)
    fresh = JARS.with_name("jars.new")
    shutil.rmtree(fresh, ignore_errors=True)
    if problem := retrieve(fresh):
        return _failed(problem)
    if "--lock" in sys.argv:
        LOCK.write_text("".join(f"{line}\n" for line in listing(fresh)))
    if differences := sorted(set(listing(fresh)) ^ set(LOCK.read_text().splitlines())):
        return _failed("\n  ".join(["the jars are not those of infra/locks/jars.txt:", *differences]))
    shutil.rmtree(JARS, ignore_errors=True)
    fresh.rename(JARS)
    (JARS / "lock.stamp").write_text(hashlib.sha256(LOCK.read_bytes()).hexdigest())
    print(f"setup: jars ready, {time.monotonic() - begun:.0f} s", flush=True)
    return 0


def retrieve(folder: Path) -> str:
    """Put the jars into `folder`/spark and `folder`/broker. Empty when done, else what went wrong."""
    ivy = next((HOME / "jars").glob("ivy-*.jar"))
    mirror = os.environ.get("NINELINES_MAVEN_MIRROR")
    settings = RULES / ("ivysettings-mirror.xml" if mirror else "ivysettings.xml")
    options = [f"-Divy.cache={ROOT / '.cache' / 'ivy'}", *_proxy(), *([f"-Dmaven.mirror={mirror}"] if mirror else [])]
    words = ["-settings", str(settings), "-ivy", str(RULES / "ivy.xml"), "-types", "jar", "bundle", "-warn"]
    pattern = f"{folder}/[conf]/[artifact]-[revision].[ext]"
    java = [str(java_home() / "bin" / "java"), *options, "-cp", str(ivy), "org.apache.ivy.Main"]
    command = [*java, *words, "-retrieve", pattern]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    told = [line for line in (done.stdout + done.stderr).splitlines() if line.strip(" .\t")]
    return "\n  ".join(["they could not be fetched:", *told[-12:]])


def listing(folder: Path) -> list[str]:
    """One line a jar, `sha256  spark/name-version.jar`, sorted by path: what `sha256sum -c` reads."""
    jars = sorted(folder.glob("*/*.jar"))
    return [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.relative_to(folder)}" for jar in jars]


def _is_current() -> bool:
    stamp = JARS / "lock.stamp"
    return stamp.exists() and stamp.read_text() == hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _proxy() -> list[str]:
    """Java does not read HTTPS_PROXY."""
    proxy = urlsplit(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or "")
    return [f"-Dhttps.proxyHost={proxy.hostname}", f"-Dhttps.proxyPort={proxy.port or 80}"] if proxy.hostname else []


def _failed(problem: str) -> int:
    print(
        f"setup: jars: {problem}\nCheck the network and try again (what is done is kept), "
        "or name a mirror of the Maven repository:\n  NINELINES_MAVEN_MIRROR=<its address> make setup",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
