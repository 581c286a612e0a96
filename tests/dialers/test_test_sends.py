"""A test send: what a line says, to a phone of one's own, beside the base."""

from datetime import timedelta

import pytest

from dialers import test_sends
from dialers.models import Base, Dialer
from providers.errors import Refusal
from providers.models import Message, Template
from providers.replies import send_replies
from providers.states import State
from tests.dialers.files import ADDRESS, check_tally, hsm_lines, loaded, settle, started
from tests.dialers.wavy import Wavy
from tests.factories import NOW, make_contact, make_operator, make_supervisor
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
OWN = "+598 99 000 111"
FILE = (
    "WavyDialer;59899123401;hsm:notice:last to leave;9999\n"
    "WavyDialer;59899123402;hsm:notice:first to leave;1\n"
    "WavyDialer;59899123403;Free text;9999\n"
    "WavyDialer;59899123404;hsm:unknown;9999\n"
)


@pytest.fixture
def base(dialer: Dialer) -> Base:
    return loaded(dialer, FILE)


@pytest.mark.parametrize(
    ("line", "text"), [(1, "Dear customer: last to leave"), (None, "Dear customer: first to leave")]
)
def test_it_sends_what_the_line_says_to_the_phone_given(
    base: Base, wavy: Wavy, line: int | None, text: str
) -> None:
    message = test_sends.test_send(base, line, OWN, None, NOW)
    send_replies(lambda: NOW)

    assert wavy.numbers == ["59899000111"]
    assert message.text == text


def test_the_templates_time_to_live_goes_with_the_row_and_with_its_test(dialer: Dialer, wavy: Wavy) -> None:
    Template.objects.filter(code="welcome").update(ttl=2)
    base = started(dialer, hsm_lines(1))
    test_sends.test_send(base, 1, OWN, None, NOW)
    send_replies(lambda: NOW)
    settle(base)

    assert [(arrival.numbers, arrival.message["ttl"]) for arrival in wavy.arrivals] == [
        (("59899000111",), 2),
        ((str(ADDRESS + 1),), 2),
    ]


def test_it_is_in_no_tally_and_tells_who_tested_what(base: Base) -> None:
    user = make_operator()
    before = check_tally(base)
    message = test_sends.test_send(base, 2, OWN, user, NOW)

    assert check_tally(base) == before
    assert (message.batch, message.author, message.content["test_of"]) == (
        None,
        user,
        {"base": base.pk, "line": 2},
    )


def test_it_never_waits_behind_the_base(base: Base, wavy: Wavy) -> None:
    message = test_sends.test_send(base, 1, OWN, None, NOW)
    send_replies(lambda: NOW)

    message.refresh_from_db()
    assert message.state == State.ACCEPTED
    assert check_tally(base)["pending"] == 3


@pytest.mark.parametrize(
    ("line", "number", "code"),
    [
        pytest.param(4, OWN, "no_such_line", id="an invalid line"),
        pytest.param(99, OWN, "no_such_line", id="a line that is not there"),
        pytest.param(1, "phone", "number_characters", id="no number"),
        pytest.param(1, "099 000 111", "number_country", id="a number without its country"),
        pytest.param(3, OWN, "window_closed", id="free text to a phone that never wrote"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_reason(
    base: Base, line: int, number: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        test_sends.test_send(base, line, number, None, NOW)

    assert refused.value.code == code
    assert not Message.objects.exists()


def test_free_text_goes_to_a_phone_that_wrote_today(base: Base) -> None:
    make_contact(base.dialer.provider, "59899000111", last_incoming_at=NOW - timedelta(hours=23))

    assert test_sends.test_send(base, 3, OWN, None, NOW).text == "Free text"


def test_the_ledger_marks_it_as_a_test_send(base: Base, wavy: Wavy) -> None:
    message = test_sends.test_send(base, 1, OWN, None, NOW)
    settle(started(base.dialer, hsm_lines(1, "hsm:notice:no test")))
    supervisor = signed_in(make_supervisor())
    page = words(supervisor.get("/admin/providers/message/"))
    assert "test send Dear customer: last to leave" in page
    assert page.count("test send") == 1
    assert "test send" in words(supervisor.get(f"/admin/providers/message/{message.pk}/change/"))
