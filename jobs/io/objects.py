"""The S3 server: a client that gives up in seconds, and a write that only the first of several can make."""

import httpx
from minio import Minio
from minio.error import S3Error
from urllib3 import PoolManager, Retry, Timeout

from jobs.settings import S3

TIMEOUT = Timeout(connect=3, read=30)
RETRIES = Retry(total=2, backoff_factor=0.3, status_forcelist=[500, 502, 503, 504])


def open_objects(s3: S3) -> Minio:
    """A client. Its calls raise `minio.error.S3Error`, or `urllib3.exceptions.HTTPError` where no server answers."""
    return Minio(**s3.for_minio, http_client=PoolManager(timeout=TIMEOUT, retries=RETRIES))


def put_if_absent(objects: Minio, bucket: str, key: str, text: str) -> bool:
    """Write an object that is not there yet; False where it was, or where somebody else was quicker.

    Raises httpx.HTTPError where the server is unreachable or refuses.
    """
    link = objects.presigned_put_object(bucket, key)
    answer = httpx.put(link, content=text.encode(), headers={"If-None-Match": "*"}, timeout=30)
    if answer.status_code in (409, 412):
        return False
    answer.raise_for_status()
    return True


def text_of(objects: Minio, bucket: str, key: str) -> str | None:
    """An object's text; None where there is none."""
    try:
        response = objects.get_object(bucket, key)
    except S3Error as error:
        if error.code == "NoSuchKey":
            return None
        raise
    try:
        return bytes(response.read()).decode()
    finally:
        response.close()
        response.release_conn()
