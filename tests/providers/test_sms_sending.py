"""Sending SMS: requests of messages that differ, what the gate lets by, and our own short code."""

import json
from typing import Any

import pytest
import requests
import responses
from django.core.exceptions import ValidationError
from django.test import Client

from providers import gate, ledger, outbox
from providers.callbacks import drain as draining
from providers.errors import Refusal
from providers.models import DoNotCall, Message, Provider, SendingRules, Template
from providers.models.callback import CallbackKind
from tests.factories import NOW, make_campaign, make_contact, make_provider, make_supervisor
from tests.pages import filled, signed_in, words
from tests.providers.scenes import (
    answer,
    assert_tally_is_exact,
    clock,
    number,
    reloaded,
    send,
    states,
    stored,
)

SHORT_CODE = "28149"
SINGLE, BULK = "http://wavy.invalid/v1/send-sms", "http://wavy.invalid/v1/send-bulk-sms"
ERROR = json.dumps({"errorCode": 400, "errorMessage": "Bad request"})
TEMPLATE = {"code": "reminder", "language": "en", "parameters": ["x"]}
Reply = tuple[int, dict[str, str], str]


@pytest.fixture
def sms(db: None) -> Provider:
    return make_provider("Wavy SMS", SHORT_CODE, api_type="WavySMS", sms_from="", recipients_per_request=0)


def texts(provider: Provider, *said: str, to: list[str] | None = None) -> list[Message]:
    """Queued texts of a batch, each to somebody else unless `to` says whom."""
    people = to or [number(nth) for nth in range(len(said))]
    contacts = {who: make_contact(provider, who) for who in dict.fromkeys(people)}
    drafts = [
        ledger.Draft(contacts[who], "text", {"text": text}, text, batch=77)
        for who, text in zip(people, said, strict=True)
    ]
    return ledger.queue(provider, drafts, NOW)


def sent(call: Any) -> list[dict[str, str]]:
    """The messages of a request."""
    body = json.loads(call.request.body)
    return list(body["messages"]) if "messages" in body else [body]


def bulk(wavy: responses.RequestsMock, turned_away: str = "") -> None:
    """Wavy's bulk and single call; a request with the text `turned_away` is answered 400."""

    def reply(request: requests.PreparedRequest) -> Reply:
        body = json.loads(request.body or b"")
        asked = body.get("messages", [body])
        if turned_away and turned_away in [one["messageText"] for one in asked]:
            return answer(400, ERROR)
        taken = [{"id": f"w-{one['correlationId']}", "correlationId": one["correlationId"]} for one in asked]
        return answer(200, {"id": "bulk", "messages": taken} if "messages" in body else taken)

    for url in (SINGLE, BULK):
        wavy.add_callback(responses.POST, url, callback=reply)


def test_messages_that_differ_share_a_request(sms: Provider, wavy: responses.RequestsMock) -> None:
    bulk(wavy)
    messages = texts(sms, "Hello Ana", "Hello Eva", "Hello Joe")
    send(sms, messages)
    assert [[one["messageText"] for one in sent(call)] for call in wavy.calls] == [
        ["Hello Ana", "Hello Eva", "Hello Joe"]
    ]
    assert set(states(messages)) == {"accepted"}


def test_a_request_holds_as_many_as_the_provider_says(sms: Provider, wavy: responses.RequestsMock) -> None:
    sms.recipients_per_request = 4
    bulk(wavy)
    send(sms, texts(sms, *(f"Hello {n}" for n in range(10))))
    assert sorted(len(sent(call)) for call in wavy.calls) == [2, 4, 4]


def test_one_alone_leaves_by_the_single_call(sms: Provider, wavy: responses.RequestsMock) -> None:
    bulk(wavy)
    (message,) = texts(sms, "Hello")
    send(sms, [message])
    assert [call.request.url for call in wavy.calls] == [SINGLE]
    assert reloaded(message).provider_message_id == f"w-{message.correlation_id}"


