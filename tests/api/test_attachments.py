"""Attachments on a real S3 server and a real PostgreSQL: kept once, shown to few, gone in time."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from minio.error import S3Error
from PIL import Image

from api.attachments.pictures import NotAPictureError, without_metadata
from infra.setup.objects import PROGRAM
from infra.stack import lifecycle
from jobs.io.attachments import tend_attachments
from jobs.io.objects import open_objects
from jobs.settings import PORT_OFFSETS, Settings
from schemas.attachments import MAX_PICTURE_BYTES, RETENTION
from schemas.tables import ATTACHMENTS
from tests.api.conftest import County
from tests.api.store import free_port, fresh_database

needs_server = pytest.mark.skipif(not PROGRAM.exists(), reason="no S3 server: `make objects` builds it")
JPEG = {"Content-Type": "image/jpeg"}
RECORDING = {"object_key": "rec/2026/a81f.wav", "began_at": "2026-11-10T09:30:00+08:00", "seconds": 95}
PATH = "/v1/orders/o1/attachments"
MAKE, OWNER, PLACE = 0x010F, 0xA430, 0x8825  # Exif tags: camera's maker, its owner, position (GPS)


def a_picture(colour: str = "red", form: str = "JPEG") -> bytes:
    """32 x 16 pixels, taken with the camera turned, with all that a camera writes beside them."""
    picture, exif, target = Image.new("RGB", (32, 16), colour), Image.Exif(), BytesIO()
    exif[0x0112], exif[MAKE] = 6, "ACME camera"
    exif.get_ifd(0x8769)[OWNER] = "王小明"
    exif.get_ifd(PLACE)[2] = (33.0, 27.0, 0.0)
    picture.save(target, form, exif=exif, **({"comment": "王小明 13800138000"} if form == "JPEG" else {}))
    return target.getvalue()


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An S3 server of our own."""
    base = free_port() - PORT_OFFSETS["objects"]
    settings = Settings(state_dir=tmp_path_factory.mktemp("objects"), port_base=base, s3_endpoint="", lake="")
    try:
        lifecycle.up(settings, ["objects"], lambda _: None)
        yield settings
    finally:
        lifecycle.down(settings, ["objects"], lambda _: None)


@pytest.fixture
def county(postgres: Settings, s3: Settings, tmp_path: Path) -> Iterator[County]:
    """A county with one order, o1 of the police, and an empty bucket of its own."""
    bucket = f"b{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:20]}"
    same = {"s3_endpoint": s3.s3.endpoint, "s3_secret_key": s3.s3.secret_key, "attachments_bucket": bucket}
    made = County(Settings(state_dir=tmp_path, database_url=fresh_database(postgres), **same))
    open_objects(made.settings.s3).make_bucket(bucket)
    made.has_orders({})
    yield made
    made.store.dispose()


def keys(county: County) -> list[str]:
    found = open_objects(county.settings.s3).list_objects(county.settings.attachments_bucket, recursive=True)
    return [str(one.object_name) for one in found]


def remove(county: County, key: str) -> None:
    open_objects(county.settings.s3).remove_object(county.settings.attachments_bucket, key)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_upright_pixels_remains_of_a_picture(form: str):
    sent = a_picture(form=form)
    assert Image.open(BytesIO(sent)).getexif().get(MAKE) == "ACME camera"
    kept = without_metadata(sent, f"image/{form.lower()}")
    picture = Image.open(BytesIO(kept))
    assert (picture.size, dict(picture.getexif())) == ((16, 32), {})
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
    assert not re.search("ACME|Exif|王小明|13800138000".encode(), kept)
    assert picture.convert("RGB").getpixel((8, 16))[0] > 200


@pytest.mark.parametrize(
    ("payload", "media_type"),
    [
        (b"", "image/jpeg"),
        (b"<script>alert(1)</script>", "image/png"),
        (a_picture()[:200], "image/jpeg"),
        (a_picture(form="PNG"), "image/jpeg"),
        (a_picture(form="PNG")[:60], "image/png"),
        (a_picture(form="WEBP")[:60], "image/webp"),
        (b"GIF89a" + bytes(100), "image/webp"),
    ],
)
def test_what_is_no_whole_picture_of_its_type_is_refused(payload: bytes, media_type: str):
    with pytest.raises(NotAPictureError):
        without_metadata(payload, media_type)


