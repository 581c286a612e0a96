"""Queues that are full or too slow: the queue text, once, and on to another campaign, in no circle."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, Strategy
from providers.models import Contact, DoNotCall, Message, Provider
from providers.models.do_not_call import Source
from sessions import assignment, presence, queueing, routing, services
from sessions.models import ChatSession, Event, EventKind, Origin, SessionState, Turn
from tests.factories import NOW, incoming, make_agent, make_campaign, make_contact, make_session

pytestmark = pytest.mark.django_db
BUSY = "All our agents are busy. You will be answered soon."
CLOSED_NOW = "sat;09:00-10:00"


def wait(
    provider: Provider, campaign: Campaign, how_many: int, seconds: int = 0, **fields: Any
) -> list[ChatSession]:
    """Interactions that have waited in the queue for so many seconds, of people who may be written to."""
    serial = ChatSession.objects.count()
    return [
        make_session(
            make_contact(provider, f"598991{serial + n:05}", last_incoming_at=NOW),
            campaign,
            **{"queued_at": NOW - timedelta(seconds=seconds), **fields},
        )
        for n in range(how_many)
    ]


def texts() -> list[str]:
    return list(
        Message.objects.filter(author=None, kind="text").order_by("id").values_list("text", flat=True)
    )


def routed(contact: Contact) -> ChatSession:
    message = incoming(contact)
    routing.route(NOW)
    return Turn.objects.select_related("session__campaign").get(message=message).session


def moves(session: ChatSession) -> list[str]:
    rows = Event.objects.filter(session=session, kind=EventKind.MOVED).order_by("id")
    return list(rows.values_list("campaign__name", flat=True))


# The queue is full


@pytest.mark.parametrize(
    ("waiting", "most", "wanted"),
    [
        pytest.param(2, 3, [], id="the last place"),
        pytest.param(3, 3, [BUSY], id="full before it"),
        pytest.param(9, 0, [], id="no limit"),
    ],
)
def test_who_finds_the_queue_full_reads_so_and_waits(
    provider: Provider, campaign: Campaign, contact: Contact, waiting: int, most: int, wanted: list[str]
) -> None:
    Campaign.objects.update(max_queued=most, queue_text=BUSY)
    wait(provider, campaign, waiting)
    session = routed(contact)
    assert texts() == wanted
    assert (session.state, session.agent, session.campaign) == (SessionState.WAITING, None, campaign)
    assert (session.queue_text_at == NOW) is bool(wanted)


def test_the_queue_text_is_said_once_and_never_the_out_of_time_text(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    Campaign.objects.update(max_queued=1, max_time_in_queue=60, queue_text=BUSY, out_of_time="Back at nine.")
    wait(provider, campaign, 1, queue_text_at=NOW)
    routed(contact)
    routed(contact)
    queueing.relieve_overdue(NOW + timedelta(minutes=5))
    assert texts() == [BUSY]


def test_outside_its_hours_a_full_queue_is_no_matter(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    Campaign.objects.update(
        max_queued=1, max_time_in_queue=60, queue_text=BUSY, out_of_time="Back at nine.", schedule=CLOSED_NOW
    )
    wait(provider, campaign, 1, seconds=3600)
    routed(contact)
    assert queueing.relieve_overdue(NOW) == 0
    assert texts() == ["Back at nine."]


def test_those_whom_agents_are_free_to_be_given_do_not_fill_the_queue(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    Campaign.objects.update(max_queued=1, queue_text=BUSY, max_interactions=3)
    services.seen(make_agent("ana", campaign), NOW)
    wait(provider, campaign, 3)
    routed(contact)
    routed(make_contact(provider, "59899000009", last_incoming_at=NOW))
    assert texts() == [BUSY]  # three can be given, one may wait, and so the fifth finds it full


def test_agents_who_pick_themselves_leave_the_queue_as_full_as_it_is(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    Campaign.objects.update(max_queued=1, queue_text=BUSY, strategy=Strategy.RINGALL)
    services.seen(make_agent("ana", campaign), NOW)
    wait(provider, campaign, 1)
    routed(contact)
    assert texts() == [BUSY]


def test_a_full_queue_passes_on_to_another_campaign_whose_agents_get_it(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    other = make_campaign(provider, "Other")
    ana = make_agent("ana", other)
    Campaign.objects.filter(pk=campaign.pk).update(max_queued=1, overflow=other)
    wait(provider, campaign, 1)
    services.seen(ana, NOW)
    session = routed(contact)
    assert (session.campaign, moves(session), texts()) == (other, ["Other"], [])
    assignment.assign(NOW)
    session.refresh_from_db()
    assert session.agent == ana


def full(target: Campaign) -> None:
    Campaign.objects.filter(pk=target.pk).update(max_queued=1)
    wait(target.provider, target, 1)


def disabled(target: Campaign) -> None:
    Campaign.objects.filter(pk=target.pk).update(enabled=False)


def out_of_hours(target: Campaign) -> None:
    Campaign.objects.filter(pk=target.pk).update(schedule=CLOSED_NOW)


@pytest.mark.parametrize("unfit", [full, disabled, out_of_hours])
def test_it_goes_past_a_campaign_that_does_not_take_it(
    provider: Provider, campaign: Campaign, contact: Contact, unfit: Callable[[Campaign], None]
) -> None:
    last = make_campaign(provider, "Last")
    between = make_campaign(provider, "Between", overflow=last)
    Campaign.objects.filter(pk=campaign.pk).update(max_queued=1, overflow=between)
    wait(provider, campaign, 1)
    unfit(between)
    assert routed(contact).campaign == last


def test_a_circle_of_full_queues_leaves_it_where_it_belongs(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    other = make_campaign(provider, "Other", overflow=campaign, max_queued=1)
    Campaign.objects.filter(pk=campaign.pk).update(max_queued=1, overflow=other, queue_text=BUSY)
    wait(provider, campaign, 1)
    wait(provider, other, 1)
    session = routed(contact)
    assert (session.campaign, moves(session), texts()) == (campaign, [], [BUSY])


# The queue is too slow


@pytest.mark.parametrize(
    ("seconds", "limit", "wanted"),
    [
        pytest.param(59, 60, [], id="not yet"),
        pytest.param(60, 60, [BUSY], id="just now"),
        pytest.param(99999, 0, [], id="no limit"),
    ],
)
def test_who_waits_for_too_long_reads_so(
    provider: Provider, campaign: Campaign, seconds: int, limit: int, wanted: list[str]
) -> None:
    Campaign.objects.update(max_time_in_queue=limit, queue_text=BUSY)
    (session,) = wait(provider, campaign, 1, seconds)
    assert queueing.relieve_overdue(NOW) == len(wanted)
    assert queueing.relieve_overdue(NOW) == 0
    assert texts() == wanted
    assert list(session.turns.values_list("message__text", flat=True)) == wanted


def offered(session: ChatSession) -> None:
    session.agent = make_agent("ana", session.campaign) if session.campaign else None


def taken(session: ChatSession) -> None:
    offered(session)
    session.state = SessionState.ACTIVE


def begun_by_us(session: ChatSession) -> None:
    session.origin = Origin.RESCHEDULED


@pytest.mark.parametrize("how", [offered, taken, begun_by_us])
def test_only_customers_in_the_queue_are_told(
    provider: Provider, campaign: Campaign, how: Callable[[ChatSession], None]
) -> None:
    Campaign.objects.update(max_time_in_queue=60, queue_text=BUSY)
    (session,) = wait(provider, campaign, 1, 600)
    how(session)
    session.save()
    assert queueing.relieve_overdue(NOW) == 0
    assert texts() == []


def test_a_refused_text_is_not_tried_for_ever(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(max_time_in_queue=60, queue_text=BUSY)
    (session,) = wait(provider, campaign, 1, 60)
    DoNotCall.objects.create(number=session.contact.contact, source=Source.CUSTOMER)
    assert [queueing.relieve_overdue(NOW) for _ in range(2)] == [1, 0]
    assert texts() == []


def test_too_slow_a_queue_passes_on_and_the_wait_begins_anew(
    provider: Provider,
    campaign: Campaign,
    heard: Callable[[], set[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    other = make_campaign(provider, "Other", max_time_in_queue=60)
    Campaign.objects.filter(pk=campaign.pk).update(max_time_in_queue=60, overflow=other, queue_text=BUSY)
    (session,) = wait(provider, campaign, 1, 60)
    with django_capture_on_commit_callbacks(execute=True):
        queueing.relieve_overdue(NOW)
    session.refresh_from_db()
    assert (session.campaign, session.queued_at, session.opened_at) == (other, NOW, NOW)
    assert (moves(session), texts()) == (["Other"], [BUSY])
    assert heard() >= {
        f"live:queue:{campaign.pk}",
        f"live:queue:{other.pk}",
        f"live:contact:{session.contact_id}",
    }


def test_a_circle_of_slow_queues_comes_to_an_end(provider: Provider, campaign: Campaign) -> None:
    third = make_campaign(provider, "Third", overflow=campaign, max_time_in_queue=60)
    second = make_campaign(provider, "Second", overflow=third, max_time_in_queue=60)
    Campaign.objects.filter(pk=campaign.pk).update(max_time_in_queue=60, overflow=second)
    (session,) = wait(provider, campaign, 1)
    for minute in range(1, 30):
        queueing.relieve_overdue(NOW + timedelta(minutes=minute))
    session.refresh_from_db()
    assert moves(session) == ["Second", "Third", campaign.name]
    assert session.campaign == campaign


def test_what_cannot_go_on_does_not_stand_in_front_of_what_can(
    provider: Provider, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing, "AT_ONCE", 2)
    other = make_campaign(provider, "Other")
    Campaign.objects.filter(pk=campaign.pk).update(max_time_in_queue=60, overflow=other)
    for session in wait(provider, campaign, 3, 600):
        Event.objects.create(
            session=session, contact=session.contact, kind=EventKind.MOVED, at=NOW, campaign=other
        )
    later = wait(provider, campaign, 2, 60)
    assert queueing.relieve_overdue(NOW) == 2
    assert set(other.sessions.all()) == set(later)


def test_a_paused_team_lets_the_queue_run_full(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    Campaign.objects.update(max_queued=1, queue_text=BUSY)
    presence.pause(make_agent("ana", campaign), None, NOW)
    wait(provider, campaign, 1)
    routed(contact)
    assert texts() == [BUSY]


def test_a_sweep_with_nothing_overdue_costs_one_query(
    provider: Provider, campaign: Campaign, django_assert_num_queries: Any
) -> None:
    Campaign.objects.update(max_time_in_queue=60, queue_text=BUSY)
    wait(provider, campaign, 20, 10)
    with django_assert_num_queries(1):
        assert queueing.relieve_overdue(NOW) == 0
