"""What supervisors do with the interactions and agents of others, who is told, and what is written down of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.acts import Act
from accounts.entry import Entry
from accounts.models import User
from campaigns.models import Campaign
from providers import outbox
from providers.errors import Refusal
from providers.models import Contact, Message
from sessions import presence, services, supervision
from sessions.models import ChatSession, Event, EventKind, PauseReason, Presence, SessionState
from tests.factories import (
    NOW,
    make_agent,
    make_campaign,
    make_contact,
    make_operator,
    make_session,
    make_supervisor,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
UUID = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


@pytest.fixture
def boss(db: None) -> User:
    return make_supervisor("boss", first_name="Berta")


@pytest.fixture
def held(contact: Contact, campaign: Campaign, ana: User) -> ChatSession:
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE)


def acts() -> list[str]:
    return list(Entry.objects.exclude(act="created").order_by("pk").values_list("act", flat=True))


def test_a_supervisor_takes_over_and_the_agent_is_told(
    held: ChatSession,
    ana: User,
    boss: User,
    heard: Callable[[], set[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        now = supervision.take_over(held, boss, NOW)
    assert (now.agent, now.state) == (boss, SessionState.ACTIVE)
    assert {f"live:user:{ana.pk}", f"live:user:{boss.pk}"} <= heard()
    with pytest.raises(Refusal) as refused:
        services.answer(held, ana, outbox.compose_text("Too late"), NOW)
    assert (refused.value.code, str(refused.value)) == ("taken", "Berta has taken this interaction.")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"state": SessionState.CLOSED}, "closed", id="closed"),
        pytest.param(
            {"campaign": None, "agent": None, "state": SessionState.WAITING}, "unrouted", id="unrouted"
        ),
    ],
)
def test_what_cannot_be_taken_over_says_why(
    held: ChatSession, boss: User, fields: dict[str, Any], code: str
) -> None:
    ChatSession.objects.filter(pk=held.pk).update(**fields)
    with pytest.raises(Refusal) as refused:
        supervision.take_over(held, boss, NOW)
    assert refused.value.code == code


def test_an_agent_takes_nothing_over(held: ChatSession, campaign: Campaign) -> None:
    with pytest.raises(Refusal) as refused:
        supervision.take_over(held, make_agent("bruno", campaign), NOW)
    assert (refused.value.code, refused.value.status) == ("supervisors_only", 403)


def test_a_note_beside_a_colleagues_conversation_is_a_whisper_that_never_leaves(
    held: ChatSession, boss: User
) -> None:
    page = signed_in(boss).post(f"/desk/{held.pk}/note/", {"text": "Offer 10 %", "submission": UUID})
    assert page.status_code == 200
    assert Event.objects.get(session=held).kind == EventKind.WHISPER
    assert not Message.objects.exists()


def test_what_waits_is_moved_and_an_unrouted_one_assigned(
    contact: Contact, campaign: Campaign, boss: User
) -> None:
    other = make_campaign(campaign.provider, "Other")
    waiting = make_session(contact, campaign)
    stray = make_session(make_contact(campaign.provider, "59899000001"), None)
    assert supervision.move([waiting, stray], boss, other, NOW) == []
    assert set(ChatSession.objects.values_list("campaign", flat=True)) == {other.pk}
    kinds = Event.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [EventKind.TRANSFERRED, EventKind.ASSIGNED]


def test_one_that_was_taken_meanwhile_stays_and_the_others_go(
    held: ChatSession, campaign: Campaign, boss: User
) -> None:
    other = make_campaign(campaign.provider, "Other")
    waiting = make_session(make_contact(campaign.provider, "59899000001"), campaign)
    assert supervision.move([held, waiting], boss, other, NOW) == ["Ana has taken this interaction."]
    assert ChatSession.objects.get(pk=held.pk).campaign == campaign
    assert ChatSession.objects.get(pk=waiting.pk).campaign == other


def test_a_waiting_one_is_given_to_an_agent(
    contact: Contact, campaign: Campaign, ana: User, boss: User
) -> None:
    waiting = make_session(contact, campaign)
    assert supervision.give([waiting], boss, ana, NOW) == []
    waiting.refresh_from_db()
    assert (waiting.agent, waiting.state) == (ana, SessionState.WAITING)


def test_an_agent_is_sent_to_pause_and_given_nothing_more(ana: User, boss: User) -> None:
    presence.seen(ana, NOW)
    supervision.pause(ana, boss, PauseReason.objects.create(name="Coaching"), NOW)
    paused = Presence.objects.get(agent=ana)
    assert (paused.paused_by, str(paused.reason)) == (boss, "Coaching")
    assert presence.status_of(paused, NOW) == "paused"


def test_each_act_is_written_down_without_the_customers_number(
    held: ChatSession, campaign: Campaign, ana: User, boss: User
) -> None:
    client = signed_in(boss)
    other = make_campaign(campaign.provider, "Other")
    waiting = make_session(make_contact(campaign.provider, "59899000001"), campaign)
    second = make_session(make_contact(campaign.provider, "59899000002"), campaign)
    before = len(acts())
    presence.seen(ana, timezone.now())
    client.get(f"/desk/{held.pk}/")
    client.post(f"/desk/{held.pk}/note/", {"text": "Offer 10 %", "submission": UUID})
    client.post(f"/desk/{held.pk}/take-over/")
    client.post(f"/board/{campaign.pk}/move/", {"session": waiting.pk, "to": f"campaign:{other.pk}"})
    client.post(f"/board/{campaign.pk}/move/", {"session": second.pk, "to": f"agent:{ana.pk}"})
    client.post(f"/board/{campaign.pk}/pause/", {"agent": ana.pk})
    client.get("/board/conversations/", {"file": "csv"})
    wanted = [
        Act.WATCHED,
        Act.WHISPERED,
        Act.TAKEN_OVER,
        Act.MOVED,
        Act.GIVEN,
        Act.SENT_TO_PAUSE,
        Act.EXPORTED,
    ]
    assert acts()[before:] == [str(act) for act in wanted]
    told = " ".join(f"{entry.object_repr} {entry.changes}" for entry in Entry.objects.all())
    assert "5989900" not in told


def test_looking_at_ones_own_conversation_is_no_watching(held: ChatSession, ana: User) -> None:
    signed_in(ana).get(f"/desk/{held.pk}/")
    assert str(Act.WATCHED) not in acts()


@pytest.mark.parametrize("path", ["move/", "pause/"])
def test_the_boards_acts_are_for_supervisors(campaign: Campaign, ana: User, path: str) -> None:
    for user in (ana, make_operator()):
        assert signed_in(user).post(f"/board/{campaign.pk}/{path}", {"agent": ana.pk}).status_code == 403
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({"to": "campaign:1"}, "Choose at least one interaction.", id="none chosen"),
        pytest.param({"session": "all", "to": ""}, "Choose where they go.", id="nowhere"),
        pytest.param({"session": "all", "to": "agent:99999"}, "Choose where they go.", id="nobody"),
    ],
)
def test_the_page_says_what_is_missing(
    contact: Contact, campaign: Campaign, boss: User, fields: dict[str, str], sentence: str
) -> None:
    waiting = make_session(contact, campaign)
    sent = {**fields, **({"session": str(waiting.pk)} if "session" in fields else {})}
    client = signed_in(boss)
    assert sentence in words(client.post(f"/board/{campaign.pk}/move/", sent, follow=True))


@pytest.fixture
def spoken(held: ChatSession, ana: User, boss: User) -> Client:
    """Ana and María José have spoken about a refund."""
    now = timezone.now()
    ChatSession.objects.filter(pk=held.pk).update(opened_at=now - timedelta(hours=1))
    Contact.objects.filter(pk=held.contact_id).update(last_incoming_at=now)
    services.answer(held, ana, outbox.compose_text("Your refund is on its way"), now)
    return signed_in(boss)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"words": "REFUND"}, True, id="words in any case"),
        pytest.param({"words": "invoice"}, False, id="other words"),
        pytest.param({"number": "+598 99 123 456"}, True, id="a number in any spelling"),
        pytest.param({"number": "59899999999"}, False, id="another number"),
        pytest.param({"from": "2020-01-01", "to": "2020-01-02"}, False, id="other days"),
        pytest.param({"agent": "999999"}, False, id="another agent"),
    ],
)
def test_conversations_are_searched(spoken: Client, query: dict[str, str], found: bool) -> None:
    assert ("María José" in words(spoken.get("/board/conversations/", query))) is found


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"from": "soon"}, id="no day"),
        pytest.param({"from": "2026-03-05", "to": "2026-03-04"}, id="backwards"),
        pytest.param({"from": "2020-01-01", "to": "2026-01-01"}, id="too long"),
    ],
)
def test_a_search_that_cannot_be_says_what_to_enter(spoken: Client, query: dict[str, str]) -> None:
    page = spoken.get("/board/conversations/", query)
    assert page.status_code == 400
    assert "day" in words(page)


def test_a_transcript_is_a_file_with_every_message_and_note(spoken: Client, held: ChatSession) -> None:
    spoken.post(f"/desk/{held.pk}/note/", {"text": "Well done", "submission": UUID})
    response: Any = spoken.get("/board/conversations/", {"file": "csv"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert "Ana,Your refund is on its way,queued" in lines[1]
    assert lines[2].endswith("Berta,Well done,whisper")


def test_a_hidden_campaigns_conversations_are_found_by_nobody_else(
    spoken: Client, campaign: Campaign
) -> None:
    campaign.groups.add(Group.objects.create(name="Evenings"))
    assert "María José" not in words(spoken.get("/board/conversations/"))
    response: Any = spoken.get("/board/conversations/", {"file": "csv"})
    assert b"refund" not in b"".join(response.streaming_content)
