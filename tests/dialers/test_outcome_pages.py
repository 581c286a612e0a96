"""The pages of a base after its start: funnel, rows, export, a new base, the unconfirmed; by role."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dialers import unconfirmed
from dialers.admin.unconfirmed import UNCONFIRMED_SHOWN, unconfirmed_of
from dialers.models import Base, BaseState, Dialer, Row
from providers import ledger, tally
from providers.models import Message
from providers.states import State
from tests.dialers.outcomes import LATER, become, messages_of, number, reply, sent_base
from tests.factories import NOW, make_agent, make_operator, make_supervisor
from tests.pages import signed_in, words

pytestmark = pytest.mark.usefixtures("wavy")
BASES = "/admin/dialers/dialer/bases/"


@pytest.fixture
def operator(db: None) -> Client:
    return signed_in(make_operator("Olga"))


@pytest.fixture
def base(dialer: Dialer) -> Base:
    """Six rows: 1 and 2 not delivered, 3 delivered and answered, 4 and 5 unconfirmed, 6 taken."""
    base = sent_base(dialer, 6)
    one, two, three, four, five, _six = messages_of(base)
    become(one, State.FAILED, "invalid_number")
    become(two, State.FAILED, "no_credit")
    become(three, State.DELIVERED)
    reply(three)
    doubtful(four, five)
    return base


def doubtful(*messages: Message) -> None:
    """Lost from sight, as an answer that never came leaves them."""
    keys = [message.pk for message in messages]
    for key, batch in Message.objects.filter(pk__in=keys).values_list("pk", "batch"):
        tally.append({(batch or 0, State.ACCEPTED): -1, (batch or 0, State.QUEUED): 1})
        Message.objects.filter(pk=key).update(state=State.QUEUED, accepted_at=None, error="")
    ledger.submit(keys, LATER, NOW)
    ledger.move(ledger.Move(key, State.UNCERTAIN, {"uncertain_at": LATER}, error="no_answer") for key in keys)


def test_the_page_shows_the_funnel_with_its_numbers_and_the_reasons(operator: Client, base: Base) -> None:
    page = words(operator.get(f"{BASES}{base.pk}/"))
    assert "in the base 6 100.0 %" in page
    assert "replied 1 16.7 %" in page
    assert "The number does not exist or has no WhatsApp. Correct it in the base. 1" in page


def test_supervisors_go_on_to_who_did_what_with_it(operator: Client, base: Base) -> None:
    supervisor = signed_in(make_supervisor())
    link = f"/admin/dialers/base/{base.pk}/history/"

    assert link in supervisor.get(f"{BASES}{base.pk}/").content.decode()
    assert f"object_id={base.pk}" in supervisor.get(link).headers["Location"]
    assert link not in operator.get(f"{BASES}{base.pk}/").content.decode()


def test_each_number_leads_to_its_rows(operator: Client, base: Base) -> None:
    page = operator.get(f"{BASES}{base.pk}/").content.decode()
    assert f"{BASES}{base.pk}/rows/?reached=delivered" in page
    assert f"{BASES}{base.pk}/rows/?state=failed&amp;error=no_credit" in page


def test_the_rows_tell_number_text_state_reason_and_the_other_columns(operator: Client, base: Base) -> None:
    Row.objects.filter(base=base, line=2).update(extra={"city": "Salto"})
    page = words(operator.get(f"{BASES}{base.pk}/rows/?state=failed&error=no_credit"))
    for told in (
        "Dear customer: row 2",
        "not delivered",
        "The account at the provider has no credit",
        "Salto",
    ):
        assert told in page
    assert "Dear customer: row 1" not in page


def test_a_long_list_has_a_next_page(operator: Client, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialers.admin.outcomes.PER_PAGE", 4)
    first = operator.get(f"{BASES}{base.pk}/rows/")
    second = operator.get(f"{BASES}{base.pk}/rows/?{first.context['following']}")
    lines = [row.line for page in (first, second) for row in page.context["rows"]]
    assert (lines, second.context["following"]) == ([1, 2, 3, 4, 5, 6], "")


@pytest.mark.parametrize("query", ["state=nonsense", "reached=failed", "after=x", "error=no_credit"])
def test_an_address_that_no_page_gave_is_not_found(operator: Client, base: Base, query: str) -> None:
    assert operator.get(f"{BASES}{base.pk}/rows/?{query}").status_code == 404


def test_the_export_of_what_is_shown_has_just_that(operator: Client, base: Base) -> None:
    response: Any = operator.get(f"{BASES}{base.pk}/export/?as=csv&state=failed")
    text = b"".join(response.streaming_content).decode()
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["1", "2"]


def test_a_new_base_is_chosen_by_outcome_with_the_exact_numbers(operator: Client, base: Base) -> None:
    address = f"{BASES}{base.pk}/again/"
    assert "Not delivered 1 The number does not exist" in words(operator.get(address))
    done = operator.post(address, {"outcome": ["failed:invalid_number", "failed:no_credit"]}, follow=True)
    assert "“base.csv (again)” is ready with 2 rows." in words(done)
    new = Base.objects.get(recycled_from=base)
    assert (new.state, new.created_by and new.created_by.username) == ("ready", "Olga")


def test_a_new_base_of_nothing_says_so(operator: Client, base: Base) -> None:
    done = operator.post(f"{BASES}{base.pk}/again/", {}, follow=True)
    assert "Choose at least one outcome." in words(done)


def test_a_running_base_makes_no_new_one_and_says_why(operator: Client, base: Base) -> None:
    Base.objects.filter(pk=base.pk).update(state=BaseState.RUNNING)
    assert "Make a new base from…" not in words(operator.get(f"{BASES}{base.pk}/"))
    assert "once it is finished or cancelled" in words(operator.get(f"{BASES}{base.pk}/again/", follow=True))


def test_all_unconfirmed_are_taken_as_sent_at_once_and_it_is_kept_by_whom(
    operator: Client, base: Base
) -> None:
    address = f"{BASES}{base.pk}/unconfirmed/"
    seen = operator.get(address)
    assert "Take 2 as sent" in words(seen)
    done = operator.post(address, {"act": "sent-all", "seen_at": seen.context["seen_at"]}, follow=True)
    assert "2 were taken as sent." in words(done)
    assert "taken as sent Olga just now" in words(done)


def test_the_chosen_ones_go_again_and_their_rows_follow(operator: Client, base: Base) -> None:
    four, five = messages_of(base)[3:5]
    done = operator.post(
        f"{BASES}{base.pk}/unconfirmed/", {"act": "again", "message": [str(four.pk)]}, follow=True
    )
    assert "1 goes again." in words(done)
    new = Row.objects.get(base=base, line=4).message
    assert new is not None
    assert (new.state, Message.objects.get(pk=four.pk).sent_again_as) == (State.QUEUED, new)
    assert Message.objects.get(pk=five.pk).state == State.UNCERTAIN


def test_what_is_valid_no_more_is_not_sent_again_and_the_page_says_why(operator: Client, base: Base) -> None:
    Base.objects.filter(pk=base.pk).update(valid_until=NOW)
    address = f"{BASES}{base.pk}/unconfirmed/"
    act = {"act": "again-all", "seen_at": operator.get(address).context["seen_at"]}
    assert "The base is valid no more" in words(operator.post(address, act, follow=True))
    assert Message.objects.filter(batch=base.pk, state=State.UNCERTAIN).count() == 2


def test_each_base_lists_its_first_unconfirmed_ones_however_many_another_has(dialer: Dialer) -> None:
    many, few = sent_base(dialer, 2 * UNCONFIRMED_SHOWN), sent_base(dialer, 2, "hsm:notice:other")
    doubtful(*messages_of(many), *messages_of(few))
    found = unconfirmed_of([many.pk, few.pk])
    assert {key: len(listed) for key, listed in found.items()} == {many.pk: UNCONFIRMED_SHOWN, few.pk: 2}


def test_deciding_twice_changes_nothing(base: Base) -> None:
    keys = [message.pk for message in messages_of(base)[3:5]]
    times = [unconfirmed.send_again(base, iter(keys), None, LATER) for _ in range(2)]
    assert times == [2, 0]
    assert Message.objects.filter(sent_again_from__in=keys).count() == 2


def test_a_base_that_is_valid_no_more_says_so_instead_of_sending_again(operator: Client, base: Base) -> None:
    Base.objects.filter(pk=base.pk).update(valid_until=NOW)
    asked = {"act": "again-all", "seen_at": timezone.now().isoformat()}
    done = operator.post(f"{BASES}{base.pk}/unconfirmed/", asked, follow=True)
    assert "The base is valid no more" in words(done)
    assert Message.objects.filter(batch=base.pk, state=State.UNCERTAIN).count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"act": "again-all", "seen_at": "2026-13-45T00:00:00"}, id="no month"),
        pytest.param({"act": "again-all", "seen_at": "2026-12-05T00:00:00"}, id="no zone"),
        pytest.param({"act": "again", "message": "9" * 5000}, id="no id"),
    ],
)
def test_what_no_page_of_ours_sends_decides_about_none(
    operator: Client, base: Base, sent: dict[str, str]
) -> None:
    done = operator.post(f"{BASES}{base.pk}/unconfirmed/", sent, follow=True)
    assert "None of these is unconfirmed any more." in words(done)


@pytest.mark.parametrize(
    "asked",
    ["rows/?state=failed&error=%00", "export/?state=failed&error=%00", "rows/?state=failed&after=1-%00"],
)
def test_a_reason_that_can_be_none_is_not_found(operator: Client, base: Base, asked: str) -> None:
    assert operator.get(f"{BASES}{base.pk}/{asked}").status_code == 404


def test_what_became_unconfirmed_after_the_look_is_left_alone(base: Base) -> None:
    looked = LATER + timedelta(seconds=1)
    six = messages_of(base)[5]
    doubtful(six)
    Message.objects.filter(pk=six.pk).update(uncertain_at=looked + timedelta(seconds=1))
    assert unconfirmed.take_as_sent(base, unconfirmed.all_until(base, looked), None, timezone.now()) == 2
    six.refresh_from_db()
    assert six.state == State.UNCERTAIN


def test_another_bases_messages_are_not_decided_here(base: Base, dialer: Dialer) -> None:
    other = sent_base(dialer, 1, "hsm:notice:other")
    doubtful(*messages_of(other))
    keys = [message.pk for message in messages_of(other)]
    assert unconfirmed.take_as_sent(base, unconfirmed.chosen(base, keys), None, LATER) == 0


def test_a_base_that_ended_runs_again_when_some_are_sent_again(base: Base) -> None:
    keys = [message.pk for message in messages_of(base)[3:5]]
    assert unconfirmed.send_again(base, iter(keys), None, LATER) == 2
    base.refresh_from_db()
    assert (base.state, base.finished_at) == (BaseState.RUNNING, None)


def test_the_dialer_shows_all_its_bases_together(operator: Client, base: Base) -> None:
    fragment = words(operator.get(f"/admin/dialers/dialer/{base.dialer_id}/funnel/"))
    assert "All bases of this dialer together" in fragment
    assert "in the base 6 100.0 %" in fragment


@pytest.mark.parametrize("place", ["", "funnel/", "rows/", "export/", "again/", "unconfirmed/"])
def test_agents_see_none_of_it(base: Base, place: str) -> None:
    agent = signed_in(make_agent(is_staff=True))
    assert agent.get(f"{BASES}{base.pk}/{place}").status_code == 403


def test_the_page_asks_as_much_of_many_rows_as_of_few(
    operator: Client, base: Base, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(20) as asked:
        operator.get(f"{BASES}{base.pk}/")
    counted = [query["sql"] for query in asked.captured_queries if "COUNT(" in query["sql"].upper()]
    assert not [sql for sql in counted if "dialers_row" in sql or "providers_message" in sql]


def test_a_number_of_the_rows_is_readable(operator: Client, base: Base) -> None:
    assert f"+{number(1)[:3]}" in words(operator.get(f"{BASES}{base.pk}/rows/"))
