"""Replaying the whole inbox changes no row of any table."""

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from providers import ledger
from providers.callbacks.drain import drain_messages, drain_statuses
from providers.callbacks.replay import put_back
from providers.models import Callback, Message, Provider
from providers.models.callback import CallbackKind
from providers.statuses import sweep_waiting
from sessions import routing
from tests.factories import CUSTOMER, NOW, make_campaign
from tests.providers.scenes import clock, envelope, later, message_item, queued, status_item, stored
from tests.providers.wire_bodies import FOLDER

BOOKKEEPING = {"state", "attempts", "error", "processed_at"}

pytestmark = pytest.mark.usefixtures("clean_redis")


def every_row(without: frozenset[str] = frozenset()) -> dict[str, list[dict[str, Any]]]:
    """All tables as they are; of callbacks without these columns."""
    rows = {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()
    }
    rows[Callback._meta.label] = [
        {name: value for name, value in row.items() if name not in without}
        for row in rows[Callback._meta.label]
    ]
    return rows


def work(at: Any) -> None:
    drain_statuses(clock(at))
    drain_messages(clock(at))
    routing.route(at)
    sweep_waiting(later(days=-1))


@pytest.fixture
def inbox(provider: Provider) -> None:
    """Every captured callback, statuses of messages of ours, answers, an opt-out, nonsense; all applied."""
    make_campaign(provider, dids=(provider.number,))
    first, second, third, fourth = queued(provider, 4)
    for file in sorted(FOLDER.glob("*.json")):
        kind = file.stem.partition("_")[0]
        if kind in CallbackKind.values:
            stored(provider, CallbackKind(kind), file.read_bytes())
    ledger.accept([(first.pk, "w-sms")], NOW)
    told = [
        status_item(first, 2, 4),
        status_item(second, 204),
        status_item(third, 999),
        "bad",
        {"id": "theirs"},
    ]
    stored(provider, CallbackKind.STATUS, envelope(*told))
    stored(provider, CallbackKind.STATUS, [status_item(first, 2, 5, read=True)] * 2, later(seconds=2))
    answer = message_item(first.contact.address, "Thanks", correlationId=str(first.correlation_id))
    stored(provider, CallbackKind.MESSAGE, envelope(answer, message_item(fourth.contact.address, "STOP"), {}))
    stored(provider, CallbackKind.MESSAGE, answer, later(seconds=1))
    stored(None, CallbackKind.MESSAGE, message_item(CUSTOMER, "to the open address"))
    stored(provider, CallbackKind.STATUS, b'{"broken')
    work(later(minutes=1))


def test_the_command_twice_changes_no_row(inbox: None) -> None:
    before = every_row()
    assert Message.objects.filter(text="Thanks").count() == 1
    for turn in (2, 3):
        call_command("replay_callbacks", stdout=StringIO())
        work(later(minutes=turn))
    assert every_row() == before


def test_the_button_twice_changes_nothing_but_when_it_was_applied(inbox: None) -> None:
    before = every_row(frozenset(BOOKKEEPING))
    for turn in (2, 3):
        assert put_back(Callback.objects.all()) == Callback.objects.count()
        work(later(minutes=turn))
    assert every_row(frozenset(BOOKKEEPING)) == before
    assert not Callback.objects.filter(state=0).exists()
