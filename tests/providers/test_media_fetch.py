"""Customers' files from the callback to the storage, over real sockets."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from providers import media, media_fetch
from providers.models import Media, Provider
from tests.factories import NOW, incoming, make_contact
from tests.providers.file_server import FileServer, dripping_body, file_server, reply, unless_headers
from tests.providers.scenes import clock, later

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as started:
        yield started


@pytest.fixture(autouse=True)
def own_network(settings: Settings, server: FileServer, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.MEDIA_PRIVATE_HOSTS = [server.host]
    settings.MEDIA_SECONDS = 5


def waits(provider: Provider, url: str, kind: str = "image") -> Media:
    message = incoming(make_contact(provider, f"59899{Media.objects.count():06}"), "", kind=kind)
    return Media.objects.create(message=message, url=url, next_attempt_at=NOW)


def settled(row: Media) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state_key, row.error


def test_a_picture_is_fetched_and_kept(provider: Provider, server: FileServer) -> None:
    server.answers["/1"] = reply(200, PICTURE, "Content-Type: text/html")
    row = waits(provider, server.url("/1"))
    assert media_fetch.fetch_waiting(clock()) == 1
    row.refresh_from_db()
    assert (row.state_key, row.content_type, row.name, row.size) == ("stored", "image/png", "image.png", 108)
    assert row.file.read() == PICTURE


def test_a_page_that_calls_itself_a_picture_is_a_mere_download(
    provider: Provider, server: FileServer
) -> None:
    server.answers["/1.png"] = reply(200, b"<html><script>alert(1)</script>", "Content-Type: image/png")
    row = waits(provider, server.url("/1.png"))
    media_fetch.fetch_waiting(clock())
    row.refresh_from_db()
    assert (row.state_key, row.content_type) == ("stored", "application/octet-stream")


@pytest.mark.parametrize(
    ("kind", "megabytes", "end"),
    [
        ("image", 1, ("failed", "media_too_large")),
        ("sticker", 1, ("failed", "media_too_large")),
        ("audio", 3, ("stored", "")),
        ("document", 3, ("stored", "")),
        ("unknown", 3, ("stored", "")),
    ],
)
def test_each_kind_has_its_own_limit(
    provider: Provider, server: FileServer, settings: Settings, kind: str, megabytes: int, end: Any
) -> None:
    settings.MEDIA_MEGABYTES = {"image": 1, "sticker": 1, "audio": 3, "document": 3}
    server.answers["/1"] = reply(200, b"x" * 2 * 1024 * 1024)
    row = waits(provider, server.url("/1"), kind)
    media_fetch.fetch_waiting(clock())
    assert settled(row) == end


def test_a_file_inside_the_own_network_is_not_fetched(provider: Provider) -> None:
    with file_server() as inside:
        row = waits(provider, inside.url("/secret"))
        media_fetch.fetch_waiting(clock())
        assert settled(row) == ("failed", "media_address")
        assert inside.requests == []


def test_the_account_opens_what_the_providers_own_host_keeps_closed(
    provider: Provider, server: FileServer, settings: Settings
) -> None:
    settings.WAVY_API_URL = f"http://{server.host}"
    server.answers["/1"] = unless_headers(reply(200, PICTURE), "AuthenticationToken: a-password-of-wavy")
    row = waits(provider, server.url("/1"))
    media_fetch.fetch_waiting(clock())
    assert settled(row) == ("stored", "")


def test_the_account_is_not_shown_to_a_stranger(provider: Provider, server: FileServer) -> None:
    server.answers["/1"] = reply(401)
    row = waits(provider, server.url("/1"))
    media_fetch.fetch_waiting(clock())
    assert settled(row) == ("failed", "media_refused")
    assert "a-password-of-wavy" not in "".join(server.requests)


def test_a_listed_host_may_see_the_account_over_tls_alone(provider: Provider, settings: Settings) -> None:
    settings.MEDIA_ACCOUNT_HOSTS = ["files.wavy.example"]
    credentials = media_fetch.credentials_for(waits(provider, "https://files.wavy.example/1"))
    assert credentials.origins == {"http://wavy.invalid:80", "https://files.wavy.example:443"}
    assert "a-password-of-wavy" not in repr(credentials)


def test_what_was_away_is_fetched_once_it_is_back(provider: Provider, server: FileServer) -> None:
    row = waits(provider, server.url("/1"))
    media_fetch.fetch_waiting(clock())
    assert settled(row) == ("waiting", "media_missing")
    server.answers["/1"] = reply(200, PICTURE)
    media_fetch.fetch_waiting(clock(later(seconds=4)))
    assert settled(row) == ("waiting", "media_missing")
    media_fetch.fetch_waiting(clock(later(seconds=6)))
    assert settled(row) == ("stored", "")


def test_a_full_disk_is_tried_again(provider: Provider, server: FileServer, tmp_path: Path) -> None:
    server.answers["/1"] = reply(200, PICTURE)
    row = waits(provider, server.url("/1"))
    (tmp_path / "customers").write_text("in the way")
    media_fetch.fetch_waiting(clock())
    assert settled(row) == ("waiting", "media_storage")


def test_a_slow_server_holds_up_nobody_else(
    provider: Provider, server: FileServer, settings: Settings
) -> None:
    settings.MEDIA_SECONDS = 1
    server.answers["/slow"] = dripping_body
    server.answers["/quick"] = reply(200, PICTURE)
    slow = [waits(provider, server.url("/slow")) for _ in range(3)]
    quick = [waits(provider, server.url("/quick")) for _ in range(12)]
    assert media_fetch.fetch_waiting(clock()) == len(quick)
    assert {settled(row) for row in slow} == {("waiting", "media_timeout")}


def test_two_workers_fetch_nothing_twice(provider: Provider, server: FileServer) -> None:
    rows = [waits(provider, server.url(f"/{n}")) for n in range(30)]
    server.answers |= {f"/{n}": reply(200, PICTURE) for n in range(30)}

    def work() -> None:
        media_fetch.fetch_waiting(clock())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(server.paths()) == sorted(f"/{n}" for n in range(30))
    assert {settled(row) for row in rows} == {("stored", "")}


def test_what_a_killed_worker_held_is_fetched_after_its_lease(provider: Provider, server: FileServer) -> None:
    server.answers["/1"] = reply(200, PICTURE)
    row = waits(provider, server.url("/1"))
    media.claim(1, NOW)  # and killed
    assert media_fetch.fetch_waiting(clock(later(seconds=9))) == 0
    assert media_fetch.fetch_waiting(clock(NOW + media.lease_time())) == 1
    assert settled(row) == ("stored", "")


def test_no_transaction_is_open_while_a_file_is_on_its_way(provider: Provider, server: FileServer) -> None:
    seen: list[str] = []

    def look(peer: socket.socket, _server: FileServer) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM pg_stat_activity WHERE datname = current_database()")
            seen.extend(str(state) for (state,) in cursor.fetchall())
        connection.close()
        peer.sendall(reply(200, PICTURE))

    server.answers["/1"] = look
    row = waits(provider, server.url("/1"))
    media_fetch.fetch_waiting(clock())
    assert settled(row) == ("stored", "")
    assert "idle" in seen
    assert "idle in transaction" not in seen
