"""Customers' files at the desk: handed out to who may see the conversation, never as something that runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from campaigns.models import Campaign
from providers import media
from providers.models import Contact, Media, MediaState
from providers.models.media import customers_storage
from sessions.models import SessionState
from tests.factories import (
    NOW,
    incoming,
    make_agent,
    make_campaign,
    make_contact,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    make_user,
)
from tests.pages import signed_in, words

BODY = bytes(range(256)) * 4
Stored = Callable[..., Media]


@pytest.fixture
def campaign(db: None) -> Campaign:
    return make_campaign(make_provider())


@pytest.fixture
def maria(campaign: Campaign) -> Contact:
    contact = make_contact(campaign.provider, name="María José")
    make_session(contact, campaign)
    return contact


@pytest.fixture
def stored(settings: Settings, tmp_path: Path, maria: Contact) -> Stored:
    """A file of María's that is here."""
    settings.MEDIA_ROOT = tmp_path

    def make(
        content_type: str = "image/jpeg", name: str = "beach.jpg", kind: str = "image", **more: Any
    ) -> Media:
        message = incoming(maria, "", kind=kind)
        file = customers_storage.save(f"{media.folder_of(message.pk)}/1", ContentFile(BODY))
        known = {
            "file": file,
            "content_type": content_type,
            "name": name,
            "size": len(BODY),
            "url": "https://x/1",
        }
        return Media.objects.create(message=message, **{"state": MediaState.STORED, **known, **more})

    return make


@pytest.fixture
def ana(campaign: Campaign) -> Client:
    return signed_in(make_agent("ana", campaign))


def address(row: Media) -> str:
    return f"/media/{row.pk}/"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


# Who may see it


def test_an_agent_of_the_campaign_sees_the_picture(ana: Client, stored: Stored) -> None:
    response = ana.get(address(stored()))
    assert (response.status_code, response["Content-Type"], body(response)) == (200, "image/jpeg", BODY)


def test_an_agent_of_another_campaign_does_not(stored: Stored, campaign: Campaign) -> None:
    other = signed_in(make_agent("leo", make_campaign(campaign.provider, "Other")))
    assert other.get(address(stored())).status_code == 404


def test_a_colleague_does_not_once_somebody_has_taken_it(
    stored: Stored, campaign: Campaign, maria: Contact
) -> None:
    row = stored()
    holder, colleague = make_agent("ana", campaign), make_agent("eva", campaign)
    maria.sessions.update(agent=holder, state=SessionState.ACTIVE, taken_at=NOW)
    assert signed_in(holder).get(address(row)).status_code == 200
    assert signed_in(colleague).get(address(row)).status_code == 404


@pytest.mark.parametrize("make", [make_supervisor, make_operator])
def test_who_reads_the_whole_ledger_sees_it_too(stored: Stored, make: Callable[[], Any]) -> None:
    assert signed_in(make()).get(address(stored())).status_code == 200


def test_somebody_without_a_role_does_not(stored: Stored) -> None:
    assert signed_in(make_user("nobody")).get(address(stored())).status_code == 403


def test_somebody_who_has_not_signed_in_is_asked_to(client: Client, stored: Stored) -> None:
    row = stored()
    assert client.get(address(row)).headers["Location"] == f"/login/?next=/media/{row.pk}/"


def test_the_browser_asks_again_each_time_whether_it_still_may(
    ana: Client, stored: Stored, maria: Contact
) -> None:
    row = stored()
    first = ana.get(address(row))
    assert first["Cache-Control"] == "private, no-cache"
    assert ana.get(address(row), headers={"If-None-Match": first["ETag"]}).status_code == 304
    maria.sessions.all().delete()
    assert ana.get(address(row), headers={"If-None-Match": first["ETag"]}).status_code == 404


# Never as active content


