"""Customers' files through the API: how they stand, and the files themselves."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from campaigns.models import Campaign
from providers import media
from providers.models import Media, MediaState, Provider
from providers.models.media import customers_storage
from sessions.models import SessionState
from tests.api.conftest import API, client_of
from tests.factories import incoming, make_agent, make_contact, make_session


@pytest.fixture
def stored(settings: Settings, tmp_path: Path, provider: Provider) -> Media:
    settings.MEDIA_ROOT = tmp_path
    message = incoming(make_contact(provider), "", kind="document")
    file = customers_storage.save(f"{media.folder_of(message.pk)}/1", ContentFile(b"%PDF-"))
    known = {"file": file, "content_type": "application/pdf", "name": "a.pdf", "size": 5}
    return Media.objects.create(message=message, state=MediaState.STORED, url="https://x/1", **known)


def test_a_message_tells_of_its_file(as_supervisor: APIClient, stored: Media) -> None:
    assert as_supervisor.get(f"{API}messages/{stored.pk}/").json()["media"] == {
        "state": "stored",
        "url": f"http://testserver/api/v1/messages/{stored.pk}/media/",
        "content_type": "application/pdf",
        "name": "a.pdf",
        "size": 5,
        "attempts": 0,
        "error": "",
        "explanation": "",
    }


def test_a_file_that_is_not_here_has_no_address_but_a_reason(as_supervisor: APIClient, stored: Media) -> None:
    Media.objects.update(state=MediaState.FAILED, error="media_gone")
    told = as_supervisor.get(f"{API}messages/{stored.pk}/").json()["media"]
    assert (told["state"], told["url"], told["explanation"]) == (
        "failed",
        None,
        "The file is no longer offered.",
    )


def test_a_message_without_a_file_has_none(as_supervisor: APIClient, provider: Provider) -> None:
    message = incoming(make_contact(provider))
    assert as_supervisor.get(f"{API}messages/{message.pk}/").json()["media"] is None


@pytest.mark.parametrize("accept", ["*/*", "application/pdf", "image/*", "application/json"])
def test_the_file_is_handed_out_whatever_type_is_asked_for(
    as_supervisor: APIClient, stored: Media, accept: str
) -> None:
    response: Any = as_supervisor.get(f"{API}messages/{stored.pk}/media/", headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert b"".join(response.streaming_content) == b"%PDF-"


def test_before_it_is_here_it_is_404(as_supervisor: APIClient, stored: Media) -> None:
    Media.objects.update(state=MediaState.WAITING)
    response = as_supervisor.get(f"{API}messages/{stored.pk}/media/")
    assert (response.status_code, response.json()["code"]) == (404, "media_not_here")


def test_an_agent_gets_those_of_their_own_conversations_alone(stored: Media, campaign: Campaign) -> None:
    holder, colleague = make_agent("ana", campaign), make_agent("eva", campaign)
    make_session(stored.message.contact, campaign, holder, state=SessionState.ACTIVE)
    address = f"{API}messages/{stored.pk}/media/"
    assert client_of(holder).get(address).status_code == 200
    assert client_of(colleague).get(address).status_code == 404


def test_a_list_of_files_asks_no_more_than_a_short_one(
    as_supervisor: APIClient, provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    contact = make_contact(provider)
    as_supervisor.get(f"{API}messages/")
    with django_assert_max_num_queries(20) as before:
        as_supervisor.get(f"{API}messages/")
    Media.objects.bulk_create(Media(message=incoming(contact), url="https://x/1") for _ in range(10))
    with django_assert_max_num_queries(len(before)):
        assert len(as_supervisor.get(f"{API}messages/").json()["results"]) == 10
