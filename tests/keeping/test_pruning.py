"""Pruning: what is too old goes page by page, what is still needed stays, and no count ever changes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dialers.models import BaseState, Dialer, InvalidLine, Row
from providers import ledger, media_sent, outbox, tally
from providers.keeping import progress
from providers.keeping.rules import THE_ROW
from providers.ledger import Move
from providers.media import folder_of
from providers.models import (
    Callback,
    KeepingRules,
    Media,
    MediaState,
    Message,
    Provider,
    Pruned,
    QuarantinedItem,
    TallyDelta,
    UnmatchedStatus,
)
from providers.models.callback import CallbackKind, CallbackState
from providers.models.media import customers_storage
from providers.states import State
from providers.unconfirmed import send_again, take_as_sent
from sessions.models import ChatSession, SessionState, Turn
from simulator.media import picture
from tests.factories import (
    NOW,
    incoming,
    make_base,
    make_campaign,
    make_contact,
    make_session,
    outgoing,
)
from tests.keeping.pruning_scenes import OLD, ended
from ucontact_wavy import pruning
from ucontact_wavy.pruning import prune

ODD_DAYS = {
    "callback_days": 10,
    "set_aside_days": 20,
    "unmatched_days": 5,
    "media_days": 30,
    "message_days": 40,
}


def callback(provider: Provider, at: datetime, state: int = CallbackState.DONE) -> Callback:
    return Callback.objects.create(
        provider=provider, kind=CallbackKind.STATUS, body=b"{}", received_at=at, state=state
    )


def left(table: Any) -> int:
    return int(table.objects.count())


def test_an_old_base_loses_rows_messages_lines_and_file_and_keeps_every_count(dialer: Dialer) -> None:
    base = ended(dialer)
    path, before = Path(base.file.path), tally.read([base.pk])
    deltas = left(TallyDelta)
    assert path.exists()
    prune(NOW)
    assert [left(table) for table in (Row, Message, InvalidLine)] == [0, 0, 0]
    assert not path.exists()
    assert (tally.read([base.pk]), left(TallyDelta)) == (before, deltas)


def test_the_tally_of_a_pruned_base_still_adds_up(dialer: Dialer) -> None:
    base = ended(dialer, 5)
    prune(NOW)
    base.refresh_from_db()
    counts = tally.read([base.pk])[base.pk]
    assert sum(n for key, n in counts.items() if key != "replied") == base.valid == 5
    assert (base.valid + base.invalid, base.pruned_at) == (base.lines, NOW)


def test_more_than_a_page_goes_in_pages(dialer: Dialer, small_pages: None) -> None:
    ended(dialer, 10)
    assert prune(NOW) == 9 + 1 + 1  # messages, the row that never left, the invalid line
    assert [left(table) for table in (Row, Message, InvalidLine)] == [0, 0, 0]


def test_one_run_does_only_so_much_and_the_next_goes_on(
    dialer: Dialer, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(dialer, 10)
    monkeypatch.setattr(progress, "PAGES", 2)
    runs = []
    while prune(NOW):
        runs.append(left(Message))
    assert runs[:2] == [3, 0]
    assert left(Row) == 0


def is_uncertain(provider: Provider, dialer: Dialer) -> None:
    base = make_base(dialer, state=BaseState.FINISHED, finished_at=OLD)
    message = outgoing(make_contact(provider), at=OLD, base=base, state=State.UNCERTAIN)
    Row.objects.create(base=base, line=1, contact="1", address="1", kind="hsm", content={}, message=message)


def is_of_a_running_base(provider: Provider, dialer: Dialer) -> None:
    outgoing(make_contact(provider), at=OLD, base=make_base(dialer), state=State.SENT)


def is_of_a_base_that_ended_lately(provider: Provider, dialer: Dialer) -> None:
    base = make_base(dialer, state=BaseState.FINISHED, finished_at=NOW - timedelta(days=1))
    outgoing(make_contact(provider), at=OLD, base=base, state=State.SENT)


def is_of_an_open_interaction(provider: Provider, dialer: Dialer) -> None:
    contact = make_contact(provider)
    make_session(contact, make_campaign(provider), state=SessionState.ACTIVE)
    incoming(contact, at=OLD, taken_up=True)


def is_not_taken_up(provider: Provider, dialer: Dialer) -> None:
    incoming(make_contact(provider), at=OLD)


def is_queued(provider: Provider, dialer: Dialer) -> None:
    outgoing(make_contact(provider), at=OLD)


def is_young(provider: Provider, dialer: Dialer) -> None:
    incoming(make_contact(provider), at=NOW - timedelta(days=364), taken_up=True)


@pytest.mark.parametrize(
    "scene",
    [
        is_uncertain,
        is_of_a_running_base,
        is_of_a_base_that_ended_lately,
        is_of_an_open_interaction,
        is_not_taken_up,
        is_queued,
        is_young,
    ],
)
def test_a_message_stays_that(
    provider: Provider, dialer: Dialer, scene: Callable[[Provider, Dialer], None]
) -> None:
    scene(provider, dialer)
    rows = left(Row)
    prune(NOW)
    assert (left(Message), left(Row)) == (1, rows)


def test_what_is_held_does_not_hold_up_what_comes_after_it(
    provider: Provider, dialer: Dialer, small_pages: None
) -> None:
    for _n in range(7):
        is_uncertain_single = outgoing(make_contact(provider, f"5989900{_n:04d}"), at=OLD)
        Message.objects.filter(pk=is_uncertain_single.pk).update(state=State.UNCERTAIN)
    incoming(make_contact(provider), at=OLD, taken_up=True)
    prune(NOW)
    assert set(Message.objects.values_list("state", flat=True)) == {State.UNCERTAIN}


def test_an_unconfirmed_row_goes_once_it_was_decided(provider: Provider, dialer: Dialer) -> None:
    is_uncertain(provider, dialer)
    prune(NOW)
    take_as_sent(Message.objects.get(), None, NOW)
    prune(NOW)
    assert (left(Message), left(Row)) == (0, 0)


def test_a_message_that_was_sent_again_goes_no_later_than_the_one_in_its_place(
    provider: Provider, small_pages: None
) -> None:
    old = outgoing(make_contact(provider), at=OLD, state=State.UNCERTAIN)
    new = send_again(old, None, OLD)
    ledger.move([Move(new.pk, State.SENT, {"sent_at": OLD})])
    prune(NOW)
    prune(NOW)
    assert left(Message) == 0


def test_an_interaction_stays_without_its_messages(provider: Provider) -> None:
    contact = make_contact(provider)
    session = make_session(contact, make_campaign(provider), state=SessionState.CLOSED, closed_at=OLD)
    Turn.objects.create(session=session, message=incoming(contact, at=OLD, taken_up=True))
    prune(NOW)
    assert (left(ChatSession), left(Turn), left(Message)) == (1, 0, 0)


@pytest.mark.parametrize(
    ("age", "state", "gone"),
    [
        pytest.param(31, CallbackState.DONE, True, id="applied and old"),
        pytest.param(29, CallbackState.DONE, False, id="applied and young"),
        pytest.param(1000, CallbackState.NEW, False, id="not applied yet"),
        pytest.param(31, CallbackState.FAILED, False, id="set aside lately"),
        pytest.param(91, CallbackState.FAILED, True, id="set aside long ago"),
    ],
)
def test_a_callback_goes_by_its_age_and_state(provider: Provider, age: int, state: int, gone: bool) -> None:
    callback(provider, NOW - timedelta(days=age), state)
    prune(NOW)
    assert left(Callback) == (0 if gone else 1)


def test_a_callback_stays_as_long_as_an_item_of_it_is_in_quarantine(provider: Provider) -> None:
    old = callback(provider, NOW - timedelta(days=60))
    item = QuarantinedItem.objects.create(callback=old, index=0, raw="x", reason="no id")
    QuarantinedItem.objects.update(created_at=NOW - timedelta(days=60))
    prune(NOW)
    assert left(Callback) == 1
    QuarantinedItem.objects.filter(pk=item.pk).update(created_at=NOW - timedelta(days=91))
    prune(NOW)
    assert (left(QuarantinedItem), left(Callback)) == (0, 0)


def test_a_status_that_matched_nothing_goes_after_its_days(provider: Provider) -> None:
    at = NOW - timedelta(days=15)
    UnmatchedStatus.objects.create(
        callback=callback(provider, at), provider=provider, index=0, item={}, created_at=at
    )
    prune(NOW)
    assert left(UnmatchedStatus) == 0


def test_nothing_goes_where_the_rules_say_for_ever(provider: Provider, dialer: Dialer) -> None:
    KeepingRules.objects.create(pk=THE_ROW, **dict.fromkeys(ODD_DAYS, 0))
    ended(dialer)
    callback(provider, OLD)
    assert prune(NOW) == 0


def test_the_days_of_the_rules_count(provider: Provider) -> None:
    KeepingRules.objects.create(pk=THE_ROW, **ODD_DAYS)
    for days in (39, 41):
        incoming(make_contact(provider, f"598990000{days}"), at=NOW - timedelta(days=days), taken_up=True)
        callback(provider, NOW - timedelta(days=days))
    prune(NOW)
    assert (left(Message), left(Callback)) == (1, 0)


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        pytest.param({"message_days": 3}, "message_days", id="shorter than answers are matched"),
        pytest.param({"message_days": 20}, "callback_days", id="callbacks longer than messages"),
        pytest.param({"media_days": 0}, "media_days", id="media for ever, messages not"),
        pytest.param({"callback_days": 1}, "callback_days", id="callbacks shorter than they are tried again"),
    ],
)
def test_rules_that_would_lose_something_are_refused(db: None, rules: dict[str, int], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        KeepingRules(**rules).clean()
    assert field in caught.value.message_dict


def test_what_went_is_counted(provider: Provider) -> None:
    callback(provider, OLD)
    prune(NOW)
    gone = Pruned.objects.get(kind="callbacks")
    assert (gone.n, gone.last_at) == (1, NOW)


def test_a_run_that_finds_nothing_asks_only_a_few_queries_however_much_is_young(provider: Provider) -> None:
    prune(NOW)
    asked = []
    for n in (1, 30):
        for k in range(n):
            incoming(make_contact(provider, f"5989911{n:02d}{k:02d}"), at=NOW, taken_up=True)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            prune(NOW)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 20


def test_a_file_that_a_crash_left_is_deleted_by_the_next_run(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(ended(dialer).file.path)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(FileSystemStorage, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            prune(NOW)
    assert path.exists()
    prune(NOW)
    assert not path.exists()


def with_a_file(provider: Provider, days: int, number: str) -> Media:
    message = incoming(
        make_contact(provider, number), text="", at=NOW - timedelta(days=days), taken_up=True, kind="IMAGE"
    )
    name = customers_storage.save(f"{folder_of(message.pk)}/file", ContentFile(b"a picture"))
    return Media.objects.create(message=message, state=MediaState.STORED, file=name, name="me.jpg")


def test_media_goes_before_its_message_which_stays(provider: Provider) -> None:
    old, young = with_a_file(provider, 181, "59899000001"), with_a_file(provider, 179, "59899000002")
    path = Path(customers_storage.path(str(old.file)))
    prune(NOW)
    assert not path.exists()
    assert dict(Media.objects.values_list("pk", "state")) == {
        old.pk: MediaState.DELETED,
        young.pk: MediaState.STORED,
    }
    assert left(Message) == 2


def test_media_behind_which_older_ones_were_made_by_a_replay_goes_in_its_turn(provider: Provider) -> None:
    young, replayed = (
        with_a_file(provider, days, number) for days, number in ((1, "59899000001"), (300, "59899000002"))
    )
    prune(NOW)
    assert list(Media.objects.filter(state=MediaState.DELETED)) == [replayed]
    prune(NOW + timedelta(days=200))
    young.refresh_from_db()
    assert (young.state, str(young.file)) == (MediaState.DELETED, "")


def test_a_message_waits_until_its_file_is_deleted(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_file(provider, 400, "59899000001")
    with monkeypatch.context() as away:
        away.setattr(pruning, "prune_media", lambda *_: 0)
        prune(NOW)
    assert left(Message) == 1
    prune(NOW)
    prune(NOW)
    assert (left(Message), left(Media)) == (0, 0)


def test_a_file_that_we_sent_goes_in_its_turn_like_a_customers(provider: Provider) -> None:
    contact = make_contact(provider, "59899000003", last_incoming_at=NOW - timedelta(days=181))
    body, then = ContentFile(picture(), name="beach.png"), NOW - timedelta(days=181)
    message = outbox.send(contact, outbox.compose_file(media_sent.choose(body), ""), None, then)
    media_sent.keep(message, body, then)
    path = Path(customers_storage.path(str(Media.objects.get().file)))
    assert path.exists()
    prune(NOW)
    assert (path.exists(), Media.objects.get().state) == (False, MediaState.DELETED)
