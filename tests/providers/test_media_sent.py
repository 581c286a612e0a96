"""Files of ours: what may be sent, how it leaves, who can fetch it, and that none leaves before it is stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import responses
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from providers import media_sent, outbox
from providers.errors import Refusal
from providers.models import Contact, Media, MediaState, Message, Provider
from providers.models.media import customers_storage
from providers.replies import send_replies
from providers.states import State
from providers.unconfirmed import send_again
from simulator.media import picture
from tests.factories import NOW, incoming, make_contact, make_provider
from tests.providers.scenes import SEND_URL, accepted, clock, later, reloaded

ZEROS = b"\x00" * 64
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + ZEROS
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + ZEROS
VOICE = b"OggS\x00\x02" + ZEROS[:20] + b"\x01\x13OpusHead" + ZEROS
PDF = b"%PDF-1.4\n" + ZEROS
Send = Callable[..., Message]


def file(name: str, body: bytes) -> ContentFile[bytes]:
    return ContentFile(body, name=name)


@pytest.mark.parametrize(
    ("name", "body", "kind", "wire_type"),
    [
        pytest.param("beach.jpg", JPEG, "image", "JPG", id="jpeg"),
        pytest.param("anything", picture(), "image", "PNG", id="png without an ending"),
        pytest.param("photo.png", JPEG, "image", "JPG", id="jpeg that calls itself png"),
        pytest.param(
            "note.ogg", b"OggS\x00\x02" + ZEROS[:20] + b"\x01\x13OpusHead" + ZEROS, "audio", "OGG", id="voice"
        ),
        pytest.param("song.mp3", b"ID3\x03" + ZEROS, "audio", "MP3", id="mp3"),
        pytest.param("film.mp4", MP4, "video", "MP4", id="film"),
        pytest.param("invoice.pdf", PDF, "document", "PDF", id="pdf"),
        pytest.param("prices.XLSX", b"PK\x03\x04" + ZEROS, "document", "XLSX", id="spreadsheet"),
        pytest.param("list.csv", b"a;b\n1;2\n", "document", "CSV", id="words"),
    ],
)
def test_what_a_file_is_sent_as_is_known_by_its_bytes(
    name: str, body: bytes, kind: str, wire_type: str
) -> None:
    chosen = media_sent.choose(file(name, body))
    assert (chosen.kind, chosen.wire_type, chosen.size) == (kind, wire_type, len(body))


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        pytest.param("empty.jpg", b"", "file_empty", id="empty"),
        pytest.param(
            "page.pdf", b"<html><script>alert(1)</script>", "file_type", id="page that calls itself pdf"
        ),
        pytest.param(
            "page.docx", b"<html><script>alert(1)</script>", "file_type", id="page in a document's name"
        ),
        pytest.param("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_type", id="svg"),
        pytest.param("setup.exe", b"MZ" + ZEROS, "file_type", id="program"),
        pytest.param("setup.doc", b"MZ" + ZEROS, "file_type", id="program in a document's name"),
        pytest.param("moving.gif", b"GIF89a" + ZEROS, "file_type", id="gif, which WhatsApp does not take"),
        pytest.param(
            "big.png", picture() + b"\x00" * 1024 * 1024, "file_too_large", id="larger than its kind may be"
        ),
    ],
)
def test_what_may_not_be_sent_is_refused_at_once(
    settings: Settings, name: str, body: bytes, code: str
) -> None:
    settings.MEDIA_MEGABYTES = {**settings.MEDIA_MEGABYTES, "image": 1}
    with pytest.raises(Refusal) as why:
        media_sent.choose(file(name, body))
    assert (why.value.code, why.value.status) == (code, 400)


# Into the ledger and out


@pytest.fixture
def contact(provider: Provider, settings: Settings, tmp_path: Path) -> Contact:
    settings.MEDIA_ROOT = tmp_path
    settings.WAVY_API_URL = "http://wavy.invalid"
    settings.PUBLIC_URL = "https://desk.example.com"
    return make_contact(provider, last_incoming_at=NOW)


@pytest.fixture
def send(contact: Contact) -> Send:
    def queue(
        name: str = "beach.png", body: bytes = picture(), caption: str = "", *, stored: bool = True
    ) -> Message:
        given = file(name, body)
        message = outbox.send(contact, outbox.compose_file(media_sent.choose(given), caption), None, NOW)
        if stored:
            media_sent.keep(message, given, NOW)
        return message

    return queue


def left(wavy: responses.RequestsMock, at: Any = NOW) -> list[Any]:
    """Lets the lane run; what reached the wire."""
    wavy.add_callback("POST", SEND_URL, accepted)
    send_replies(clock(at))
    return [json.loads(call.request.body or b"")["message"] for call in wavy.calls]


def test_a_small_picture_leaves_by_its_bytes(wavy: responses.RequestsMock, send: Send) -> None:
    message = send(caption="Our beach")
    (said,) = left(wavy)
    assert base64.b64decode(said["image"].pop("data")) == picture()
    assert said == {"image": {"type": "PNG", "caption": "Our beach"}}
    assert reloaded(message).state == State.ACCEPTED


@pytest.mark.parametrize(
    ("name", "body", "kind", "caption"),
    [
        pytest.param("big.png", picture() + b"\x00" * 300_000, "image", None, id="larger picture"),
        pytest.param("film.mp4", MP4, "video", None, id="film"),
        pytest.param("invoice.pdf", PDF, "document", "invoice.pdf", id="document, called by its name"),
    ],
)
def test_everything_else_leaves_by_an_address_that_opens_it(
    wavy: responses.RequestsMock,
    send: Send,
    client: Client,
    name: str,
    body: bytes,
    kind: str,
    caption: str | None,
) -> None:
    send(name, body)
    said = left(wavy)[0][kind]
    assert said["url"].startswith("https://desk.example.com/media/out/")
    assert said.get("caption") == caption
    answer = client.get(urlsplit(said["url"]).path)
    assert b"".join(answer) == body


def test_a_picture_that_the_storage_does_not_give_leaves_by_its_address(
    wavy: responses.RequestsMock, send: Send
) -> None:
    message = send()
    customers_storage.delete(str(Media.objects.get(message=message).file.name))
    assert list(left(wavy)[0]["image"]) == ["type", "url"]


def test_nothing_leaves_before_its_file_is_stored_and_nothing_overtakes_it(
    wavy: responses.RequestsMock, send: Send, contact: Contact
) -> None:
    send(stored=False)
    outbox.send(contact, outbox.compose_text("Did you see it?"), None, NOW)
    assert left(wavy) == []


def test_a_file_that_never_came_ends_its_message_and_frees_the_lane(
    wavy: responses.RequestsMock, send: Send, contact: Contact
) -> None:
    message = send(stored=False)
    outbox.send(contact, outbox.compose_text("Did you see it?"), None, NOW)
    assert left(wavy, later(minutes=6)) == [{"messageText": "Did you see it?"}]
    assert (reloaded(message).state, reloaded(message).error) == (State.REFUSED, "file_missing")


def test_a_storage_that_takes_nothing_ends_the_message_and_says_so(
    monkeypatch: pytest.MonkeyPatch, send: Send, wavy: responses.RequestsMock
) -> None:
    message = send(stored=False)

    def full(*_: Any, **__: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(customers_storage._wrapped), "save", full)  # type: ignore[attr-defined]
    with pytest.raises(Refusal) as why:
        media_sent.keep(message, file("beach.png", picture()), NOW)
    assert (why.value.code, why.value.status) == ("file_missing", 409)
    assert (reloaded(message).state, left(wavy)) == (State.REFUSED, [])


def test_a_file_is_kept_once_however_often_it_is_brought(send: Send) -> None:
    message = send()
    assert media_sent.keep(message, file("beach.png", picture()), NOW) is False
    folder = str(Path(str(Media.objects.get(message=message).file.name)).parent)
    assert len(customers_storage.listdir(folder)[1]) == 1


def test_a_file_that_was_deleted_while_it_came_is_thrown_away(send: Send) -> None:
    message = send(stored=False)
    Media.objects.filter(message=message).update(state=MediaState.DELETED)
    assert media_sent.keep(message, file("beach.png", picture()), NOW) is False


def test_a_window_that_closed_while_the_file_waited_keeps_it_here(
    wavy: responses.RequestsMock, send: Send
) -> None:
    message = send()
    assert left(wavy, later(hours=25)) == []
    assert (reloaded(message).state, reloaded(message).error) == (State.REFUSED, "window_closed")


@pytest.mark.parametrize(
    ("api_type", "hours", "caption", "code"),
    [
        pytest.param("WavySMS", 0, "", "no_files", id="sms"),
        pytest.param("WavyWhatsapp", 25, "", "window_closed", id="outside the 24 hours"),
        pytest.param("WavyWhatsapp", 0, "x" * 1025, "too_long", id="a caption too long"),
    ],
)
def test_the_gate_holds_for_files_as_for_texts(
    db: None, api_type: str, hours: int, caption: str, code: str
) -> None:
    contact = make_contact(make_provider("Its own", "28149", api_type=api_type), last_incoming_at=NOW)
    composed = outbox.compose_file(media_sent.choose(file("beach.png", picture())), caption)
    with pytest.raises(Refusal) as why:
        outbox.send(contact, composed, None, later(hours=hours))
    assert why.value.code == code
    assert not Message.objects.exists()


def test_sound_takes_no_caption() -> None:
    with pytest.raises(Refusal, match="carries no text"):
        outbox.compose_file(media_sent.choose(file("song.mp3", b"ID3\x03" + ZEROS)), "Listen")


def test_an_unconfirmed_one_goes_again_with_its_file(wavy: responses.RequestsMock, send: Send) -> None:
    message = send()
    Message.objects.filter(pk=message.pk).update(state=State.UNCERTAIN)
    send_again(reloaded(message), None, NOW)
    (said,) = left(wavy)
    assert base64.b64decode(said["image"]["data"]) == picture()


# The address


def path_of(message: Message) -> str:
    return urlsplit(media_sent.link(Media.objects.get(message=message))).path


def test_the_address_opens_that_file_to_anybody_as_nothing_that_runs(send: Send, client: Client) -> None:
    answer = client.get(path_of(send()))
    assert (answer.status_code, answer["Content-Type"], b"".join(answer)) == (200, "image/png", picture())
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_document_of_unknown_type_is_a_download(send: Send, client: Client) -> None:
    answer = client.get(path_of(send("list.csv", b"a;b\n1;2\n")))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="list.csv"'


def test_the_address_is_asked_with_get_alone(send: Send, client: Client) -> None:
    assert client.post(path_of(send())).status_code == 405


def test_the_address_opens_nothing_any_more_after_its_time(
    send: Send, client: Client, settings: Settings
) -> None:
    path = path_of(send())
    settings.MEDIA_LINK_HOURS = -1
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "spoil", [lambda path: path.replace("/out/", "/out/1"), lambda path: path[:-3] + "aa/"]
)
def test_a_guessed_address_opens_nothing(send: Send, client: Client, spoil: Callable[[str], str]) -> None:
    assert client.get(spoil(path_of(send()))).status_code == 404


def test_a_customers_own_file_has_no_such_address(contact: Contact, client: Client) -> None:
    theirs = incoming(contact, "", kind="IMAGE", at=timezone.now() - timedelta(minutes=1))
    Media.objects.create(message=theirs, state=MediaState.STORED, file="x", content_type="image/png", size=1)
    assert client.get(path_of(theirs)).status_code == 404
