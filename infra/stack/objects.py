"""The S3 server of the local stack: versitygw, which keeps each object as a plain file under `state_dir/objects`.

`make objects` builds it. Where it was not built the stack does without: attachments then answer 503. A lake on
`s3a://` needs it, or the server that NINELINES_S3_ENDPOINT names.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio
from minio.error import S3Error
from urllib3.exceptions import HTTPError

from infra.setup.objects import PROGRAM
from infra.stack.ports import StackError, answers
from infra.stack.process import Process
from jobs.settings import Settings


def processes(settings: Settings) -> list[Process]:
    """The server; none when NINELINES_S3_ENDPOINT names another one."""
    if settings.s3_endpoint:
        return []
    port, folder = settings.port("objects"), _folder(settings)
    options = ["--port", f"127.0.0.1:{port}", "--region", settings.s3_region, "--health", "/health", "--quiet"]
    modes = ["--dir-perms", "0700", "--file-perms", "0600"]
    server = Process(
        name="objects",
        argv=[str(PROGRAM), *options, "posix", *modes, str(folder / "buckets")],
        state_dir=settings.state_dir,
        cwd=settings.state_dir,
        env={"ROOT_ACCESS_KEY": settings.s3.access_key, "ROOT_SECRET_KEY": settings.s3.secret_key},
        ports=(port,),
        is_ready=lambda: answers(port),
    )
    return [server]


def left_out(settings: Settings) -> str:
    """Why the stack does without it; empty where it does not."""
    is_needed = settings.is_lake_on_s3 or settings.s3_endpoint or PROGRAM.exists()
    return "" if is_needed else "not built; with it attachments work: make objects"


def prepare(settings: Settings) -> None:
    """Make its folder. Raise StackError where the server was not built or cannot keep what it knows of an object."""
    if not PROGRAM.exists():
        raise StackError(f"objects: the lake is {settings.lake}, and the S3 server was not built; run: make objects")
    folder = _folder(settings) / "buckets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.setxattr(folder, "user.ninelines", b"")
    except OSError as error:
        why = "the file system there has no extended attributes, which the S3 server needs; set NINELINES_STATE_DIR"
        raise StackError(f"objects: {folder}: {why} ({error})") from error


def finish(settings: Settings) -> None:
    """Make the buckets of attachments and of the lake where they are missing."""
    client = Minio(**settings.s3.for_minio)
    for bucket in buckets(settings):
        try:
            if not client.bucket_exists(bucket):
                client.make_bucket(bucket)
        except (S3Error, HTTPError) as error:
            where = f"{bucket} at {settings.s3.endpoint}"
            raise StackError(f"objects: the bucket {where} is not there and cannot be made: {error}") from error


def buckets(settings: Settings) -> list[str]:
    """Those we keep things in."""
    lake = [urlsplit(settings.lake).netloc] if settings.is_lake_on_s3 else []
    return sorted({settings.attachments_bucket, *lake})


def _folder(settings: Settings) -> Path:
    return settings.state_dir / "objects"
