"""The ledger, do-not-call and the inbox in the admin: found by any spelling, never counted, safe to look at."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.models import Callback, DoNotCall, Message, QuarantinedItem
from providers.states import State
from tests.factories import (
    NOW,
    incoming,
    make_contact,
    make_operator,
    make_provider,
    make_supervisor,
    outgoing,
)
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
MESSAGES = "/admin/providers/message/"
DO_NOT_CALL = "/admin/providers/donotcall/"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.mark.parametrize(
    "spelling",
    ["5511987654321", "+55 11 98765-4321", "(55) 11 98765 4321", "551187654321", "00551187654321"],
    ids=["digits", "international", "brackets", "without the ninth digit", "with 00"],
)
def test_a_message_is_found_by_its_number_in_any_spelling(supervisor: Client, spelling: str) -> None:
    provider = make_provider()
    outgoing(make_contact(provider, "5511987654321"), "the one")
    outgoing(make_contact(provider, "59899123456"), "another")

    text = words(supervisor.get(MESSAGES, {"q": spelling}))

    assert "the one" in text
    assert "another" not in text


def test_a_message_is_found_by_its_correlation_id(supervisor: Client) -> None:
    contact = make_contact(make_provider())
    wanted = outgoing(contact, "the one")
    outgoing(contact, "another")

    text = words(supervisor.get(MESSAGES, {"q": str(wanted.correlation_id)}))

    assert "the one" in text
    assert "another" not in text


def test_a_search_for_something_else_finds_nothing(supervisor: Client) -> None:
    outgoing(make_contact(make_provider()), "the one")

    assert "the one" not in words(supervisor.get(MESSAGES, {"q": "nobody"}))


def test_the_ledger_is_never_counted_and_asks_as_often_for_many_as_for_one(
    supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    provider = make_provider()
    for number in range(60):
        outgoing(make_contact(provider, f"59899{number:06}"), state=State.READ)

    with django_assert_max_num_queries(8) as asked:
        supervisor.get(MESSAGES)

    assert not [query for query in asked.captured_queries if "COUNT(" in query["sql"]]


def test_a_message_says_what_went_wrong_and_when(supervisor: Client) -> None:
    message = outgoing(
        make_contact(make_provider()), state=State.FAILED, error="invalid_number", failed_at=NOW
    )

    text = words(supervisor.get(reverse("admin:providers_message_change", args=[message.pk])))

    assert "State not delivered" in text
    assert "The number does not exist or has no WhatsApp." in text
    assert "not delivered March 4, 2026, 3 p.m." in text


def test_nobody_changes_the_ledger_by_hand(supervisor: Client) -> None:
    message = incoming(make_contact(make_provider()), "Hello!")
    address = reverse("admin:providers_message_change", args=[message.pk])

    assert supervisor.post(address, {"text": "Bye!"}).status_code == 403
    assert supervisor.post(reverse("admin:providers_message_delete", args=[message.pk])).status_code == 403
    assert Message.objects.get().text == "Hello!"


def test_a_number_joins_do_not_call_in_any_spelling_and_twice_is_harmless(supervisor: Client) -> None:
    page = supervisor.get(f"{DO_NOT_CALL}add/")

    for spelling in ("+55 11 98765-4321", "551187654321"):
        saved = supervisor.post(
            f"{DO_NOT_CALL}add/", filled(page, number=spelling, reason="by phone"), follow=True
        )
        assert "+55 11 98765-4321" in words(saved)

    assert DoNotCall.objects.get().number == "5511987654321"


def test_what_is_no_number_does_not_join_do_not_call(supervisor: Client) -> None:
    refused = supervisor.post(
        f"{DO_NOT_CALL}add/", filled(supervisor.get(f"{DO_NOT_CALL}add/"), number="99 123")
    )

    assert "The number" in words(refused)
    assert not DoNotCall.objects.exists()


def test_what_wavy_sent_is_shown_as_text_and_never_run(supervisor: Client) -> None:
    body = b'{"data": [{"id": "<script>alert(1)</script>"}]}'
    callback = Callback.objects.create(provider=make_provider(), kind="status", body=body, received_at=NOW)
    item = QuarantinedItem.objects.create(
        callback=callback, index=0, raw="<script>alert(2)</script>", reason="no id"
    )

    for name, obj in (("callback", callback), ("quarantineditem", item)):
        page = supervisor.get(reverse(f"admin:providers_{name}_change", args=[obj.pk])).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_operators_look_but_do_not_see_the_inbox() -> None:
    operator = signed_in(make_operator())

    assert operator.get(MESSAGES).status_code == 200
    assert operator.get("/admin/providers/callback/").status_code == 403
