"""The ledger through the API: sending one message, reading and searching."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign
from providers.do_not_call import add
from providers.models import Message, Provider
from providers.states import State
from tests.api.conftest import API, Problem
from tests.factories import (
    incoming,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_provider,
    make_session,
    make_template,
    outgoing,
)

FIELDS = (
    "id provider contact direction state correlation_id provider_message_id kind text content error batch "
    "created_at submitting_at accepted_at sent_at delivered_at read_at received_at replied_at"
)
CUSTOMER = "59899123456"


@pytest.fixture
def send(as_operator: APIClient, provider: Provider) -> Any:
    def post(**body: Any) -> Any:
        return as_operator.post(f"{API}messages/", {"provider": provider.pk, "to": CUSTOMER, **body})

    return post


def test_a_template_goes_to_anybody(send: Any, provider: Provider) -> None:
    make_template(provider, "chatclub_open_session_v2", "{{1}} reports:\n{{2}}")
    response = send(template="chatclub_open_session_v2", parameters=["Integra", "Operation Performed"])
    document = response.json()
    assert response.status_code == 201
    assert document.keys() >= set(FIELDS.split())
    assert (document["direction"], document["state"], document["contact"]) == ("out", "queued", CUSTOMER)
    assert (document["kind"], document["text"]) == ("hsm", "Integra reports:\nOperation Performed")
    assert document["correlation_id"]
    assert (document["batch"], document["error"]) == (None, "")


def test_a_text_goes_inside_the_24_hours(send: Any, provider: Provider) -> None:
    make_contact(provider, CUSTOMER, timezone.now() - timedelta(hours=23))
    response = send(text=" Good morning \n")
    assert (response.status_code, response.json()["text"]) == (201, " Good morning \n")


def test_a_number_is_taken_in_any_spelling(send: Any, provider: Provider) -> None:
    make_contact(provider, CUSTOMER, timezone.now())
    assert send(to="+598 99 123 456", text="Hello").json()["contact"] == CUSTOMER


def test_a_text_outside_the_24_hours_is_refused(send: Any, provider: Provider, problem: Problem) -> None:
    make_contact(provider, CUSTOMER, timezone.now() - timedelta(hours=25))
    assert "24-hour" in problem(send(text="Hello"), 409, "window_closed")["detail"]
    assert not Message.objects.exists()


def test_a_number_on_do_not_call_is_refused(send: Any, provider: Provider, problem: Problem) -> None:
    make_contact(provider, CUSTOMER, timezone.now())
    add(CUSTOMER, None)
    problem(send(text="Hello"), 409, "do_not_call")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"template": "reminder"}, "template_parameters", id="too few parameters"),
        pytest.param(
            {"template": "reminder", "parameters": ["a", "b"]}, "template_parameters", id="too many"
        ),
        pytest.param({"template": "reminder", "parameters": [""]}, "template_parameters", id="an empty one"),
        pytest.param(
            {"template": "reminder", "parameters": ["a\nb"]}, "template_parameters", id="a line break"
        ),
        pytest.param({"template": "nothing", "parameters": []}, "template_unknown", id="an unknown template"),
        pytest.param({"template": "rejected"}, "template_not_approved", id="a template not approved"),
        pytest.param({"text": "x", "to": "099123456"}, "number_country", id="a number without country code"),
        pytest.param({"text": "x" * 5000}, "too_long", id="a text too long"),
        pytest.param({}, "invalid", id="neither text nor template"),
        pytest.param({"text": "x", "template": "reminder"}, "invalid", id="both"),
        pytest.param({"text": "x", "parameters": ["a"]}, "invalid", id="a text with parameters"),
        pytest.param({"text": ""}, "invalid", id="an empty text"),
        pytest.param({"text": "x", "provider": 0}, "invalid", id="an unknown provider"),
        pytest.param({"text": "x", "to": None}, "invalid", id="to nobody"),
        pytest.param({"template": "reminder", "parameters": "tomorrow"}, "invalid", id="parameters as text"),
    ],
)
def test_what_cannot_be_composed_is_refused(
    body: dict[str, Any], code: str, send: Any, provider: Provider, problem: Problem
) -> None:
    make_template(provider)
    make_template(provider, "rejected", "Hello", state="disapproved")
    problem(send(**body), 400, code)
    assert not Message.objects.exists()


def test_an_incoming_message_reads_as_it_came(as_operator: APIClient, provider: Provider) -> None:
    message = incoming(make_contact(provider), "Hola!")
    document = as_operator.get(f"{API}messages/{message.pk}/").json()
    assert (document["direction"], document["state"], document["text"]) == ("in", "received", "Hola!")
    assert document["content"] == {"type": "TEXT", "messageText": "Hola!"}
    assert document["provider_message_id"] == message.provider_message_id


def test_an_error_is_explained_in_a_sentence(as_operator: APIClient, provider: Provider) -> None:
    message = outgoing(make_contact(provider), state=State.FAILED, error="opted_out")
    document = as_operator.get(f"{API}messages/{message.pk}/").json()
    assert (document["state"], document["error"]) == ("failed", "opted_out")
    assert "asked for no more messages" in document["explanation"]


@pytest.mark.parametrize(
    "spelling", ["5511987654321", "551187654321", "%2B55 (11) 98765-4321", "+55 11 8765-4321"]
)
def test_a_contact_is_found_in_any_spelling(
    spelling: str, as_operator: APIClient, provider: Provider
) -> None:
    theirs = outgoing(make_contact(provider, "5511987654321"))
    outgoing(make_contact(provider, CUSTOMER))
    found = as_operator.get(f"{API}messages/?contact={spelling}").json()["results"]
    assert [row["id"] for row in found] == [theirs.pk]


def test_the_ledger_is_filtered_by_provider_state_and_batch(
    as_operator: APIClient, provider: Provider
) -> None:
    other = make_provider("Second", "5511900000002")
    base = make_base(make_dialer(provider))
    read = outgoing(make_contact(provider), base=base, state=State.READ)
    queued = outgoing(make_contact(provider, "59899000001"))
    elsewhere = outgoing(make_contact(other))

    def found(query: str) -> list[int]:
        return [row["id"] for row in as_operator.get(f"{API}messages/?{query}").json()["results"]]

    assert found(f"provider={other.pk}") == [elsewhere.pk]
    assert found("state=read") == [read.pk]
    assert found("state=queued") == [elsewhere.pk, queued.pk]
    assert found(f"batch={base.pk}") == [read.pk]
    assert found("contact=59899999999") == []


def test_an_agent_reads_the_customers_of_their_own_interactions_alone(
    as_agent: APIClient, provider: Provider, campaign: Campaign
) -> None:
    own, foreign, nobodys = (make_contact(provider, f"5989900000{i}") for i in range(3))
    make_session(own, campaign)
    make_session(foreign, make_campaign(provider, "Other"))
    before, theirs, _ = outgoing(own), outgoing(foreign), outgoing(nobodys)
    answer = incoming(own)
    listed = as_agent.get(f"{API}messages/").json()["results"]
    assert [row["id"] for row in listed] == [answer.pk, before.pk]
    assert as_agent.get(f"{API}messages/{theirs.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"text": "Good morning"}, 201, None, id="a text, although nobody wrote"),
        pytest.param({"text": "x" * 1281}, 400, "too_long", id="1,281 characters"),
        pytest.param({"template": "welcome", "parameters": []}, 400, "no_templates", id="a template"),
    ],
)
def test_over_sms_a_text_goes_to_anybody(
    as_operator: APIClient, body: dict[str, Any], status: int, code: str | None
) -> None:
    sms = make_provider("SMS", "28149", api_type="WavySMS")
    answer = as_operator.post(f"{API}messages/", {"provider": sms.pk, "to": CUSTOMER, **body}, format="json")
    assert (answer.status_code, answer.json().get("code")) == (status, code)