def test_two_messages_to_one_number_never_share_a_request(
    sms: Provider, wavy: responses.RequestsMock
) -> None:
    bulk(wavy)
    send(sms, texts(sms, "First", "Second", to=["59899123456", "59899123456"]))
    assert sorted(len(sent(call)) for call in wavy.calls) == [1, 1]


def test_a_bulk_that_is_turned_away_goes_in_halves_until_it_names_one(
    sms: Provider, wavy: responses.RequestsMock
) -> None:
    bulk(wavy, turned_away="Hello 5")
    messages = texts(sms, *(f"Hello {n}" for n in range(8)))
    send(sms, messages)
    assert [state for state in states(messages) if state != "accepted"] == ["refused"]
    assert reloaded(messages[5]).error == "bad_request"
    assert_tally_is_exact()


def test_who_is_missing_from_the_answer_is_uncertain(sms: Provider, wavy: responses.RequestsMock) -> None:
    messages = texts(sms, "A", "B")
    first = str(messages[0].correlation_id)
    wavy.add(responses.POST, BULK, json={"id": "bulk", "messages": [{"id": "w-1", "correlationId": first}]})
    send(sms, messages)
    assert states(messages) == ["accepted", "uncertain"]


def test_a_text_needs_no_window(sms: Provider) -> None:
    message = outbox.send(make_contact(sms), outbox.compose_text("Hello"), None, NOW)
    assert (message.state_key, message.did) == ("queued", SHORT_CODE)


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        pytest.param("hsm", TEMPLATE, "no_templates", id="a template"),
        pytest.param("text", {"text": "x" * 1281}, "too_long", id="1,281 characters"),
        pytest.param("text", {"text": "x" * 1280}, None, id="1,280 characters"),
    ],
)  # fmt: skip
def test_the_gate_knows_what_sms_takes(
    sms: Provider, kind: str, content: dict[str, Any], code: str | None
) -> None:
    candidate = gate.Candidate(1, make_contact(sms), "59899123456", kind, content)
    refused = gate.check(sms, [candidate], NOW)
    assert {why.code for why in refused.values()} == ({code} if code else set())


def test_a_template_is_refused_in_words(sms: Provider) -> None:
    with pytest.raises(Refusal, match="SMS knows no templates") as why:
        outbox.compose_template(sms, "reminder", ["x"])
    assert (why.value.code, why.value.status) == ("no_templates", 400)


def test_a_template_can_be_entered_for_whatsapp_alone(sms: Provider) -> None:
    make_provider("Wavy", "5511900000001")
    page = signed_in(make_supervisor()).get("/admin/providers/template/add/").content.decode()
    assert ">Wavy<" in page
    assert ">Wavy SMS<" not in page
    with pytest.raises(ValidationError, match="Wavy SMS sends SMS, which knows no templates"):
        Template(provider=sms, code="welcome", language="en", body="Welcome!").full_clean()


def incoming(text: str, key: str = "in-1", **more: Any) -> dict[str, Any]:
    return {"id": key, "source": "59899123456", "shortCode": SHORT_CODE, "messageText": text} | more


def test_a_stop_word_opts_out_and_is_confirmed_by_sms(sms: Provider) -> None:
    SendingRules.objects.create(id=1, stop_confirmation="You get no more messages.")
    stored(sms, CallbackKind.MESSAGE, incoming("stop"))
    draining.drain(CallbackKind.MESSAGE, clock())
    assert DoNotCall.objects.get().number == "59899123456"
    confirmation = Message.objects.get(direction=1)
    assert (confirmation.text, confirmation.opt_out) == ("You get no more messages.", True)


def test_a_confirmation_that_sms_does_not_take_stops_nothing(sms: Provider) -> None:
    SendingRules.objects.create(id=1, stop_confirmation="x" * 2000)
    stored(sms, CallbackKind.MESSAGE, incoming("stop"))
    draining.drain(CallbackKind.MESSAGE, clock())
    assert DoNotCall.objects.count() == 1
    assert not Message.objects.filter(direction=1).exists()


