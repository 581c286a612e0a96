"""The gate: what may not leave, for which reason, and that it is asked again when a message leaves."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import responses
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from providers import gate, ledger
from providers.do_not_call import add
from providers.errors import Refusal
from providers.models import Contact, DoNotCall, Provider
from providers.models.do_not_call import Source
from providers.models.template import TemplateState
from providers.sending import RetryPolicy, send_chunk
from tests.factories import CUSTOMER, NOW, make_contact, make_template
from tests.providers.scenes import clock, later, number, queued, reloaded, states

TEXT = {"text": "Hello"}


def hsm(*parameters: str, code: str = "reminder", language: str = "en") -> dict[str, Any]:
    return {"code": code, "language": language, "parameters": list(parameters)}


def ask(
    contact: Contact, content: dict[str, Any], *, at: datetime = NOW, external: bool = False
) -> Refusal | None:
    """What the gate says to one message."""
    kind = "hsm" if "code" in content else "text"
    candidate = gate.Candidate("it", contact, contact.address, kind, content)
    keys = frozenset(["it"]) if external else frozenset()
    return gate.check(contact.provider, [candidate], at, external=keys).get("it")


def refused(contact: Contact, content: dict[str, Any], **how: Any) -> Refusal:
    why = ask(contact, content, **how)
    assert why is not None
    return why


# The window


@pytest.mark.parametrize(
    ("ago", "may"),
    [(timedelta(0), True), (timedelta(hours=23, minutes=59), True), (timedelta(hours=24), False)],
    ids=["just now", "a minute before the end", "at the end"],
)
def test_free_text_leaves_within_24_hours_of_their_message(
    provider: Provider, ago: timedelta, may: bool
) -> None:
    contact = make_contact(provider, last_incoming_at=NOW - ago)
    assert (ask(contact, TEXT) is None) is may


def test_a_closed_window_says_since_when_and_what_to_do(provider: Provider) -> None:
    contact = make_contact(provider, last_incoming_at=later(hours=-30))
    with translation.override("en"):
        why = refused(contact, TEXT)
        assert (why.code, why.status) == ("window_closed", 409)
        assert "March 4, 2026, 9 a.m." in str(why)
        assert "Send a template" in str(why)


def test_a_window_that_never_opened_says_so(provider: Provider) -> None:
    why = refused(make_contact(provider), TEXT)
    assert why.code == "window_closed"
    assert "never wrote" in str(why)


def test_a_template_needs_no_window(provider: Provider) -> None:
    make_template(provider)
    assert ask(make_contact(provider), hsm("Ana")) is None


# Do-not-call


@pytest.mark.parametrize(
    ("source", "everywhere", "external", "may"),
    [
        (Source.OPERATOR, False, False, False),
        (Source.CUSTOMER, False, False, False),
        (Source.PROVIDER, False, False, False),
        (Source.OPERATOR, True, False, False),
        (Source.EXTERNAL, False, False, True),
        (Source.EXTERNAL, False, True, False),
        (Source.EXTERNAL, True, True, False),
        (Source.EXTERNAL, True, False, True),
    ],
    ids=[
        "entered by us",
        "asked by the customer",
        "told by the provider",
        "at all providers",
        "external, DNCR off",
        "external, DNCR on",
        "external everywhere, DNCR on",
        "external everywhere, DNCR off",
    ],
)
def test_do_not_call_holds_by_its_source(
    provider: Provider, source: str, everywhere: bool, external: bool, may: bool
) -> None:
    contact = make_contact(provider, last_incoming_at=NOW)
    DoNotCall.objects.create(provider=None if everywhere else provider, number=contact.contact, source=source)
    why = ask(contact, TEXT, external=external)
    assert (why.code if why else "") == ("" if may else "do_not_call")


def test_do_not_call_of_another_provider_does_not_hold(provider: Provider, other_provider: Provider) -> None:
    contact = make_contact(provider, last_incoming_at=NOW)
    add(contact.contact, other_provider)
    assert ask(contact, TEXT) is None


@pytest.mark.parametrize(
    ("entered", "dialled"),
    [
        ("55 11 8765-4321", "5511987654321"),
        ("+52 1 55 1234 5678", "525512345678"),
        ("54 9 11 2345 6789", "541123456789"),
    ],
    ids=["Brazil without the ninth digit", "Mexico with the 1", "Argentina with the 9"],
)
def test_do_not_call_holds_in_every_spelling(provider: Provider, entered: str, dialled: str) -> None:
    add(entered, None)
    add(entered, None)
    assert DoNotCall.objects.count() == 1
    assert refused(make_contact(provider, dialled, last_incoming_at=NOW), TEXT).code == "do_not_call"


# Templates


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (hsm("Ana", code="nobody_knows_it"), "template_unknown"),
        (hsm("Ana", language="pt_BR"), "template_unknown"),
        (hsm(code="waiting"), "template_not_approved"),
        (hsm(), "template_parameters"),
        (hsm("Ana", "Eva"), "template_parameters"),
        (hsm(""), "template_parameters"),
        (hsm("  "), "template_parameters"),
        (hsm("a\nb"), "template_parameters"),
        (hsm("a\r"), "template_parameters"),
        (hsm("a\tb"), "template_parameters"),
        (hsm("a    b"), "template_parameters"),
    ],
    ids=[
        "unknown code",
        "unknown language",
        "not approved",
        "too few parameters",
        "too many parameters",
        "an empty one",
        "a blank one",
        "line break",
        "carriage return",
        "tab",
        "four blanks",
    ],
)
def test_a_template_that_will_not_do_is_refused(
    provider: Provider, content: dict[str, Any], code: str
) -> None:
    make_template(provider)
    make_template(provider, "waiting", "Hello", state=TemplateState.IN_ANALYSIS)
    why = refused(make_contact(provider), content)
    assert (why.code, why.status) == (code, 400)


@pytest.mark.parametrize(
    "content",
    [hsm("a   b"), hsm("Ana"), hsm("Ana", language=""), hsm("á{{1}}:;")],
    ids=["three blanks", "the language named", "the only language there is", "signs"],
)
def test_a_template_that_fits_may_leave(provider: Provider, content: dict[str, Any]) -> None:
    make_template(provider)
    assert ask(make_contact(provider), content) is None


def test_a_template_in_two_languages_needs_the_language(provider: Provider) -> None:
    make_template(provider)
    make_template(provider, language="es")
    why = refused(make_contact(provider), hsm("Ana", language=""))
    assert why.code == "template_unknown"
    assert "en, es" in str(why)


def test_a_template_of_another_provider_is_unknown(provider: Provider, other_provider: Provider) -> None:
    make_template(other_provider)
    assert refused(make_contact(provider), hsm("Ana")).code == "template_unknown"


# The provider's RegExp


@pytest.mark.parametrize(
    ("pattern", "may"),
    [(".", True), ("^598", True), ("99", True), ("^55", False), ("^99", False)],
    ids=["everything", "their country", "searched inside", "another country", "not at the beginning"],
)
def test_the_regexp_is_searched_in_the_number(provider: Provider, pattern: str, may: bool) -> None:
    provider.sms_regexp = pattern
    why = ask(make_contact(provider, CUSTOMER, last_incoming_at=NOW), TEXT)
    assert (why.code if why else "") == ("" if may else "number_refused")


# Asked again when a message leaves


def spoil_template(provider: Provider) -> None:
    provider.templates.update(state=TemplateState.DISAPPROVED)


def spoil_number(provider: Provider) -> None:
    DoNotCall.objects.create(number=Contact.objects.get().contact, provider=None)


def spoil_pattern(provider: Provider) -> None:
    provider.sms_regexp = "^1"


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (spoil_template, "template_not_approved"),
        (spoil_number, "do_not_call"),
        (spoil_pattern, "number_refused"),
    ],
    ids=["template disapproved", "opted out", "RegExp changed"],
)
def test_what_changed_after_queueing_is_refused_and_nothing_reaches_the_wire(
    provider: Provider, wavy: responses.RequestsMock, spoil: Any, error: str
) -> None:
    make_template(provider)
    contact = make_contact(provider)
    draft = ledger.Draft(contact, "hsm", hsm("Ana"), "Hello Ana", batch=1)
    (message,) = ledger.queue(provider, [draft], NOW)
    spoil(provider)
    report = send_chunk(provider, [message], clock(), policy=RetryPolicy())
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.error, fresh.attempts) == ("refused", error, 0)
    assert fresh.error_detail
    assert (report.gated, len(wavy.calls)) == (1, 0)


def test_a_window_that_closed_while_a_text_was_queued_keeps_it_from_leaving(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    messages = queued(provider, 2)
    send_chunk(provider, messages, clock(later(hours=24)), policy=RetryPolicy())
    assert states(messages) == ["refused", "refused"]
    assert len(wavy.calls) == 0


def test_the_gate_does_not_take_back_what_somebody_else_sent_meanwhile(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    (message,) = queued(provider)
    ledger.move([ledger.Move(message.pk, 40, {"accepted_at": NOW})])
    DoNotCall.objects.create(number=message.contact.contact, provider=None)
    send_chunk(provider, [message], clock(), policy=RetryPolicy())
    assert states([message]) == ["accepted"]


@pytest.mark.parametrize("n", [1, 100])
def test_the_gate_asks_the_database_three_times_whatever_the_number(
    provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries, n: int
) -> None:
    make_template(provider)
    contacts = [make_contact(provider, number(index), last_incoming_at=NOW) for index in range(n)]
    candidates = [
        gate.Candidate(key, contact, contact.address, "hsm" if key % 2 else "text", hsm("Ana") | TEXT)
        for key, contact in enumerate(contacts)
    ]
    with django_assert_max_num_queries(3):
        assert gate.check(provider, candidates, NOW, external=frozenset(range(n))) == {}
