"""Providers → SMS: the guide's form, its secrets, the connection test, what to give to Wavy."""

import re
from datetime import timedelta
from typing import Any

import pytest
import responses
from django.test import Client
from django.urls import reverse
from requests.exceptions import ConnectionError as Unreachable

from providers import config
from providers.models import Provider, RefusedCallbacks
from tests.factories import NOW, make_contact, make_operator, make_provider, make_supervisor
from tests.pages import filled, labels, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/providers/provider/add/"
TEST = "/admin/providers/provider/test-connection/"
TYPED = {
    "name": "Wavy",
    "number": "+55 11 90000-0001",
    "username": "integra",
    "password": "a-secret-of-Wavy",
    "sms_regexp": ".",
    "sms_from": "whatsapp:hsm:integra",
}


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


def header(call: Any, name: str) -> str:
    """A header of a request that was made, as text."""
    value = call.request.headers[name]
    return value.decode() if isinstance(value, bytes) else value


def page_of(provider: Provider) -> str:
    return reverse("admin:providers_provider_change", args=[provider.pk])


@pytest.mark.parametrize(
    "label", ["API type", "Name", "Number", "Username", "Password", "SMS RegExp", "SMSFrom", "Default"]
)
def test_every_field_of_the_guide_is_found_by_its_words(supervisor: Client, label: str) -> None:
    assert label in labels(supervisor.get(ADD))


def test_the_first_save_leads_to_the_addresses_for_wavy(supervisor: Client) -> None:
    saved = supervisor.post(ADD, filled(supervisor.get(ADD), **TYPED), follow=True)

    provider = Provider.objects.get()
    assert saved.redirect_chain[-1][0] == page_of(provider)
    assert "Give these to Wavy" in words(saved)
    assert config.callback_urls(provider).message in saved.content.decode()
    assert provider.number == "5511900000001"
    assert provider.password == "a-secret-of-Wavy"


def test_a_stored_password_is_never_on_a_page(supervisor: Client, operator: Client) -> None:
    provider = make_provider(password="a-secret-of-Wavy")

    for client in (supervisor, operator):
        assert "a-secret-of-Wavy" not in client.get(page_of(provider)).content.decode()


def test_an_empty_password_keeps_the_stored_one(supervisor: Client) -> None:
    provider = make_provider(password="a-secret-of-Wavy")
    page = supervisor.get(page_of(provider))

    supervisor.post(page_of(provider), filled(page, name="Renamed", password=""))

    provider.refresh_from_db()
    assert (provider.name, provider.password) == ("Renamed", "a-secret-of-Wavy")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sms_regexp", "[0-9", "This pattern does not compile"),
        ("number", "11 9000", "The number is too short or too long"),
        ("number", "5,51199E+12", "A spreadsheet has shortened this number"),
        ("recipients_per_request", "1001", "less than or equal to 1000"),
    ],
    ids=[
        "a regex that does not compile",
        "half a number",
        "a number of a spreadsheet",
        "nobody in a request",
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    supervisor: Client, field: str, value: str, sentence: str
) -> None:
    refused = supervisor.post(ADD, filled(supervisor.get(ADD), **{**TYPED, field: value}))

    page = refused.content.decode()
    assert sentence in words(refused)
    assert 'value="integra"' in page
    assert "a-secret-of-Wavy" not in page
    assert "What you typed is kept." in words(refused)
    again = filled(refused, **{**TYPED, "recipients_per_request": "100", "password": ""})
    supervisor.post(ADD, again)
    assert Provider.objects.get().password == "a-secret-of-Wavy"


def test_a_new_provider_without_password_is_refused(supervisor: Client) -> None:
    refused = supervisor.post(ADD, filled(supervisor.get(ADD), **{**TYPED, "password": ""}))

    assert "Enter the password that Wavy gave you." in words(refused)


def test_marking_a_default_unmarks_the_previous_one(supervisor: Client) -> None:
    before = make_provider("First", "59829001234", default=True)

    supervisor.post(ADD, filled(supervisor.get(ADD), **{**TYPED, "default": True}))

    before.refresh_from_db()
    assert (before.default, Provider.objects.get(name="Wavy").default) == (False, True)


