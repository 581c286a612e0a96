"""Dialled in one form, answered from another: the same contact, interaction, do-not-call entry and search."""

from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from providers import gate, ledger, tally
from providers.callbacks.drain import drain_messages
from providers.config import add_token
from providers.contacts import contact_for
from providers.ledger import Move
from providers.models import Contact, DoNotCall, Message, Provider
from providers.states import State
from sessions.models import ChatSession, SessionState, Turn
from sessions.routing import route
from tests.factories import make_base, make_campaign, make_dialer, make_provider, make_supervisor
from tests.providers.scenes import TOKEN, envelope, message_item

pytestmark = pytest.mark.django_db
FORMS = {
    "Brazil": ("5511987654321", "551187654321", "+55 (11) 98765-4321"),
    "Mexico": ("525512345678", "5215512345678", "+52 1 55 1234 5678"),
    "Argentina": ("541123456789", "5491123456789", "+54 9 11 2345-6789"),
    "Uruguay": ("59899123456", "+59899123456", "598 99 123 456"),
}
PAIRS = [
    pytest.param(dialled, answers, id=f"{country}: {dialled} → {answers}")
    for country, forms in FORMS.items()
    for dialled, answers in permutations(forms, 2)
    if dialled.isdigit()
]


@pytest.fixture
def provider() -> Provider:
    provider = make_provider()
    add_token(provider, TOKEN)
    return provider


def called_back(client: Client, *items: Any) -> None:
    """Wavy calls back; the inbox is drained and what came is routed."""
    address = f"/Integra/resources/Wavy/message?token={TOKEN}"
    answer = client.post(address, envelope(*items), content_type="application/json")
    assert answer.status_code == 200
    drain_messages(timezone.now)
    route(timezone.now())


@pytest.mark.parametrize(("dialled", "answers"), PAIRS)
def test_one_customer_is_one_conversation_whichever_form_comes_back(
    client: Client, provider: Provider, dialled: str, answers: str
) -> None:
    campaign = make_campaign(provider)
    base = make_base(make_dialer(provider, campaign))
    contact = contact_for(provider, dialled)
    (ours,) = ledger.queue(
        provider, [ledger.Draft(contact, "text", {}, "Hi", address=dialled, batch=base.pk)], timezone.now()
    )
    ledger.move([Move(ours.pk, State.DELIVERED)])

    now = timezone.now()
    called_back(client, message_item(answers, "one", now), message_item(dialled, "two", now))

    session = ChatSession.objects.exclude(state=SessionState.CLOSED).get()
    assert (session.contact, session.campaign, Contact.objects.count()) == (contact, campaign, 1)
    assert Turn.objects.filter(session=session).count() == 2
    assert tally.read([base.pk])[base.pk]["replied"] == 1


@pytest.mark.parametrize(("dialled", "answers"), PAIRS)
def test_a_stop_from_one_form_holds_for_the_other(
    client: Client, provider: Provider, dialled: str, answers: str
) -> None:
    called_back(client, message_item(answers, "STOP", timezone.now()))

    contact = contact_for(provider, dialled)
    assert DoNotCall.objects.get().number == contact.contact
    assert gate.do_not_call(provider, [contact.contact], external=False) == {contact.contact}


@pytest.mark.parametrize(("dialled", "answers"), PAIRS)
def test_the_ledger_is_searched_with_either_form(
    client: Client, provider: Provider, dialled: str, answers: str
) -> None:
    called_back(client, message_item(answers, "one", timezone.now()))
    token = Token.objects.create(user=make_supervisor())

    found = client.get(
        "/api/v1/messages/", {"contact": dialled}, headers={"Authorization": f"Token {token.key}"}
    )

    assert [row["text"] for row in found.json()["results"]] == [Message.objects.get().text]
