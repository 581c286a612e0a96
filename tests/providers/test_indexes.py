"""Frequent questions to the ledger go through their index, however long the list they are asked with."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet

from providers.ledger import Draft, Move, move, queue
from providers.models import Direction, Message, Provider
from providers.states import State
from providers.statuses import with_their_ids
from tests.factories import NOW, make_contact

ROWS = 3000  # enough for the planner to prefer an index where it can use one
MANY = 300  # PostgreSQL looks into a list by itself only up to a hundred

Question = Callable[[Provider], QuerySet[Message]]


@pytest.fixture
def ledger(provider: Provider) -> None:
    """Messages that were accepted, of which one failed, and none was answered."""
    draft = Draft(make_contact(provider), "text", {"text": "hello"}, "hello")
    messages = queue(provider, [draft] * ROWS, NOW)
    times = {"accepted_at": NOW}
    move(
        Move(message.pk, State.ACCEPTED, times, provider_message_id=f"theirs-{number}")
        for number, message in enumerate(messages)
    )
    move([Move(messages[0].pk, State.FAILED, {"failed_at": NOW})])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE providers_message")


def their_ids(provider: Provider) -> set[tuple[int, str]]:
    return {(provider.pk, f"theirs-{number}") for number in range(MANY)}


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("question", "index"),
    [
        pytest.param(
            lambda provider: with_their_ids(their_ids(provider), Direction.OUT),
            "message_by_provider_id",
            id="statuses that name the provider's id alone",
        ),
        pytest.param(
            lambda provider: with_their_ids(their_ids(provider), Direction.IN),
            "one_incoming_per_provider_id",
            id="messages that may be known already",
        ),
        pytest.param(
            lambda _provider: Message.objects.filter(answers__in=range(MANY)),
            "message_answers",
            id="answers to messages that are deleted",
        ),
        pytest.param(
            lambda _provider: Message.objects.filter(listed_state=State.FAILED).order_by("-pk"),
            "message_in_trouble",
            id="what was not delivered",
        ),
    ],
)
def test_a_question_is_answered_through_its_index(provider: Provider, question: Question, index: str) -> None:
    assert index in question(provider).explain()
