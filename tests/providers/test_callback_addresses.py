"""Changing the secret of the callback addresses: two pairs are good at a time, and nobody else sees either."""

import re
from typing import Any

import pytest
import structlog
from django.test import Client
from django.urls import reverse

from providers import config
from providers.callbacks.drain import drain_statuses
from providers.models import Provider
from tests.factories import NOW, make_agent, make_operator, make_supervisor
from tests.pages import signed_in, words
from tests.providers.scenes import TOKEN, clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def page_of(provider: Provider) -> str:
    return reverse("admin:providers_provider_change", args=[provider.pk])


def new_addresses(client: Client, provider: Provider) -> Any:
    return client.post(reverse("admin:providers_provider_new_addresses", args=[provider.pk]), follow=True)


def retire(provider: Provider, token_id: int) -> str:
    return reverse("admin:providers_provider_retire_addresses", args=[provider.pk, token_id])


def shown(page: Any) -> list[str]:
    """The addresses in the fields of a page, in order."""
    return re.findall(r'value="(http[^"]*token=[^"]*)"', page.content.decode())


def answers(client: Client, addresses: list[str]) -> list[int]:
    paths = [address.removeprefix("http://127.0.0.1:8000") for address in addresses]
    return [client.post(path, b"[]", content_type="application/json").status_code for path in paths]


def test_the_secret_is_changed_without_a_callback_being_lost(
    supervisor: Client, client: Client, provider: Provider
) -> None:
    old = shown(supervisor.get(page_of(provider)))
    assert len(old) == 2
    page = new_addresses(supervisor, provider)
    assert "Hand the new addresses to Wavy." in words(page)
    both = shown(page)
    assert both[2:] == old
    assert answers(client, both) == [200] * 4

    older = config.callback_addresses(provider)[1].token_id
    assert "Wavy has not called them yet." in words(supervisor.get(retire(provider, older)))
    after = supervisor.post(retire(provider, older), follow=True)
    assert shown(after) == both[:2]
    assert answers(client, both) == [200, 200, 403, 403]


def test_before_addresses_are_retired_one_sees_whether_wavy_still_calls_them(
    supervisor: Client, client: Client, provider: Provider
) -> None:
    config.add_addresses(provider)
    newer, older = config.callback_addresses(provider)
    answers(client, [older.urls.status])
    drain_statuses(clock(NOW))
    page = words(supervisor.get(page_of(provider)))
    assert "not called yet" in page
    assert "called last just now" in page
    assert "Wavy called them last just now" in words(supervisor.get(retire(provider, older.token_id)))
    assert "Wavy has not called them yet." in words(supervisor.get(retire(provider, newer.token_id)))


def test_the_last_pair_cannot_be_retired(supervisor: Client, provider: Provider) -> None:
    (only,) = config.callback_addresses(provider)
    said = words(supervisor.post(retire(provider, only.token_id), follow=True))
    assert "These are the only addresses that Wavy can call." in said
    assert len(config.callback_addresses(provider)) == 1


def test_no_more_than_five_pairs_are_good_at_a_time(supervisor: Client, provider: Provider) -> None:
    for _ in range(4):
        new_addresses(supervisor, provider)
    assert "5 pairs of addresses are valid already." in words(new_addresses(supervisor, provider))
    assert len(config.callback_addresses(provider)) == 5


def test_the_token_of_another_provider_cannot_be_retired_from_here(
    supervisor: Client, provider: Provider, other_provider: Provider
) -> None:
    config.add_addresses(provider)
    config.add_addresses(other_provider)
    theirs = config.callback_addresses(other_provider)[0].token_id
    supervisor.post(retire(provider, theirs))
    assert len(config.callback_addresses(other_provider)) == 2


@pytest.mark.parametrize("make", [make_operator, make_agent], ids=["operator", "agent"])
def test_nobody_else_sees_or_changes_them(provider: Provider, make: Any) -> None:
    config.add_addresses(provider)
    client = signed_in(make())
    older = config.callback_addresses(provider)[1].token_id
    for page in (client.get(page_of(provider)), client.get(retire(provider, older))):
        assert "token=" not in page.content.decode()
    new_addresses(client, provider)
    client.post(retire(provider, older))
    assert [pair.token_id for pair in config.callback_addresses(provider)][1:] == [older]


def test_what_is_written_down_of_it_holds_no_secret(
    supervisor: Client, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as logged:
        new_addresses(supervisor, provider)
        newer, older = config.callback_addresses(provider)
        supervisor.post(retire(provider, older.token_id))
    history = supervisor.get(reverse("admin:providers_provider_history", args=[provider.pk]), follow=True)
    assert [entry["event"] for entry in logged] == ["callback_token_added", "callback_token_retired"]
    assert "callback addresses made" in words(history)
    for secret in (TOKEN, newer.urls.status.partition("token=")[2]):
        assert secret not in f"{logged}{history.content.decode()}{''.join(capsys.readouterr())}"
