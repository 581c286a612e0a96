"""What the sweep asks of large tables goes through an index of what it looks for."""

from typing import Any

import pytest
from django.db import connection

from dialers.models import Base, BaseState
from providers.ledger import Draft, queue
from tests.factories import NOW, make_base, make_contact, make_dialer, make_provider
from ucontact_wavy.alerts.sending import UNANSWERED, paused_bases

pytestmark = pytest.mark.django_db
ROWS = 3000  # enough for the planner to prefer an index where it can use one


def plan(statement: str, values: list[Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_newest_messages_of_a_provider_are_found_though_all_are_older_than_the_others() -> None:
    silent, busy = make_provider(), make_provider("Busy", "5511900000002")
    for provider in (silent, busy):
        draft = Draft(make_contact(provider), "text", {"text": "hello"}, "hello")
        queue(provider, [draft] * ROWS, NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE providers_message")
    assert "message_of_provider" in plan(UNANSWERED, [silent.pk, silent.pk, None])


def test_the_few_bases_that_paused_themselves_are_found_among_all(
    django_assert_max_num_queries: Any,
) -> None:
    dialer = make_dialer(make_provider())
    Base.objects.bulk_create(
        Base(dialer=dialer, name=f"{n}.csv", state=BaseState.PAUSED) for n in range(ROWS)
    )
    mine = make_base(dialer, state=BaseState.PAUSED, reason="no_answers", reason_figures={"of": 100})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE dialers_base")
    with django_assert_max_num_queries(1):
        assert [finding.subject for finding in paused_bases()] == [f"base:{mine.pk}"]
    asked = str(Base.objects.filter(state=BaseState.PAUSED).exclude(reason="").explain())
    assert "bases_paused_themselves" in asked