def test_a_small_file_of_too_many_pixels_is_refused_before_it_is_decoded():
    target = BytesIO()
    Image.new("1", (9_000, 9_000)).save(target, "PNG")
    assert len(target.getvalue()) < 100_000
    with pytest.raises(NotAPictureError, match="9000 x 9000 pixels"):
        without_metadata(target.getvalue(), "image/png")


@needs_server
def test_a_picture_is_stored_clean_and_shown_by_a_link_that_expires(county: County):
    police = county.client("department")
    answer = police.post(PATH, content=a_picture(), headers=JPEG)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["kind"], made["role"], made["unit_code"], made["order_id"]) == (
        "picture",
        "department",
        "police",
        "o1",
    )
    shown = police.get(PATH).json()
    assert [one["attachment_id"] for one in shown] == [made["attachment_id"]]
    assert "X-Amz-Expires=300" in shown[0]["url"]
    picture = httpx.get(shown[0]["url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert hashlib.sha256(picture.content).hexdigest() == made["sha256"]
    assert len(picture.content) == made["size_bytes"]
    assert httpx.get(shown[0]["url"].partition("?")[0]).status_code == 403
    assert httpx.get(shown[0]["url"].replace(made["attachment_id"], "0" * 32)).status_code == 403


@needs_server
def test_the_same_picture_sent_again_is_kept_once(county: County):
    police, dispatcher = county.client("department"), county.client("dispatcher")
    made = [one.post(PATH, content=a_picture(), headers=JPEG).json() for one in (police, police, dispatcher)]
    assert len({one["attachment_id"] for one in made}) == len(keys(county)) == len(police.get(PATH).json()) == 1
    police.post(PATH, content=a_picture("blue"), headers=JPEG)
    assert len(keys(county)) == 2


@needs_server
def test_a_department_reaches_attachments_of_its_own_orders_only(county: County):
    county.client("department").post(PATH, content=a_picture(), headers=JPEG)
    other = county.client("department", "fire_brigade")
    assert other.get(PATH).status_code == 404
    assert other.post(PATH, content=a_picture("green"), headers=JPEG).status_code == 404
    assert len(keys(county)) == 1


@needs_server
def test_an_auditor_is_told_that_it_is_there_and_gets_no_link(county: County):
    county.client("department").post(PATH, content=a_picture(), headers=JPEG)
    shown = county.client("auditor").get(PATH).json()[0]
    assert (shown["url"], shown["object_key"], shown["kind"]) == (None, None, "picture")


@needs_server
def test_of_a_recording_only_length_and_time_are_known_and_its_name_to_dispatchers(county: County):
    dispatcher, police = county.client("dispatcher"), county.client("department")
    made = dispatcher.post("/v1/orders/o1/recordings", json=RECORDING)
    assert made.status_code == 201, made.text
    assert dispatcher.post("/v1/orders/o1/recordings", json=RECORDING).json() == made.json()
    seen = [client.get(PATH).json() for client in (dispatcher, police)]
    assert [(one["seconds"], one["began_at"], one["url"]) for [one] in seen] == [(95, "2026-11-10T01:30:00Z", None)] * 2
    assert [one["object_key"] for [one] in seen] == ["rec/2026/a81f.wav", None]
    assert keys(county) == []


@needs_server
def test_a_recording_named_by_a_phone_number_is_refused(county: County):
    body = RECORDING | {"object_key": "20261110_13800138000.wav"}
    answer = county.client("dispatcher").post("/v1/orders/o1/recordings", json=body)
    assert answer.status_code == 422
    assert "13800138000" not in answer.text


@needs_server
@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"%PDF-1.7", {"Content-Type": "application/pdf"}, 415, "unknown-media-type"),
        (b"<svg/>", {"Content-Type": "image/svg+xml"}, 415, "unknown-media-type"),
        (b"not a picture", JPEG, 422, "not-a-picture"),
        (bytes(MAX_PICTURE_BYTES + 1), JPEG, 413, "too-large"),
        (iter([bytes(MAX_PICTURE_BYTES), b"x"]), JPEG, 413, "too-large"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_to_do(county: County, content, headers, status: int, code: str):
    answer = county.client("dispatcher").post(PATH, content=content, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:ninelines:problem:{code}")
    assert keys(county) == []


@needs_server
def test_without_the_s3_server_nothing_is_kept_and_the_next_try_keeps_it_once(county: County, s3: Settings):
    police = county.client("department")
    police.post(PATH, content=a_picture(), headers=JPEG)
    lifecycle.down(s3, ["objects"], lambda _: None)
    try:
        answer = police.post(PATH, content=a_picture("blue"), headers=JPEG)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert answer.json()["type"] == "urn:ninelines:problem:no-objects"
        assert len(police.get(PATH).json()) == 1  # the list needs the store only
        assert tend_attachments(county.settings, datetime.now(UTC)) == {}
    finally:
        lifecycle.up(s3, ["objects"], lambda _: None)
    assert police.post(PATH, content=a_picture("blue"), headers=JPEG).status_code == 201
    assert len(keys(county)) == len(county.rows(ATTACHMENTS, "attachment_id")) == 2


@needs_server
def test_wrong_keys_are_a_problem_of_ours_and_tell_no_secret(county: County):
    county.settings.__dict__["s3_secret_key"] = "wrong-secret"
    answer = county.client("department").post(PATH, content=a_picture(), headers=JPEG)
    assert answer.status_code == 503
    assert "wrong-secret" not in answer.text


@needs_server
def test_what_expired_is_removed_with_its_object(county: County):
    police, now = county.client("department"), datetime.now(UTC)
    police.post(PATH, content=a_picture(), headers=JPEG)
    county.client("dispatcher").post("/v1/orders/o1/recordings", json=RECORDING)
    later = now + RETENTION["recording"] + timedelta(minutes=1)
    assert tend_attachments(county.settings, later)["attachments_expired"] == 1
    assert (len(keys(county)), len(police.get(PATH).json())) == (1, 1)
    last = now + RETENTION["picture"] + timedelta(minutes=1)
    assert tend_attachments(county.settings, last)["attachments_expired"] == 1
    assert (keys(county), police.get(PATH).json()) == ([], [])
    assert tend_attachments(county.settings, last)["attachments_expired"] == 0


@needs_server
def test_an_object_without_a_row_goes_once_it_is_a_day_old(county: County):
    county.client("department").post(PATH, content=a_picture(), headers=JPEG)
    with county.store.begin() as store:
        store.execute(ATTACHMENTS.delete())  # as after a crash between the object and its row
    now = datetime.now(UTC)
    assert tend_attachments(county.settings, now)["objects_without_row"] == 0
    assert tend_attachments(county.settings, now + timedelta(hours=25))["objects_without_row"] == 1
    assert keys(county) == []


@needs_server
def test_a_picture_that_was_lost_is_told_and_can_be_sent_again(county: County):
    police = county.client("department")
    made = police.post(PATH, content=a_picture(), headers=JPEG).json()
    remove(county, made["object_key"])
    counts = [tend_attachments(county.settings, datetime.now(UTC))["attachments_lost"] for _ in range(2)]
    assert counts == [1, 0]
    shown = police.get(PATH).json()[0]
    assert (shown["url"], shown["lost_at"] is None) == (None, False)
    assert police.post(PATH, content=a_picture(), headers=JPEG).json()["lost_at"] is None
    assert httpx.get(police.get(PATH).json()[0]["url"]).status_code == 200


@needs_server
def test_the_bucket_is_closed_to_those_without_a_key(county: County):
    county.client("department").post(PATH, content=a_picture(), headers=JPEG)
    listing = httpx.get(f"{county.settings.s3.endpoint}/{county.settings.attachments_bucket}")
    assert listing.status_code == 403
    stranger = county.settings.model_copy(update={"s3_secret_key": "guess"})
    with pytest.raises(S3Error, match=r"Access|Signature"):
        list(open_objects(stranger.s3).list_objects(stranger.attachments_bucket))