@responses.activate
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"status": 401, "json": {"errorCode": 401}}, "turns away this username or password"),
        ({"body": Unreachable("refused")}, "Wavy cannot be reached"),
    ],
    ids=["wrong credentials", "unreachable host"],
)
def test_the_connection_test_tells_what_is_wrong(
    supervisor: Client, answer: dict[str, object], sentence: str
) -> None:
    responses.add(responses.POST, re.compile("http://wavy.invalid/.*"), **answer)  # type: ignore[arg-type]

    assert sentence in words(supervisor.post(TEST, TYPED, HTTP_HX_REQUEST="true"))


@responses.activate
def test_the_connection_test_uses_what_is_typed_and_saves_nothing(supervisor: Client) -> None:
    responses.add(responses.POST, re.compile("http://wavy.invalid/.*"), status=401, json={"errorCode": 401})
    provider = make_provider(username="stored", password="stored-secret")

    supervisor.post(f"{TEST}?provider={provider.pk}", {**TYPED, "username": "typed"}, HTTP_HX_REQUEST="true")
    supervisor.post(f"{TEST}?provider={provider.pk}", {"username": "stored"}, HTTP_HX_REQUEST="true")

    sent = [[header(call, name) for name in ("UserName", "AuthenticationToken")] for call in responses.calls]
    assert sent == [["typed", "a-secret-of-Wavy"], ["stored", "stored-secret"]]
    provider.refresh_from_db()
    assert provider.username == "stored"


def test_the_connection_test_asks_for_what_is_missing(supervisor: Client) -> None:
    answer = supervisor.post(TEST, {"username": "integra"})

    assert "Enter the username and the password first." in words(answer)


def test_an_operator_sees_neither_the_addresses_nor_the_connection_test(operator: Client) -> None:
    provider = make_provider()
    page = operator.get(page_of(provider))

    assert "token=" not in page.content.decode()
    assert "Test connection" not in words(page)
    assert operator.post(f"{TEST}?provider={provider.pk}", TYPED).status_code == 403
    assert operator.post(page_of(provider), TYPED).status_code == 403


def test_the_page_says_how_many_callbacks_were_refused_and_when_the_last_one_came(supervisor: Client) -> None:
    provider = make_provider()
    RefusedCallbacks.objects.create(number=provider.number, n=7, last_at=NOW)
    assert "Last callback none yet Refused callbacks 7" in words(supervisor.get(page_of(provider)))

    Provider.objects.update(last_callback_at=NOW - timedelta(days=800))
    assert "Last callback 2 years ago" in words(supervisor.get(page_of(provider)))


def test_a_suspended_provider_says_since_when_and_what_to_do(supervisor: Client) -> None:
    provider = make_provider(suspended_at=NOW, suspended_reason="credentials")

    text = words(supervisor.get(page_of(provider)))
    assert "Since March 4, 2026, 3 p.m. nothing is sent through this provider." in text
    assert "Correct the username or the password" in text


def test_deleting_a_provider_in_use_is_refused_with_a_sentence(supervisor: Client) -> None:
    provider = make_provider()
    make_contact(provider)
    address = reverse("admin:providers_provider_delete", args=[provider.pk])

    refused = supervisor.post(address, {"post": "yes"}, follow=True)

    assert "is still used by contacts" in words(refused)
    assert Provider.objects.count() == 1


def test_a_provider_that_nothing_uses_can_be_deleted(supervisor: Client) -> None:
    provider = make_provider()

    supervisor.post(reverse("admin:providers_provider_delete", args=[provider.pk]), {"post": "yes"})

    assert not Provider.objects.exists()


def test_the_number_that_a_pattern_was_tried_on_is_kept_with_what_was_typed(supervisor: Client) -> None:
    typed = {**TYPED, "sms_regexp": "(", "sms_regexp_trial": "+598 99 123 456"}
    refused = supervisor.post(ADD, filled(supervisor.get(ADD), **typed))

    assert 'value="+598 99 123 456"' in refused.content.decode()


def test_a_type_without_templates_keeps_no_namespace(supervisor: Client) -> None:
    typed = {**TYPED, "api_type": "WavySMS", "number": "12345"}
    supervisor.post(ADD, filled(supervisor.get(ADD), **typed))

    provider = Provider.objects.get()
    assert (provider.number, provider.sms_from) == ("12345", "")
