"""Customers' files in a bucket: the same rows, the same pages, another place."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings

from providers import media, media_fetch
from providers.media_s3 import Bucket
from providers.models import Media, Provider
from providers.models.media import customers_storage
from tests.factories import NOW, incoming, make_contact, make_supervisor
from tests.pages import signed_in
from tests.providers.bucket_server import BucketServer, bucket_server
from tests.providers.file_server import file_server, reply
from tests.providers.scenes import clock

ROOT = Path(__file__).resolve().parents[2]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketServer]:
    """Where customers' files go in this test."""
    with bucket_server() as server:
        storage = Bucket(
            bucket_name="files", endpoint_url=server.url, region_name="us-east-1", access_key="a", secret_key="b"
        )  # fmt: skip
        monkeypatch.setattr(customers_storage, "_wrapped", storage)
        yield server


@pytest.fixture
def stored(bucket: BucketServer, provider: Provider, settings: Settings) -> Media:
    with file_server() as server:
        settings.MEDIA_PRIVATE_HOSTS = [server.host]
        server.answers["/1.png"] = reply(200, PICTURE)
        message = incoming(make_contact(provider), "", kind="image")
        row = Media.objects.create(message=message, url=server.url("/1.png"), next_attempt_at=NOW)
        media_fetch.fetch_waiting(clock())
    row.refresh_from_db()
    return row


def test_a_fetched_file_lies_in_the_bucket(stored: Media, bucket: BucketServer) -> None:
    assert stored.state_key == "stored"
    assert bucket.objects == {str(stored.file.name): PICTURE}


@pytest.mark.parametrize(
    ("headers", "status", "part"), [({}, 200, PICTURE), ({"Range": "bytes=8-17"}, 206, PICTURE[8:18])]
)
def test_it_is_handed_out_through_us(
    stored: Media, headers: dict[str, str], status: int, part: bytes
) -> None:
    response = signed_in(make_supervisor()).get(f"/media/{stored.pk}/", headers=headers)
    assert (response.status_code, b"".join(response.streaming_content)) == (status, part)  # type: ignore[attr-defined]


def test_deleting_leaves_nothing_in_the_bucket(stored: Media, bucket: BucketServer) -> None:
    customers_storage.save(f"{media.folder_of(stored.pk)}/orphan", ContentFile(b"x"))
    media.delete_files(Media.objects.all())
    assert bucket.objects == {}


def test_a_bucket_that_turns_us_away_is_tried_again(
    bucket: BucketServer, provider: Provider, settings: Settings
) -> None:
    bucket.away = True
    with file_server() as server:
        settings.MEDIA_PRIVATE_HOSTS = [server.host]
        server.answers["/1"] = reply(200, PICTURE)
        message = incoming(make_contact(provider), "", kind="image")
        row = Media.objects.create(message=message, url=server.url("/1"), next_attempt_at=NOW)
        media_fetch.fetch_waiting(clock())
    row.refresh_from_db()
    assert (row.state_key, row.error) == ("waiting", "media_storage")


def test_a_bucket_that_does_not_answer_is_a_503_for_the_reader(stored: Media, bucket: BucketServer) -> None:
    bucket.away = True
    assert signed_in(make_supervisor()).get(f"/media/{stored.pk}/").status_code == 503


def test_a_file_that_somebody_took_from_the_bucket_is_404(stored: Media, bucket: BucketServer) -> None:
    bucket.objects.clear()
    assert signed_in(make_supervisor()).get(f"/media/{stored.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [({}, "FileSystemStorage"), ({"MEDIA_S3_BUCKET": "files", "MEDIA_S3_REGION": "sa-east-1"}, "Bucket")],
)
def test_the_bucket_is_chosen_by_a_variable(environ: dict[str, str], chosen: str) -> None:
    code = (
        "import django; django.setup(); from django.core.files.storage import storages; "
        "print(type(storages['customers_media']).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "ucontact_wavy.settings", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == chosen, done.stderr
