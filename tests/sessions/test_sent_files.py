"""A file from the composer: in the ledger once, seen in the conversation and in the number's story, or refused."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact, Direction, Media, MediaState, Message
from sessions.models import ChatSession, SessionState
from simulator.media import picture
from tests.factories import (
    incoming,
    make_agent,
    make_campaign,
    make_contact,
    make_provider,
    make_session,
    make_supervisor,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(campaign: Campaign, settings: Settings, tmp_path: Path) -> User:
    settings.MEDIA_ROOT = tmp_path
    return make_agent("ana", campaign, first_name="Ana")


@pytest.fixture
def session(campaign: Campaign, contact: Contact, ana: User) -> ChatSession:
    incoming(contact, at=timezone.now())
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE)


def send(
    client: Client, session: ChatSession, body: bytes = picture(), name: str = "beach.png", **data: Any
) -> Any:
    data.setdefault("submission", str(uuid4()))
    data["file"] = SimpleUploadedFile(name, body)
    return client.post(reverse("desk:send-text", args=[session.pk]), data, headers=HTMX)


def ours() -> list[tuple[str, str]]:
    return list(Message.objects.filter(direction=Direction.OUT).order_by("id").values_list("kind", "text"))


def test_a_picture_is_sent_with_its_caption_and_seen_in_the_conversation(
    ana: User, session: ChatSession
) -> None:
    response = send(signed_in(ana), session, text="Our beach")
    assert ours() == [("image", "Our beach")]
    assert 'alt="Picture that we sent: beach.png"' in response.content.decode()


def test_its_file_is_handed_out_to_who_may_see_the_conversation(ana: User, session: ChatSession) -> None:
    send(signed_in(ana), session)
    address = reverse("media", args=[Message.objects.get(direction=Direction.OUT).pk])
    assert b"".join(signed_in(ana).get(address)) == picture()
    assert signed_in(make_agent("bea")).get(address).status_code == 404


def test_a_file_struck_twice_leaves_once_and_lies_once_in_the_storage(
    ana: User, session: ChatSession, tmp_path: Path
) -> None:
    desk, key = signed_in(ana), str(uuid4())
    assert [send(desk, session, submission=key).status_code for _ in range(3)] == [200, 200, 200]
    assert len(ours()) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("name", "body", "text", "sentence"),
    [
        pytest.param("page.html", b"<html>", "", "“page.html” cannot be sent.", id="what may run"),
        pytest.param("empty.png", b"", "", "The file is empty.", id="empty"),
        pytest.param(
            "song.mp3", b"ID3\x03" + bytes(64), "Listen", "Sound carries no text.", id="sound with a text"
        ),
    ],
)
def test_what_cannot_be_sent_says_why_and_leaves_nothing(
    ana: User, session: ChatSession, tmp_path: Path, name: str, body: bytes, text: str, sentence: str
) -> None:
    response = send(signed_in(ana), session, body, name, text=text)
    assert (response.status_code, sentence in words(response)) == (400, True)
    assert (ours(), list(tmp_path.rglob("*"))) == ([], [])


def test_an_sms_takes_none(ana: User) -> None:
    provider = make_provider("SMS", "28149", api_type="WavySMS")
    contact = make_contact(provider, last_incoming_at=timezone.now())
    session = make_session(contact, make_campaign(provider, "SMS"), ana, state=SessionState.ACTIVE)
    desk = signed_in(ana)
    assert "An SMS carries no file." in words(send(desk, session))
    assert 'type="file"' not in desk.get(reverse("desk:session", args=[session.pk])).content.decode()


def test_outside_the_24_hours_it_is_refused_and_nothing_is_stored(
    ana: User, session: ChatSession, tmp_path: Path
) -> None:
    Contact.objects.update(last_incoming_at=timezone.now().replace(year=2020))
    response = send(signed_in(ana), session)
    assert response.status_code == 409
    assert (ours(), list(tmp_path.rglob("*"))) == ([], [])


def test_the_story_of_the_number_shows_it(ana: User, session: ChatSession) -> None:
    send(signed_in(ana), session)
    message = Message.objects.get(direction=Direction.OUT)
    page = signed_in(make_supervisor()).get(reverse("story", args=[session.contact.contact]))
    assert f'<img src="/media/{message.pk}/" alt="beach.png"' in page.content.decode()


def test_one_that_is_no_longer_kept_says_so(ana: User, session: ChatSession) -> None:
    desk = signed_in(ana)
    send(desk, session, text="Our beach")
    Media.objects.update(state=MediaState.DELETED, file="", name="")
    assert "Picture · no longer kept Our beach" in words(desk.get(reverse("desk:session", args=[session.pk])))