@pytest.mark.parametrize(
    ("content_type", "served_as", "place"),
    [
        ("image/jpeg", "image/jpeg", "inline"),
        ("audio/ogg", "audio/ogg", "inline"),
        ("video/mp4", "video/mp4", "inline"),
        ("application/pdf", "application/pdf", "attachment"),
        ("application/octet-stream", "application/octet-stream", "attachment"),
        ("text/html", "application/octet-stream", "attachment"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
    ],
)
def test_only_pictures_sound_and_films_are_shown_in_place(
    ana: Client, stored: Stored, content_type: str, served_as: str, place: str
) -> None:
    response = ana.get(address(stored(content_type)))
    assert response["Content-Type"] == served_as
    assert response["Content-Disposition"].split(";")[0] == place


def test_nothing_in_it_runs(ana: Client, stored: Stored) -> None:
    response = ana.get(address(stored()))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("a.pdf", 'attachment; filename="a.pdf"'),
        ("número.pdf", "attachment; filename*=utf-8''n%C3%BAmero.pdf"),
        ('a"; filename=b.exe', 'attachment; filename="a\\"; filename=b.exe"'),
    ],
)
def test_a_download_keeps_its_name(ana: Client, stored: Stored, name: str, disposition: str) -> None:
    response = ana.get(address(stored("application/pdf", name)))
    assert response["Content-Disposition"] == disposition


def test_a_picture_can_be_downloaded_too(ana: Client, stored: Stored) -> None:
    response = ana.get(f"{address(stored())}?download")
    assert response["Content-Disposition"] == 'attachment; filename="beach.jpg"'


