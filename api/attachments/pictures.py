"""What a picture is before it is stored: decoded and written anew, so that nothing but its pixels remains."""

from io import BytesIO
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from schemas.attachments import MAX_PIXELS, PICTURE_TYPES

AT_ONCE = BoundedSemaphore(2)  # decoded pictures in memory
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
QUALITY = 90  # of JPEG and WebP


class NotAPictureError(Exception):
    """The bytes are no picture of the type that was named, or one too large to decode; the text says which."""


def without_metadata(payload: bytes, media_type: str) -> bytes:
    """The picture upright, without what the camera or a program wrote beside the pixels: place, owner, time, device.

    Of a moving picture the first frame is kept. Raises NotAPictureError.
    """
    assert media_type in PICTURE_TYPES
    with AT_ONCE:
        try:
            with Image.open(BytesIO(payload), formats=[FORMATS[media_type]]) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise NotAPictureError(f"{picture.width} x {picture.height} pixels; at most {MAX_PIXELS} in all")
                return _written(ImageOps.exif_transpose(picture), media_type)
        except Image.DecompressionBombError:
            raise NotAPictureError(f"too many pixels; send at most {MAX_PIXELS}") from None
        except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises for broken files
            raise NotAPictureError(f"the bytes are no whole {media_type}") from error


def _written(picture: Image.Image, media_type: str) -> bytes:
    is_clear = picture.has_transparency_data and media_type != "image/jpeg"
    pixels = picture.convert("RGBA" if is_clear else "RGB")
    pixels.info = {}  # comments and profiles would be written again
    target = BytesIO()
    options = {} if media_type == "image/png" else {"quality": QUALITY}
    pixels.save(target, FORMATS[media_type], **options)
    return target.getvalue()
