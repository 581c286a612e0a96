"""Many at once, on real PostgreSQL: one interaction a contact, one agent an interaction, one close."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.db import connection
from pytest_django.live_server_helper import LiveServer
from rest_framework.authtoken.models import Token

from accounts.models import User
from campaigns.models import Campaign, Strategy
from providers import outbox
from providers.errors import Refusal
from providers.models import Contact, Direction, Message, Provider
from sessions import assignment, routing, services
from sessions.models import ChatSession, SessionState, Turn
from tests.factories import NOW, incoming, make_agent, make_campaign, make_contact, make_session

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs every act in a thread and connection of its own, all starting together; a refusal is its code."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return act()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


@pytest.mark.parametrize("strategy", [Strategy.NOPAUSE, Strategy.RINGALL])
def test_twenty_agents_press_take_at_once_one_gets_it_and_nineteen_read_who_has_it(
    live_server: LiveServer, contact: Contact, campaign: Campaign, strategy: str
) -> None:
    Campaign.objects.update(strategy=strategy)
    agents = [make_agent(f"agent{n:02}", campaign, first_name=f"Agent {n}") for n in range(20)]
    keys = [Token.objects.create(user=one).key for one in agents]
    session = make_session(contact, campaign)
    url = f"{live_server.url}/api/v1/sessions/{session.pk}/take/"

    def press(key: str) -> tuple[int, str]:
        answer = requests.post(url, headers={"Authorization": f"Token {key}"}, timeout=60)
        return answer.status_code, answer.json().get("detail", "")

    answers = at_once([lambda key=key: press(key) for key in keys])  # type: ignore[misc]  # the loop's own
    session.refresh_from_db()
    assert session.agent in agents
    winner = agents.index(session.agent)
    told = (409, f"Agent {winner} has taken this interaction.")
    assert [answers[n] for n in range(20) if n != winner] == [told] * 19
    assert answers[winner][0] == 200
    assert ChatSession.objects.filter(agent__isnull=False).count() == 1


def test_two_supervisors_assigning_at_once_bring_it_into_one_campaign(
    provider: Provider, contact: Contact
) -> None:
    campaigns = [make_campaign(provider, name=f"Campaign{n}") for n in range(4)]
    session = make_session(contact, None)
    results = at_once(
        [lambda one=one: services.assign_campaign(session, one, NOW) for one in campaigns]  # type: ignore[misc]  # the loop's own
    )
    assert results.count("routed") == 3


def test_twenty_agents_take_the_next_of_ten_and_ten_get_one(provider: Provider, campaign: Campaign) -> None:
    agents = [make_agent(f"agent{n:02}", campaign) for n in range(20)]
    for n in range(10):
        make_session(make_contact(provider, f"5989900{n:04}"), campaign)
    results = at_once([lambda one=one: services.take_next(one, NOW) for one in agents])  # type: ignore[misc]  # the loop's own
    taken = [result.pk for result in results if result is not None]
    assert len(taken) == len(set(taken)) == 10


def test_one_agent_taking_many_at_once_keeps_to_the_limit(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(max_interactions=2)
    ana = make_agent("ana", campaign)
    sessions = [make_session(make_contact(provider, f"5989900{n:04}"), campaign) for n in range(8)]
    results = at_once([lambda one=one: services.take(one, ana, NOW) for one in sessions])  # type: ignore[misc]  # the loop's own
    assert results.count("max_interactions") == 6
    assert ChatSession.objects.filter(agent=ana, state=SessionState.ACTIVE).count() == 2


def test_assigning_while_agents_take_gives_each_to_one(provider: Provider, campaign: Campaign) -> None:
    agents = [make_agent(f"agent{n:02}", campaign) for n in range(6)]
    for agent in agents:
        services.seen(agent, NOW)
    sessions = [make_session(make_contact(provider, f"5989900{n:04}"), campaign) for n in range(30)]
    takes = [lambda one=one, n=n: services.take(sessions[n], one, NOW) for n, one in enumerate(agents)]
    results = at_once([*takes, *[lambda: assignment.assign(NOW)] * 2])
    assert all(isinstance(result, ChatSession) for result in results[:6])
    assert not ChatSession.objects.filter(agent=None).exists()
    assert ChatSession.objects.filter(state=SessionState.ACTIVE).count() == 6


def test_messages_of_one_contact_routed_at_once_share_one_interaction(
    contact: Contact, campaign: Campaign
) -> None:
    messages = [incoming(contact, f"line {n}") for n in range(8)]
    at_once([lambda one=one: routing.route_message(one.pk, NOW) for one in messages])  # type: ignore[misc]  # the loop's own
    assert ChatSession.objects.count() == 1
    assert Turn.objects.count() == 8


def test_several_drains_at_once_route_each_message_once(provider: Provider, campaign: Campaign) -> None:
    for n in range(20):
        person = make_contact(provider, f"5989900{n % 5:04}") if n < 5 else Contact.objects.all()[n % 5]
        incoming(person)
    assert sum(at_once([lambda: routing.route(NOW)] * 4)) == 20
    assert Turn.objects.count() == 20
    assert ChatSession.objects.count() == 5


def test_a_message_that_comes_while_closing_is_in_an_interaction(
    contact: Contact, campaign: Campaign
) -> None:
    ana = make_agent("ana", campaign)
    session = make_session(contact, campaign, ana, state=SessionState.ACTIVE)
    message = incoming(contact)
    at_once([lambda: services.close(session, ana, NOW), lambda: routing.route_message(message.pk, NOW)])
    turn = Turn.objects.select_related("session").get(message=message)
    assert ChatSession.objects.exclude(state=SessionState.CLOSED).count() == (turn.session_id != session.pk)


def test_closing_at_once_gives_one_close(contact: Contact, campaign: Campaign) -> None:
    ana = make_agent("ana", campaign)
    session = make_session(contact, campaign, ana, state=SessionState.ACTIVE)
    results = at_once([lambda: services.close(session, ana, NOW)] * 6)
    assert results.count("closed") == 5


def test_one_answer_posted_many_times_at_once_leaves_once(contact: Contact, campaign: Campaign) -> None:
    ana: User = make_agent("ana", campaign)
    session = make_session(contact, campaign)
    key, composed = uuid4(), outbox.compose_text("Of course!")
    results = at_once([lambda: services.answer(session, ana, composed, NOW, key)] * 6)
    assert len({message.pk for message in results}) == 1
    assert Message.objects.filter(direction=Direction.OUT).count() == 1
