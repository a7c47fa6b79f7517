"""The bucket of attachments: pictures go in, links that live for minutes come out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import structlog
from minio import Minio
from minio.error import S3Error
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from api.problems import ProblemError
from jobs.settings import Settings

log = structlog.get_logger()

LINK_LIVES = timedelta(minutes=5)
SOON = "10"  # Retry-After, seconds
TIMEOUT = Timeout(connect=2, read=20)  # somebody is waiting for the answer


class Bucket:
    """Where pictures lie. What the S3 server cannot do now is a problem 503, and then nothing was kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = PoolManager(timeout=TIMEOUT, retries=Retry(total=1, backoff_factor=0.2))
        self._name = settings.attachments_bucket

    def put(self, key: str, payload: bytes, media_type: str) -> None:
        """Store a picture; one that is there already is written once more."""
        with _problems():
            client = Minio(**self._settings.s3.for_minio, http_client=self._pool)
            client.put_object(self._name, key, BytesIO(payload), len(payload), content_type=media_type)

    def link(self, key: str) -> str:
        """An address that shows the picture to whoever has it, for some minutes; made without asking the server."""
        s3 = self._settings.s3
        reached = replace(s3, endpoint=self._settings.s3_public_endpoint or s3.endpoint)
        with _problems():
            return Minio(**reached.for_minio).presigned_get_object(self._name, key, expires=LINK_LIVES)


def open_bucket(settings: Settings) -> Bucket:
    """The bucket; connects with the first picture."""
    return Bucket(settings)


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except (S3Error, HTTPError, ValueError, PermissionError) as error:
        log.error("objects_unreachable", error=type(error).__name__, code=getattr(error, "code", None))
        detail = "Nothing was kept. Send it again later; if it lasts, an engineer looks at `ninelines status`."
        title = "The object store is not reachable"
        raise ProblemError(503, "no-objects", title, detail, headers={"Retry-After": SOON}) from error
