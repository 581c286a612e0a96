"""Customers' files as rows: expected with the message, claimed by one, settled once, deleted whole."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from providers import media
from providers.drivers.base import Incoming
from providers.errors import Refusal
from providers.models import Media, MediaState, Provider
from providers.models.media import customers_storage
from providers.wake import redis
from tests.factories import CUSTOMER, NOW, incoming, make_contact
from tests.providers.scenes import later, message_item, messages

URL = "https://files.wavy.example/1.jpg"


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def waiting(provider: Provider) -> Media:
    message = incoming(make_contact(provider), "", kind="image")
    return Media.objects.create(message=message, url=URL, next_attempt_at=NOW)


def picture(**more: Any) -> dict[str, Any]:
    return message_item(CUSTOMER, message={"type": "IMAGE", "mediaUrl": URL, **more})


def written(row: Media, name: str = "a.jpg", body: bytes = b"picture") -> media.Fetched:
    file = customers_storage.save(f"{media.folder_of(row.pk)}/{name}", ContentFile(body))
    return media.Fetched(file, "image/jpeg", "photo.jpg", len(body))


def on_disk(files: Path) -> list[str]:
    return sorted(path.name for path in files.rglob("*") if path.is_file())


# Expected


def test_a_picture_is_expected_from_the_moment_that_its_message_is_there(provider: Provider) -> None:
    messages(provider, picture(fileName="beach.jpg"), message_item(CUSTOMER))
    (row,) = Media.objects.all()
    assert (row.message.kind, row.url, row.name) == ("image", URL, "beach.jpg")
    assert (row.state, row.next_attempt_at) == (MediaState.WAITING, NOW)


def test_the_same_callback_again_expects_nothing_more(provider: Provider) -> None:
    item = picture()
    messages(provider, item)
    messages(provider, item, at=later(minutes=1))
    assert Media.objects.count() == 1


def test_an_endless_address_is_told_as_such(provider: Provider) -> None:
    messages(provider, picture(mediaUrl=f"https://files.wavy.example/{'x' * 3000}"))
    (row,) = Media.objects.all()
    assert (row.state, row.error) == (MediaState.FAILED, "media_url")
    with pytest.raises(Refusal):
        media.try_again(row, NOW)


def test_many_files_ask_the_database_as_often_as_one(
    provider: Provider, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [incoming(make_contact(provider)) for _ in range(1)]
    contact = rows[0].contact
    many = [incoming(contact) for _ in range(30)]
    with django_assert_num_queries(1):
        media.expect(many, [_with_media() for _ in many], NOW)
    assert Media.objects.count() == 30


def _with_media() -> Any:
    return Incoming("1", CUSTOMER, "", "image", "", {}, None, media_url=URL)


@pytest.mark.usefixtures("clean_redis")
def test_fetching_is_woken_once_the_message_is_committed(
    provider: Provider, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        messages(provider, picture())
        assert not redis.exists("wake:providers.fetch_media")
    assert redis.exists("wake:providers.fetch_media")


@pytest.mark.usefixtures("clean_redis")
def test_a_text_wakes_no_fetching(
    provider: Provider, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        messages(provider, message_item(CUSTOMER))
    assert not redis.exists("wake:providers.fetch_media")


# Claimed and settled


def test_who_claims_has_it_alone_until_the_lease_ends(waiting: Media) -> None:
    assert [row.pk for row in media.claim(5, NOW)] == [waiting.pk]
    assert media.claim(5, NOW) == []
    assert [row.attempts for row in media.claim(5, NOW + media.lease_time())] == [2]


def test_what_is_not_due_yet_is_not_claimed(waiting: Media) -> None:
    assert media.claim(5, NOW - timedelta(seconds=1)) == []


def test_a_fetched_file_is_the_rows(waiting: Media) -> None:
    (claimed,) = media.claim(1, NOW)
    assert media.store(claimed, written(claimed))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.content_type, waiting.name, waiting.size) == (
        2,
        "image/jpeg",
        "photo.jpg",
        7,
    )
    assert waiting.file.read() == b"picture"


def test_who_comes_after_the_lease_leaves_no_second_file(waiting: Media, files: Path) -> None:
    (late,) = media.claim(1, NOW)
    (next_one,) = media.claim(1, NOW + media.lease_time())
    assert media.store(next_one, written(next_one, "second.jpg"))
    assert not media.store(late, written(late, "first.jpg"))
    assert on_disk(files) == ["second.jpg"]


def test_what_a_killed_worker_left_behind_goes_with_the_next_success(waiting: Media, files: Path) -> None:
    (killed,) = media.claim(1, NOW)
    written(killed, "orphan.jpg")
    (again,) = media.claim(1, NOW + media.lease_time())
    media.store(again, written(again, "whole.jpg"))
    assert on_disk(files) == ["whole.jpg"]


def test_a_message_that_was_erased_meanwhile_leaves_no_file(waiting: Media, files: Path) -> None:
    (claimed,) = media.claim(1, NOW)
    waiting.message.delete()
    assert not media.store(claimed, written(claimed))
    assert on_disk(files) == []


def test_trouble_that_may_pass_is_tried_again_a_bounded_number_of_times(waiting: Media) -> None:
    at, tries = NOW, 0
    while claimed := media.claim(1, at):
        tries += 1
        media.fail(claimed[0], "media_timeout", at)
        waiting.refresh_from_db()
        at = waiting.next_attempt_at or later(days=9)
    assert (tries, waiting.state, waiting.error) == (6, MediaState.FAILED, "media_timeout")


def test_what_no_patience_helps_is_not_tried_again(waiting: Media) -> None:
    (claimed,) = media.claim(1, NOW)
    media.fail(claimed, "media_too_large", NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.next_attempt_at) == (MediaState.FAILED, None)


def test_a_file_that_kills_its_worker_each_time_is_given_up(waiting: Media) -> None:
    at = NOW
    while media.claim(1, at):
        at += media.lease_time()
    waiting.refresh_from_db()
    assert (waiting.attempts, waiting.state, waiting.error) == (6, MediaState.FAILED, "media_interrupted")


# Asked for again


@pytest.mark.usefixtures("clean_redis")
def test_what_failed_can_be_asked_for_again(
    waiting: Media, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    Media.objects.update(state=MediaState.FAILED, error="media_missing", attempts=6, next_attempt_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        media.try_again(waiting, later(hours=3))
    assert redis.exists("wake:providers.fetch_media")
    assert [row.attempts for row in media.claim(1, later(hours=3))] == [1]


@pytest.mark.parametrize("state", [MediaState.WAITING, MediaState.STORED, MediaState.DELETED])
def test_only_what_failed_can_be(waiting: Media, state: MediaState) -> None:
    Media.objects.update(state=state)
    with pytest.raises(Refusal, match="being fetched already"):
        media.try_again(waiting, NOW)


# Deleted


def test_deleting_leaves_the_row_and_nothing_of_the_file(waiting: Media, files: Path) -> None:
    (claimed,) = media.claim(1, NOW)
    media.store(claimed, written(claimed))
    written(claimed, "orphan.jpg")
    assert media.delete_files(Media.objects.all()) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.file.name, waiting.url, waiting.name) == (MediaState.DELETED, "", "", "")
    assert on_disk(files) == []


def test_deleting_twice_finds_nothing_more(waiting: Media) -> None:
    media.delete_files(Media.objects.all())
    assert media.delete_files(Media.objects.all()) == 0


def test_a_file_that_arrives_while_it_is_deleted_does_not_stay(waiting: Media, files: Path) -> None:
    (claimed,) = media.claim(1, NOW)
    media.delete_files(Media.objects.all())
    assert not media.store(claimed, written(claimed))
    assert on_disk(files) == []
