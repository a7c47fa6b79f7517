"""What may be attached to an order, how large, and for how long it is kept.

Pictures are stored and shown, recordings are known by length and time: nobody's face or voice is looked for in either.
"""

from datetime import timedelta
from typing import Final

PICTURE_TYPES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}  # and their file endings
MAX_PICTURE_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000  # decoded, a picture needs up to four bytes for each

# After this time maintenance removes the row, and the picture with it.
RETENTION: Final = {"picture": timedelta(days=365), "recording": timedelta(days=180)}


def picture_key(order_id: str, attachment_id: str, media_type: str) -> str:
    """Where the picture lies in the bucket of attachments."""
    return f"{order_id}/{attachment_id}.{PICTURE_TYPES[media_type]}"
