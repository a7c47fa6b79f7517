"""One state folder writes a lake on S3.

Job locks and the one Spark driver belong to a state folder (`jobs.io.locks`), and two drivers that append to
`bronze.raw` on S3 lose commits without an error. So the first state folder that writes a lake leaves its name beside
the tables, by a write that only one can make, and any other is refused.
"""

import json
import os
import socket
from uuid import uuid4

import httpx
from minio.error import S3Error
from urllib3.exceptions import HTTPError

from jobs.context import DataError
from jobs.io.locks import now
from jobs.io.objects import open_objects, put_if_absent, text_of
from jobs.settings import Settings

OBJECT = "_owner.json"


class NoObjectsError(Exception):
    """The S3 server of the lake does not answer, or refuses us."""


def claim(settings: Settings) -> None:
    """Make sure that this state folder is the one that writes the lake; nothing to do for a lake in a folder.

    Raises DataError where it is another one, NoObjectsError where the S3 server cannot be asked.
    """
    if not settings.is_lake_on_s3:
        return
    try:
        owner = _owner(settings)
    except (S3Error, HTTPError, httpx.HTTPError) as error:
        told = error.code if isinstance(error, S3Error) else type(error).__name__
        where = f"{settings.lake} at {settings.s3.endpoint}"
        raise NoObjectsError(f"the lake {where} cannot be reached ({told}); see `ninelines status`") from error
    if owner["id"] != _own_id(settings):
        raise DataError(
            f"the lake {settings.lake} is written from {owner['host']}, state folder {owner['state_dir']}, since "
            f"{owner['since']}: a second Spark driver would lose rows. Run the job there; where that machine is gone "
            f"for good, remove the object {settings.lake}/{OBJECT} and run it again here."
        )


def _owner(settings: Settings) -> dict[str, str]:
    bucket, _, path = settings.lake.removeprefix("s3a://").partition("/")
    key, objects = f"{path.rstrip('/')}/{OBJECT}".lstrip("/"), open_objects(settings.s3)
    mine = {
        "id": _own_id(settings),
        "host": socket.gethostname(),
        "state_dir": str(settings.state_dir),
        "since": now(),
    }
    found = text_of(objects, bucket, key)
    if found is None and put_if_absent(objects, bucket, key, json.dumps(mine, ensure_ascii=False)):
        return mine
    owner: dict[str, str] = json.loads(found or text_of(objects, bucket, key) or "{}")
    return owner


def _own_id(settings: Settings) -> str:
    """Made once for a state folder; of several jobs that start together the first makes it."""
    path = settings.state_dir / "lake_owner_id"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(uuid4().hex)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
