"""Erasing while something is under way, in pieces, and for whom: it waits, goes on, and leaves others alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dialers import erasing as bases_erasing
from dialers.models import Base, BaseState, Dialer, Row
from providers import do_not_call, ledger
from providers.apart import merge, tell_apart
from providers.callbacks.drain import replay_stored
from providers.callbacks.replay import put_back
from providers.erasing import inbox as inbox_erasing
from providers.erasing import ledger as ledger_erasing
from providers.erasing import registry as registry_erasing
from providers.erasing.words import WORDS
from providers.errors import Refusal
from providers.models import (
    Callback,
    Contact,
    Message,
    NumberApart,
    Provider,
)
from providers.models.callback import CallbackKind
from providers.models.do_not_call import Source
from providers.states import State
from tests.dialers.files import started, uploaded
from tests.factories import (
    NOW,
    make_contact,
    make_provider,
    make_supervisor,
    outgoing,
)
from tests.keeping.erasing_scenes import NUMBER, OTHER, erase, everywhere, found
from tests.providers.scenes import clock, envelope, message_item, messages, stored
from ucontact_wavy import erasing

# Where the number stays on purpose: see docs/keeping.md.
STAYS = {("providers_donotcall", "number")}


def is_leaving(provider: Provider, dialer: Dialer) -> Callable[[], object]:
    (message,) = ledger.queue(
        provider, [ledger.Draft(make_contact(provider, NUMBER), "text", {"text": "x"}, "x")], NOW
    )
    ledger.submit([message.pk], NOW, NOW)
    return lambda: ledger.move([ledger.Move(message.pk, State.ACCEPTED, {"accepted_at": NOW})])


def is_being_loaded(provider: Provider, dialer: Dialer) -> Callable[[], object]:
    base = uploaded(dialer, [f"WavyDialer;{NUMBER};hsm:notice:x;9999"])
    return lambda: Base.objects.filter(pk=base.pk).update(state=BaseState.FAILED)


@pytest.mark.parametrize("scene", [is_leaving, is_being_loaded])
def test_it_waits_while_something_of_the_person(
    provider: Provider,
    dialer: Dialer,
    settings: Any,
    scene: Callable[[Provider, Dialer], Callable[[], object]],
) -> None:
    settle = scene(provider, dialer)
    erasure = erasing.request(NUMBER, None, None, NOW)
    assert not erasing.erase(erasure.pk, clock())
    settle()
    assert erasing.erase_waiting(clock()) == 1
    assert found(settings.MEDIA_ROOT, NUMBER[-8:]) == set()


def test_what_came_before_the_request_is_applied_first_and_goes_too(
    provider: Provider, dialer: Dialer, settings: Any
) -> None:
    stored(provider, CallbackKind.MESSAGE, envelope(message_item(NUMBER, "not drained yet")))
    erase()
    assert found(settings.MEDIA_ROOT, NUMBER[-8:]) == set()
    assert Message.objects.get().text == ""


@pytest.mark.parametrize("step", ["erase_messages", "erase_bases", "erase_registry", "erase_inbox"])
def test_an_erasure_that_was_cut_off_is_gone_on_with(
    provider: Provider, dialer: Dialer, settings: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    erasure = erasing.request(NUMBER, None, None, NOW)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        owners = (ledger_erasing, bases_erasing, registry_erasing, inbox_erasing)
        cut.setattr(next(one for one in owners if hasattr(one, step)), step, killed)
        with pytest.raises(KeyboardInterrupt):
            erasing.erase(erasure.pk, clock())
    assert erasing.erase_waiting(clock()) == 1
    assert found(settings.MEDIA_ROOT, NUMBER[-8:]) == STAYS


def test_who_writes_while_an_erasure_is_under_way_is_not_erased_with_it(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages(provider, message_item(NUMBER, "before"))
    erasure = erasing.request(NUMBER, None, None, NOW)
    with monkeypatch.context() as cut:
        cut.setattr(ledger_erasing, "erase_messages", lambda *_: False)
        assert not erasing.erase(erasure.pk, clock())
    messages(provider, message_item(NUMBER, "meanwhile", id="new-1"))
    assert erasing.erase_waiting(clock()) == 1
    assert Contact.objects.get(contact=NUMBER).messages.get().text == "meanwhile"


@pytest.mark.parametrize(
    "again", [put_back, lambda rows: replay_stored(rows, clock())], ids=["page", "command"]
)
def test_nothing_is_replayed_in_the_middle_of_an_erasure(
    provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch, again: Callable[[Any], object]
) -> None:
    messages(provider, message_item(NUMBER, "before"), message_item(OTHER, "stays"))
    erasure = erasing.request(NUMBER, None, None, NOW)
    with monkeypatch.context() as cut:
        cut.setattr(ledger_erasing, "erase_messages", lambda *_: False)
        erasing.erase(erasure.pk, clock())
    with pytest.raises(Refusal, match="being erased"):
        again(Callback.objects.all())
    erasing.erase_waiting(clock())
    again(Callback.objects.all())
    assert found(settings.MEDIA_ROOT, NUMBER[-8:]) == set()


def test_what_was_noted_of_a_removed_do_not_call_entry_goes(provider: Provider, settings: Any) -> None:
    entry = do_not_call.add(NUMBER, provider, Source.OPERATOR, "María", None)
    do_not_call.remove(entry, None, "María asked", NOW)
    assert erase().counts == {"removals": 1}
    assert found(settings.MEDIA_ROOT, NUMBER[-8:]) == set()


def test_the_record_says_who_when_and_how_much_and_never_whose(
    provider: Provider, dialer: Dialer, settings: Any
) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    supervisor = make_supervisor()
    erasure = erasing.request(NUMBER, None, supervisor, NOW)
    assert ("providers_erasure", "number") not in found(settings.MEDIA_ROOT, NUMBER[-8:])
    erasing.erase(erasure.pk, clock())
    erasure.refresh_from_db()
    assert (erasure.number, erasure.requested_by, erasure.finished_at) == ("", supervisor, NOW)
    assert erasure.counts == {
        "contacts": 1,
        "closed": 1,
        "rows": 1,
        "lines": 1,
        "files": 2,
        "media": 1,
        "messages": 2,
        "notes": 2,
        "callbacks": 3,
    }
    assert set(erasure.counts) <= set(WORDS)


def test_at_one_provider_the_other_keeps_its_own(provider: Provider) -> None:
    other = make_provider("Other", "5511900000002")
    for one in (provider, other):
        outgoing(make_contact(one, NUMBER), text="kept?", state=State.SENT)
    erasure = erasing.request(NUMBER, other, None, NOW)
    erasing.erase(erasure.pk, clock())
    assert list(Message.objects.order_by("provider").values_list("text", flat=True)) == ["kept?", ""]


def test_of_two_who_were_told_apart_the_other_keeps_everything(provider: Provider, dialer: Dialer) -> None:
    other = "551187654321"
    base = started(dialer, [f"WavyDialer;{number};hsm:notice:x;9999" for number in (NUMBER, OTHER)])
    messages(provider, message_item(NUMBER, "one", id="one"), message_item(other, "two", id="two"))
    tell_apart(Contact.objects.get(contact=NUMBER), None, "María is not João", NOW)
    erase(other)
    assert dict(Message.objects.values_list("provider_message_id", "text")) == {"one": "one", "": ""}
    assert Row.objects.filter(base=base, contact=NUMBER).exists()
    assert [NUMBER.encode() in bytes(body) for body in Callback.objects.values_list("body", flat=True)] == [
        True
    ]
    assert NumberApart.objects.get().reason == ""


def test_of_two_who_were_told_apart_who_is_left_can_be_merged_with_nobody(provider: Provider) -> None:
    other = "551187654321"
    messages(provider, message_item(NUMBER, "one"), message_item(other, "two"))
    tell_apart(Contact.objects.get(contact=NUMBER), None, "María is not João", NOW)
    erase(other)
    pair = merge(Contact.objects.get(contact=NUMBER), None, "It is one person.", NOW)
    assert (pair.moved, list(pair.one.messages.values_list("text", flat=True))) == (0, ["one"])


def test_queries_stay_bounded_whatever_the_number_of_messages(provider: Provider) -> None:
    asked = []
    for n in (2, 60):
        contact = make_contact(provider, NUMBER)
        drafts = [ledger.Draft(contact, "text", {"text": "x"}, "x") for _n in range(n)]
        ledger.queue(provider, drafts, NOW)
        Message.objects.update(state=State.SENT)
        with CaptureQueriesContext(connection) as queries:
            erase()
        asked.append(len(queries))
    assert asked[0] == asked[1]