def test_a_confirmation_longer_than_sms_takes_is_refused_where_there_is_sms(sms: Provider) -> None:
    with pytest.raises(ValidationError, match="SMS takes 1,280"):
        SendingRules(stop_confirmation="x" * 1281).clean()


@pytest.mark.parametrize(
    ("item", "channel"),
    [
        pytest.param({"shortCode": "5511900000001", "messageText": "Hi"}, "SMS", id="an incoming SMS"),
        pytest.param(
            {"origin": "5511900000001", "message": {"messageText": "Hi"}}, "WhatsApp", id="WhatsApp"
        ),
    ],
)
def test_without_a_token_one_number_of_both_is_told_apart_by_the_shape(
    db: None, item: dict[str, Any], channel: str
) -> None:
    make_provider("WhatsApp", "5511900000001")
    make_provider("SMS", "5511900000001", api_type="WavySMS")
    stored(None, CallbackKind.MESSAGE, {"id": "in-1", "source": "59899123456", **item})
    draining.drain(CallbackKind.MESSAGE, clock())
    assert Message.objects.get().provider.name == channel


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("28149", "28149", id="a short code"),
        pytest.param("+55 11 90000-0001", "5511900000001", id="a number"),
    ],
)
def test_an_sms_provider_is_saved_with_its_number(typed: str, kept: str) -> None:
    provider = Provider(api_type="WavySMS", name="SMS", number=typed, username="u", password="p")
    provider.clean()
    assert provider.number == kept


@pytest.mark.parametrize("api_type", ["WavyWhatsapp", "WavySMS"])
def test_a_number_that_is_none_is_refused(api_type: str) -> None:
    with pytest.raises(ValidationError):
        Provider(api_type=api_type, number="28" if api_type == "WavySMS" else "28149").clean()


@pytest.mark.django_db
def test_the_form_offers_wavy_sms_and_drops_the_namespace() -> None:
    supervisor = signed_in(make_supervisor())
    url = "/admin/providers/provider/add/"
    typed = {
        "api_type": "WavySMS",
        "name": "Campaign SMS",
        "number": "28149",
        "username": "integra",
        "password": "a-secret-of-Wavy",
        "sms_from": "whatsapp:hsm:integra",
    }
    page = supervisor.get(url)
    assert "Wavy SMS" in words(page)
    supervisor.post(url, filled(page, **typed))
    provider = Provider.objects.get()
    assert (provider.api_type, provider.number, provider.sms_from) == ("WavySMS", "28149", "")


def test_the_page_says_that_one_address_takes_both_kinds_of_status(sms: Provider) -> None:
    supervisor = signed_in(make_supervisor())
    other = make_provider()
    address = "/admin/providers/provider/{}/change/"
    assert "the callback and the delivery report" in words(supervisor.get(address.format(sms.pk)))
    assert "delivery report" not in words(supervisor.get(address.format(other.pk)))


def test_a_campaign_takes_the_short_code_as_its_did(sms: Provider) -> None:
    supervisor: Client = signed_in(make_supervisor())
    page = supervisor.get("/admin/campaigns/campaign/add/")
    assert 'value="28149"' in page.content.decode()
    campaign = make_campaign(sms, dids=(SHORT_CODE,))
    shown = supervisor.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    assert 'value="28149"' in shown


@pytest.mark.parametrize("name", ["out_of_time", "queue_text", "close_text"])
def test_a_campaign_refuses_a_text_that_sms_does_not_take(sms: Provider, name: str) -> None:
    campaign = make_campaign(sms)
    setattr(campaign, name, "x" * 1281)
    with pytest.raises(ValidationError, match="1,280 are allowed"):
        campaign.full_clean()
