"""The jars of Spark and of the broker, resolved by the Ivy inside pyspark and checked against infra/locks/jars.txt.

`python -m infra.setup.jars` fetches what the lock names, with `--s3` what Spark needs for a lake on S3
(infra/locks/jars-s3.txt); `--lock` resolves infra/jars/*.xml anew and writes both locks.
A mirror of the Maven repository is named by NINELINES_MAVEN_MIRROR; HTTPS_PROXY is obeyed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.stack.java import JARS, S3_JARS, java_home
from infra.stack.spark import HOME
from jobs.settings import ROOT

LOCKS = ROOT / "infra" / "locks"
RULES = ROOT / "infra" / "jars"


@dataclass(frozen=True)
class JarSet:
    """Jars that are fetched together: by which rules, which files those must be, and where they lie."""

    what: str
    rules: Path
    lock: Path
    folder: Path

    @property
    def stamp(self) -> str:
        """What says that the folder holds just this lock's jars."""
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    @property
    def is_current(self) -> bool:
        stamp = self.folder / "lock.stamp"
        return stamp.exists() and stamp.read_text() == self.stamp


LOCK = LOCKS / "jars.txt"
SERVERS = JarSet("of Spark and Kafka (about 70 MB)", RULES / "ivy.xml", LOCK, JARS)
S3 = JarSet("for a lake on S3 (about 24 MB)", RULES / "s3.xml", LOCKS / "jars-s3.txt", S3_JARS)


def main() -> int:
    if "--lock" in sys.argv:
        return fetch(SERVERS, is_locking=True) or fetch(S3, is_locking=True)
    return fetch(S3 if "--s3" in sys.argv else SERVERS)


def fetch(jars: JarSet, is_locking: bool = False) -> int:
    """Bring the folder to what the lock names, or the lock to what the rules resolve to. 1 with a message if not."""
    if jars.is_current and not is_locking:
        return 0
    begun = time.monotonic()
    print(f"setup: jars {jars.what}", flush=True)
    fresh = jars.folder.with_name(f"{jars.folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    if problem := retrieve(fresh, jars.rules):
        return _failed(problem)
    if is_locking:
        jars.lock.write_text("".join(f"{line}\n" for line in listing(fresh)))
    if differences := sorted(set(listing(fresh)) ^ set(jars.lock.read_text().splitlines())):
        return _failed("\n  ".join([f"the jars are not those of {jars.lock.relative_to(ROOT)}:", *differences]))
    shutil.rmtree(jars.folder, ignore_errors=True)
    fresh.rename(jars.folder)
    (jars.folder / "lock.stamp").write_text(jars.stamp)
    print(f"setup: jars ready, {time.monotonic() - begun:.0f} s", flush=True)
    return 0


def retrieve(folder: Path, rules: Path) -> str:
    """Put the jars into `folder`/<configuration>. Empty when done, else what went wrong."""
    ivy = next((HOME / "jars").glob("ivy-*.jar"))
    mirror = os.environ.get("NINELINES_MAVEN_MIRROR")
    settings = RULES / ("ivysettings-mirror.xml" if mirror else "ivysettings.xml")
    options = [f"-Divy.cache={ROOT / '.cache' / 'ivy'}", *_proxy(), *([f"-Dmaven.mirror={mirror}"] if mirror else [])]
    words = ["-settings", str(settings), "-ivy", str(rules), "-types", "jar", "bundle", "-warn"]
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


def _proxy() -> list[str]:
    """Java does not read HTTPS_PROXY."""
    proxy = urlsplit(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or "")
    return [f"-Dhttps.proxyHost={proxy.hostname}", f"-Dhttps.proxyPort={proxy.port or 80}"] if proxy.hostname else []


def _failed(problem: str) -> int:
    if "PKIX path building failed" in problem:
        problem += (
            "\nJava does not know the certificate that this network shows. Name a Java 17 or 21 that does: JAVA_HOME, "
            "or the system's own (Debian, Ubuntu: apt install openjdk-17-jre-headless ca-certificates-java)."
        )
    print(
        f"setup: jars: {problem}\nCheck the network and try again (what is done is kept), "
        "or name a mirror of the Maven repository:\n  NINELINES_MAVEN_MIRROR=<its address> make setup",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
