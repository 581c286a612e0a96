"""The inbox's pages: what was set aside and why, applied again by a supervisor; what matches nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.callbacks import drain as draining
from providers.callbacks.drain import drain_messages, drain_statuses
from providers.models import Callback, Erasure, Provider, QuarantinedItem
from providers.models.callback import CallbackKind, CallbackState
from tests.factories import CUSTOMER, NOW, make_agent, make_operator, make_supervisor
from tests.pages import signed_in, words
from tests.providers.scenes import (
    clock,
    envelope,
    message_item,
    messages,
    queued,
    states,
    status_item,
    statuses,
    stored,
)

CALLBACKS = "/admin/providers/callback/"
QUARANTINE = "/admin/providers/quarantineditem/"
UNMATCHED = "/admin/providers/unmatchedstatus/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def poisoned(provider: Provider, monkeypatch: pytest.MonkeyPatch, item: Any) -> Callback:
    """A status callback that could not be applied while something was wrong."""
    callback = stored(provider, CallbackKind.STATUS, envelope(item))

    def bites(found: Any) -> int:
        raise ValueError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(draining, "apply", bites)
        drain_statuses(clock())
    callback.refresh_from_db()
    assert callback.state == CallbackState.FAILED
    return callback


def replay(client: Client, path: str, *rows: Any) -> Any:
    chosen = {"action": "replay", "_selected_action": [row.pk for row in rows]}
    return client.post(path, chosen, follow=True)


def test_the_list_shows_what_was_set_aside_and_why(
    supervisor: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(provider, monkeypatch, status_item(queued(provider)[0]))
    statuses(provider, "bad", "worse")
    page = words(supervisor.get(CALLBACKS))
    assert "set aside" in page
    assert "a fault of ours" in page
    assert "2 items in quarantine" in page
    assert "a fault of ours" not in words(supervisor.get(CALLBACKS, {"state__exact": CallbackState.DONE}))


def test_a_supervisor_applies_what_was_set_aside_again(
    supervisor: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    (message,) = queued(provider)
    callback = poisoned(provider, monkeypatch, status_item(message, 2, 4))
    assert "1 callback is being applied again." in words(replay(supervisor, CALLBACKS, callback))
    drain_statuses(clock())
    callback.refresh_from_db()
    assert (callback.state, callback.error) == (CallbackState.DONE, "")
    assert states([message]) == ["delivered"]


def test_what_still_cannot_be_applied_is_tried_as_often_as_a_new_one_and_is_back(
    supervisor: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = status_item(queued(provider)[0])
    callback = poisoned(provider, monkeypatch, item)
    replay(supervisor, CALLBACKS, callback)
    callback.refresh_from_db()
    assert (callback.state, callback.attempts) == (CallbackState.NEW, 0)
    Callback.objects.update(body=b"{")
    drain_statuses(clock())
    assert "The body is no JSON object or array." in words(supervisor.get(CALLBACKS))


@pytest.mark.parametrize("page", ["callback", "quarantineditem"])
def test_the_page_of_one_has_the_button_too(supervisor: Client, provider: Provider, page: str) -> None:
    callback = messages(provider, {"id": "x"}, message_item(CUSTOMER))
    row = callback if page == "callback" else QuarantinedItem.objects.get()
    address = reverse(f"admin:providers_{page}_replay", args=[row.pk])
    shown = supervisor.get(reverse(f"admin:providers_{page}_change", args=[row.pk]))
    assert f'action="{address}"' in shown.content.decode()
    assert "1 callback is being applied again." in words(supervisor.post(address, follow=True))
    assert drain_messages(clock()) == 1


def test_items_in_quarantine_are_applied_again_with_their_callback(
    supervisor: Client, provider: Provider
) -> None:
    callback = messages(provider, message_item(CUSTOMER), {"id": "x"}, {"id": "y"})
    answer = replay(supervisor, QUARANTINE, *QuarantinedItem.objects.all())
    assert "1 callback is being applied again." in words(answer)
    callback.refresh_from_db()
    assert callback.state == CallbackState.NEW


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": "\\ud800"}',
        b'{"data": [{"x": "\\udfff"}]}',
        b"[" * 90_000,
        b'{"id": ' + b"9" * 5000 + b"}",
        b"\xff",
    ],
    ids=["half a character", "half of one in quarantine", "deep", "a huge number", "no text"],
)
def test_whatever_came_can_be_looked_at(supervisor: Client, provider: Provider, body: bytes) -> None:
    callback = stored(provider, CallbackKind.STATUS, body)
    drain_statuses(clock())
    page = supervisor.get(reverse("admin:providers_callback_change", args=[callback.pk]))
    assert page.status_code == 200


def test_nothing_is_applied_again_while_somebody_is_being_erased(
    supervisor: Client, provider: Provider
) -> None:
    callback = messages(provider, message_item(CUSTOMER))
    Erasure.objects.create(number=CUSTOMER, requested_at=NOW)
    assert "is being erased" in words(replay(supervisor, CALLBACKS, callback))
    callback.refresh_from_db()
    assert callback.state == CallbackState.DONE


@pytest.mark.parametrize("make", [make_operator, make_agent], ids=["operator", "agent"])
@pytest.mark.parametrize("path", [CALLBACKS, QUARANTINE, UNMATCHED])
def test_the_inbox_is_for_supervisors_alone(provider: Provider, make: Any, path: str) -> None:
    callback = statuses(provider, "bad")
    client = signed_in(make())
    assert client.get(path).status_code in (302, 403)
    replay(client, path, callback)
    client.post(reverse("admin:providers_callback_replay", args=[callback.pk]))
    callback.refresh_from_db()
    assert callback.state == CallbackState.DONE


def test_the_quarantine_shows_reason_and_raw_and_can_be_narrowed(
    supervisor: Client, provider: Provider, other_provider: Provider
) -> None:
    messages(provider, {"id": "nobody", "message": {}})
    statuses(other_provider, "nonsense")
    page = words(supervisor.get(QUARANTINE))
    assert "The message has no source, so nobody knows who wrote it." in page
    assert '{"id": "nobody", "message": {}}' in page
    narrowed: list[dict[str, Any]] = [
        {"why": "The message has no source"},
        {"callback__kind__exact": "message"},
        {"callback__provider__id__exact": provider.pk},
        {"callback": Callback.objects.get(kind="message").pk},
    ]
    for by in narrowed:
        found = words(supervisor.get(QUARANTINE, by))
        assert "nobody" in found
        assert "nonsense" not in found


def test_statuses_of_unknown_messages_are_counted_on_the_providers_page_and_listed(
    supervisor: Client, provider: Provider
) -> None:
    page = reverse("admin:providers_provider_change", args=[provider.pk])
    assert "Statuses of messages that are not ours 0" in words(supervisor.get(page))
    statuses(provider, {"id": "theirs-1", "sentStatusCode": 2}, {"id": "theirs-2", "sentStatusCode": 999})
    assert "Statuses of messages that are not ours 2" in words(supervisor.get(page))
    listed = words(supervisor.get(UNMATCHED, {"provider__id__exact": provider.pk}))
    assert "theirs-1" in listed
    assert "999" in listed


@pytest.mark.parametrize("path", [CALLBACKS, QUARANTINE, UNMATCHED])
def test_a_list_costs_the_same_queries_however_long_it_is(
    supervisor: Client, provider: Provider, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        statuses(provider, "bad", {"id": f"theirs-{number}", "sentStatusCode": 2})
    with django_assert_max_num_queries(12):
        assert supervisor.get(path).status_code == 200
