"""Attachments whose time is over, and what was left half done: kept in step between the store and the bucket.

The S3 server's own life-cycle rules are not everywhere to be had, so expiry is ours.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from minio.error import S3Error
from urllib3.exceptions import HTTPError

from jobs.io.objects import open_objects
from jobs.io.store import NoStoreError, engine
from jobs.settings import Settings
from schemas.tables import ATTACHMENTS

UPLOADING = timedelta(days=1)  # a younger object may belong to a row that is being written
log = structlog.get_logger()


def tend_attachments(settings: Settings, now: datetime) -> dict[str, int]:
    """Remove what expired and objects without a row, mark rows without their object; counts of each.

    May be repeated after any crash. Empty where there is no S3 server, and, with a warning in the log, where it or the
    store does not answer.
    """
    if not settings.s3.secret_key:
        return {}  # no S3 server was ever set up here
    objects, bucket = open_objects(settings.s3), settings.attachments_bucket
    try:
        with engine(settings).begin() as store:
            expired = _expired(store, now)
            known = set(store.scalars(sa.select(ATTACHMENTS.c.object_key).filter_by(kind="picture")))
        # Listed after the rows were: a picture lies there before its row is written.
        there = {found.object_name: found.last_modified for found in objects.list_objects(bucket, recursive=True)}
        with engine(settings).begin() as store:
            lost = _note_lost(store, known - set(there), now)
        orphans = {key for key, at in there.items() if key not in known | expired and at < now - UPLOADING}
        for key in sorted(orphans | (expired & set(there))):
            objects.remove_object(bucket, key)
    except (S3Error, HTTPError, NoStoreError) as error:
        log.warning("attachments_not_tended", error=type(error).__name__, why="store or S3 server does not answer")
        return {}
    return {"attachments_expired": len(expired), "objects_without_row": len(orphans), "attachments_lost": lost}


def _expired(store: sa.Connection, now: datetime) -> set[str]:
    """Delete the rows whose time is over; the keys they had. The row goes first: an object left over is found again."""
    gone = sa.delete(ATTACHMENTS).where(ATTACHMENTS.c.expires_at <= now)
    return set(store.scalars(gone.returning(ATTACHMENTS.c.object_key)))


def _note_lost(store: sa.Connection, missing: set[str], now: datetime) -> int:
    """Rows whose picture is gone from the bucket: people are told so, and may send it again. How many are new."""
    if not missing:
        return 0
    is_lost = (ATTACHMENTS.c.kind == "picture") & ATTACHMENTS.c.object_key.in_(missing)
    rows = sa.update(ATTACHMENTS).where(is_lost, ATTACHMENTS.c.lost_at.is_(None))
    return store.execute(rows.values(lost_at=now)).rowcount