# In parts, as players ask


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        pytest.param("bytes=0-1", 0, 1, id="the first two"),
        pytest.param("bytes=1000-", 1000, 1023, id="from there on"),
        pytest.param("bytes=-24", 1000, 1023, id="the last"),
        pytest.param("bytes=1000-99999", 1000, 1023, id="past the end"),
    ],
)
def test_a_part_is_handed_out(ana: Client, stored: Stored, header: str, first: int, last: int) -> None:
    response = ana.get(address(stored()), headers={"Range": header})
    assert (response.status_code, response["Content-Range"]) == (206, f"bytes {first}-{last}/1024")
    assert body(response) == BODY[first : last + 1]
    assert response["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize("header", ["bytes=9999-", "bytes=1024-2000", "bytes=-0"])
def test_a_part_outside_of_it_is_416(ana: Client, stored: Stored, header: str) -> None:
    response = ana.get(address(stored()), headers={"Range": header})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize("header", ["", "bytes=0-1,4-5", "bytes=5-1", "items=0-1", "bytes=-", "bytes=x-y"])
def test_what_makes_no_sense_brings_the_whole(ana: Client, stored: Stored, header: str) -> None:
    response = ana.get(address(stored()), headers={"Range": header} if header else {})
    assert (response.status_code, body(response)) == (200, BODY)


# Not here


@pytest.mark.parametrize("state", [MediaState.WAITING, MediaState.FAILED, MediaState.DELETED])
def test_what_is_not_here_is_404(ana: Client, stored: Stored, state: MediaState) -> None:
    assert ana.get(address(stored(state=state))).status_code == 404


def test_a_file_that_somebody_took_from_the_disk_is_404(ana: Client, stored: Stored) -> None:
    row = stored()
    customers_storage.delete(str(row.file.name))
    assert ana.get(address(row)).status_code == 404


# In the conversation


def opened(client: Client, maria: Contact) -> Any:
    return client.get(f"/desk/{maria.sessions.get().pk}/")


def test_the_conversation_shows_a_picture_with_its_caption(
    ana: Client, stored: Stored, maria: Contact
) -> None:
    row = stored()
    row.message.text = "Our beach"
    row.message.save()
    page = opened(ana, maria)
    assert f'<img src="/media/{row.pk}/"' in page.content.decode()
    assert "Our beach" in words(page)


@pytest.mark.parametrize(
    ("content_type", "kind", "shown"),
    [
        ("audio/ogg", "audio", "<audio controls"),
        ("video/mp4", "video", "<video controls"),
        ("image/webp", "sticker", "<img "),
        ("application/pdf", "document", "?download"),
        ("application/octet-stream", "image", "?download"),
    ],
)
def test_each_kind_is_shown_as_what_it_is(
    ana: Client, stored: Stored, maria: Contact, content_type: str, kind: str, shown: str
) -> None:
    stored(content_type, kind=kind)
    assert shown in opened(ana, maria).content.decode()


def test_a_document_is_a_named_download_with_its_size(ana: Client, stored: Stored, maria: Contact) -> None:
    stored("application/pdf", "invoice.pdf", "document")
    assert "invoice.pdf 1.0 KB" in words(opened(ana, maria))


def test_a_file_that_could_not_be_fetched_says_why(ana: Client, stored: Stored, maria: Contact) -> None:
    stored(state=MediaState.FAILED, error="media_too_large", file="")
    page = words(opened(ana, maria))
    assert "Picture · could not be fetched The file is larger than this kind of file may be." in page
    assert "Try again" in page


def test_a_file_that_waits_looks_after_itself(ana: Client, stored: Stored, maria: Contact) -> None:
    row = stored(state=MediaState.WAITING, file="", content_type="")
    page = opened(ana, maria).content.decode()
    place = f"/desk/media/{row.pk}/?v=1-"
    assert f'hx-get="{place}"' in page
    assert ana.get(place).status_code == 204
    Media.objects.update(state=MediaState.STORED, content_type="image/jpeg")
    assert f'<img src="/media/{row.pk}/"' in ana.get(place).content.decode()


def test_a_name_that_a_customer_made_up_is_text(ana: Client, stored: Stored, maria: Contact) -> None:
    stored("application/pdf", "<script>alert(1)</script>.pdf", "document")
    assert "<script>alert(1)" not in opened(ana, maria).content.decode()


def test_a_conversation_full_of_files_asks_no_more_than_one_of_words(
    ana: Client, stored: Stored, maria: Contact, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    incoming(maria)
    opened(ana, maria)
    with django_assert_max_num_queries(60) as before:
        opened(ana, maria)
    for _n in range(20):
        stored()
    with django_assert_max_num_queries(len(before)):
        opened(ana, maria)


def test_the_list_says_what_came(ana: Client, stored: Stored) -> None:
    stored()
    assert "Picture" in words(ana.get("/desk/"))


# Asked for again


def test_an_agent_asks_for_it_again(ana: Client, stored: Stored) -> None:
    row = stored(state=MediaState.FAILED, error="media_missing", file="", attempts=6)
    response = ana.post(f"/desk/media/{row.pk}/again/")
    assert "Picture · being fetched" in words(response)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MediaState.WAITING, 0)


def test_what_is_here_by_now_is_not_fetched_again(ana: Client, stored: Stored) -> None:
    response = ana.post(f"/desk/media/{stored().pk}/again/")
    assert response.status_code == 409
    assert "being fetched already, or is here by now" in words(response)


def test_an_agent_of_another_campaign_asks_for_nothing(stored: Stored, campaign: Campaign) -> None:
    row = stored(state=MediaState.FAILED, error="media_missing", file="")
    other = signed_in(make_agent("leo", make_campaign(campaign.provider, "Other")))
    assert other.post(f"/desk/media/{row.pk}/again/").status_code == 404
    assert other.get(f"/desk/media/{row.pk}/").status_code == 404


# In the admin


def test_the_message_in_the_admin_leads_to_its_file(stored: Stored) -> None:
    row = stored()
    page = signed_in(make_supervisor()).get(f"/admin/providers/message/{row.pk}/change/")
    assert f'href="/media/{row.pk}/"' in page.content.decode()
    assert "beach.jpg" in words(page)


def test_the_message_in_the_admin_says_why_its_file_is_not_here(stored: Stored) -> None:
    row = stored(state=MediaState.FAILED, error="media_gone", file="")
    page = signed_in(make_supervisor()).get(f"/admin/providers/message/{row.pk}/change/")
    assert "could not be fetched The file is no longer offered." in words(page)
