"""What happens reaches the pages that it concerns, and no others."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from redis import Redis

from accounts.models import User
from campaigns.models import Campaign
from providers import live, outbox
from providers.drivers.base import Receipt
from providers.models import Contact
from providers.states import State
from providers.statuses import Found, apply
from sessions import routing, services, transfers
from sessions.models import ChatSession, SessionState
from tests.factories import incoming, make_agent, make_campaign, make_contact, make_session, outgoing
from tests.push.pushing import Page, Pushing

pytestmark = pytest.mark.django_db
Commit = Callable[..., Any]


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign, first_name="Ana")


@pytest.fixture
def bea(campaign: Campaign) -> User:
    return make_agent("bea", campaign, first_name="Bea")


@pytest.fixture
def held(campaign: Campaign, contact: Contact, ana: User) -> ChatSession:
    """Ana answers María José."""
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Commit) -> Commit:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def said_nothing(page: Page, redis: Redis, user: User) -> bool:
    """Whether the first thing that a page is told is what we tell it now."""
    redis.publish(f"live:user:{user.pk}", "1")
    return page.next() == ("changed", "user")


def status(message_id: int, correlation_id: Any, provider_id: int, at: datetime) -> Found:
    receipt = Receipt(str(correlation_id), "", "delivered", {"delivered": at})
    return Found(provider_id, 1, at, 0, receipt)


def test_a_message_reaches_its_agent_and_who_has_it_open_and_nobody_else(
    pushing: Pushing, redis: Redis, committed: Commit, held: ChatSession, ana: User, bea: User
) -> None:
    queues = (held.campaign_id or 0,)
    with (
        pushing.page(ana.pk, queues, held.contact_id) as hers,
        pushing.page(bea.pk, queues, 999_999) as other,
    ):
        with committed():
            incoming(held.contact, "Hello?", at=timezone.now())
            routing.route(timezone.now())
        assert hers.next() == ("changed", "contact line")
        assert said_nothing(other, redis, bea)


def test_a_message_in_another_conversation_is_news_for_the_lists(
    pushing: Pushing, committed: Commit, held: ChatSession, ana: User
) -> None:
    with pushing.page(ana.pk, (), 999_999) as page:
        with committed():
            incoming(held.contact, "Hello?", at=timezone.now())
            routing.route(timezone.now())
        assert page.next() == ("changed", "user")


def test_who_waits_reaches_the_agents_of_the_campaign_and_the_supervisors(
    pushing: Pushing,
    redis: Redis,
    committed: Commit,
    campaign: Campaign,
    contact: Contact,
    ana: User,
    bea: User,
) -> None:
    elsewhere = make_campaign(campaign.provider, "Other")
    with (
        pushing.page(ana.pk, (campaign.pk,)) as member,
        pushing.page(9_001, None) as supervisor,
        pushing.page(bea.pk, (elsewhere.pk,)) as other,
    ):
        with committed():
            incoming(contact, "Hello?", at=timezone.now())
            routing.route(timezone.now())
        assert member.next() == ("changed", "queue")
        assert supervisor.next() == ("changed", "queue")
        assert said_nothing(other, redis, bea)


def test_a_status_reaches_the_open_conversation_and_no_other(
    pushing: Pushing, redis: Redis, committed: Commit, held: ChatSession, ana: User, bea: User
) -> None:
    message = outgoing(held.contact, "See you!", state=State.SENT)
    with pushing.page(ana.pk, (), held.contact_id) as hers, pushing.page(bea.pk, (), 999_999) as other:
        with committed():
            apply([status(message.pk, message.correlation_id, message.provider_id, timezone.now())])
        assert hers.next() == ("changed", "contact")
        assert said_nothing(other, redis, bea)


def test_an_answer_reaches_whoever_else_has_the_conversation_open(
    pushing: Pushing, committed: Commit, held: ChatSession, ana: User
) -> None:
    Contact.objects.update(last_incoming_at=timezone.now())
    with pushing.page(9_001, None, held.contact_id) as supervisor:
        with committed():
            services.answer(held, ana, outbox.compose_text("See you!"), timezone.now())
        assert supervisor.next() == ("changed", "contact")


def test_a_status_that_moves_nothing_is_not_told(
    pushing: Pushing, redis: Redis, committed: Commit, held: ChatSession, ana: User
) -> None:
    message = outgoing(held.contact, "See you!", state=State.READ)
    with pushing.page(ana.pk, (), held.contact_id) as page:
        with committed():
            apply([status(message.pk, message.correlation_id, message.provider_id, timezone.now())])
        assert said_nothing(page, redis, ana)


def test_a_transfer_reaches_both_agents(
    pushing: Pushing, committed: Commit, held: ChatSession, ana: User, bea: User
) -> None:
    services.seen(bea, timezone.now())
    with pushing.page(ana.pk, (), held.contact_id) as hers, pushing.page(bea.pk) as theirs:
        with committed():
            transfers.to_agent(held, ana, bea, "She asks for you", timezone.now())
        assert hers.next() == ("changed", "contact user")
        assert theirs.next() == ("changed", "user")


def test_of_many_only_those_who_are_watched_are_told(
    pushing: Pushing, redis: Redis, committed: Commit, campaign: Campaign, ana: User
) -> None:
    people = [make_contact(campaign.provider, f"59899000{n:03}") for n in range(40)]
    sent = [outgoing(one, "Hello", state=State.SENT) for one in people]
    with pushing.page(ana.pk, (), people[7].pk) as page:
        before = published(redis)
        with committed():
            apply([status(one.pk, one.correlation_id, one.provider_id, timezone.now()) for one in sent])
        assert page.next() == ("changed", "contact")
    assert published(redis) - before == 1


def published(redis: Redis) -> int:
    return int(redis.info("commandstats").get("cmdstat_publish", {"calls": 0})["calls"])


def test_what_a_transaction_tells_twice_is_told_once(
    pushing: Pushing, redis: Redis, committed: Commit, ana: User
) -> None:
    before = published(redis)
    with committed() as callbacks:
        live.tell_users([ana.pk])
        with transaction.atomic():
            live.tell_users([ana.pk, None])
    assert (published(redis) - before, len(callbacks)) == (1, 1)


def test_what_was_rolled_back_is_not_told_and_takes_nothing_along(
    pushing: Pushing, redis: Redis, committed: Commit, ana: User, bea: User
) -> None:
    with pushing.page(ana.pk) as hers, pushing.page(bea.pk) as theirs:
        with committed():
            try:
                with transaction.atomic():
                    live.tell_users([ana.pk])
                    raise LookupError
            except LookupError:
                live.tell_users([bea.pk])
        assert theirs.next() == ("changed", "user")
        assert said_nothing(hers, redis, ana)
