"""What is attached to an order; PostgreSQL owns the rows, the S3 server the pictures."""

import dataframely as dy
import polars as pl

from schemas.attachments import PICTURE_TYPES
from schemas.records.columns import code, instant
from schemas.vocabulary import ATTACHMENT_KINDS, ROLES


class Attachment(dy.Schema):
    """A picture (图片) of an order, or what is known of a recording (录音): its length and time, never what is said.

    Pictures lose what the camera wrote into them (place, owner, device) before they are stored.
    """

    attachment_id = dy.String(
        primary_key=True, description="hash of the order and of what was sent, which is so kept once"
    )
    order_id = dy.String()
    kind = code(ATTACHMENT_KINDS)
    media_type = code(PICTURE_TYPES, nullable=True, description="of a picture")
    size_bytes = dy.Int64(nullable=True, min=1, description="of the stored picture")
    sha256 = dy.String(nullable=True, regex=r"^[0-9a-f]{64}$", description="of the stored picture")
    object_key = dy.String(description="picture: in our bucket; recording: its name in the recording system")
    began_at = instant(nullable=True, description="of a recording")
    seconds = dy.Int32(nullable=True, min=0, description="length of a recording")
    role = code(ROLES, description="who attached it; never a person's name")
    unit_code = dy.String(nullable=True, description="of a department")
    uploaded_at = instant()
    expires_at = instant(description="maintenance removes it then")
    lost_at = instant(nullable=True, description="when maintenance found that the picture is gone from the bucket")

    @dy.rule()
    def a_picture_is_stored_and_a_recording_timed(cls) -> pl.Expr:
        is_picture = pl.col("kind") == "picture"
        stored = [pl.col(name).is_not_null() == is_picture for name in ("media_type", "size_bytes", "sha256")]
        timed = [pl.col(name).is_null() == is_picture for name in ("began_at", "seconds")]
        return pl.all_horizontal(*stored, *timed)
