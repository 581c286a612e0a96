"""How the agent stands, at the top of the desk: what the menu shows and does."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from sessions import presence
from sessions.models import PauseReason, Presence, PresenceState
from tests.factories import make_supervisor

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def lunch(db: None) -> PauseReason:
    PauseReason.objects.all().delete()
    PauseReason.objects.create(name="Old", enabled=False)
    return PauseReason.objects.create(name="Lunch")


def act(desk: Client, name: str, **fields: Any) -> str:
    response = desk.post(reverse(f"desk:{name}"), fields, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_the_menu_offers_the_enabled_reasons(desk: Client, lunch: PauseReason) -> None:
    text = desk.get("/desk/").content.decode()
    menu = text[text.index('id="presence-menu"') : text.index('id="banner"')]
    assert "Lunch" in menu
    assert "Old" not in menu


def test_a_pause_says_why_and_since_when_and_ends_by_a_button(
    desk: Client, ana: User, lunch: PauseReason
) -> None:
    text = act(desk, "pause", reason=lunch.pk)
    assert "You are paused since" in text
    assert "Lunch" in text[text.index('id="banner"') :]
    assert Presence.objects.get(agent=ana).reason == lunch
    assert "You are paused" not in act(desk, "resume")
    assert Presence.objects.get(agent=ana).state == PresenceState.AVAILABLE


def test_who_was_sent_to_pause_reads_by_whom(desk: Client, ana: User) -> None:
    presence.pause(ana, None, timezone.now(), by=make_supervisor("sue", first_name="Sue"))
    assert "Sue sent you to pause at" in desk.get("/desk/").content.decode()


def test_wrapping_up_counts_down_and_may_end_early(desk: Client, ana: User) -> None:
    presence.seen(ana, timezone.now())
    Presence.objects.update(wrap_up_until=timezone.now() + timedelta(seconds=90))
    text = desk.get("/desk/").content.decode()
    assert "data-until" in text
    assert "Ready again" in text
    assert "data-until" not in act(desk, "resume")


def test_an_open_page_hears_of_a_pause_and_nothing_where_nothing_changed(desk: Client, ana: User) -> None:
    version = desk.get("/desk/").content.decode().split('name="standing" value="', 1)[1].split('"', 1)[0]
    assert desk.get("/desk/changes/", {"standing": version}, headers=HTMX).status_code == 204
    presence.pause(ana, None, timezone.now(), by=make_supervisor("sue", first_name="Sue"))
    text = desk.get("/desk/changes/", {"standing": version}, headers=HTMX).content.decode()
    assert 'id="presence" hx-swap-oob="true"' in text
    assert "Sue sent you to pause at" in text


def test_a_reason_that_was_switched_off_meanwhile_is_refused_with_a_sentence(
    desk: Client, lunch: PauseReason
) -> None:
    old = PauseReason.objects.get(name="Old")
    response = desk.post("/desk/pause/", {"reason": old.pk}, headers=HTMX)
    assert response.status_code == 400
    assert "The pause reason Old is not enabled." in response.content.decode()
