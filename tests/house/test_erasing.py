"""Erasing one person's data: afterwards nothing holds the number, and no count has changed."""

import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dialers import erasing as bases_erasing
from dialers.bases import send_again
from dialers.dispatch import dispatch
from dialers.models import Base, BaseState, Dialer, Row
from providers import do_not_call, ledger, outbox, reasons
from providers.apart import tell_apart
from providers.callbacks.drain import replay_stored
from providers.erasing import inbox as inbox_erasing
from providers.erasing import ledger as ledger_erasing
from providers.erasing import registry as registry_erasing
from providers.erasing.person import Person
from providers.erasing.words import WORDS
from providers.errors import Refusal
from providers.media import folder_of
from providers.models import (
    Callback,
    Contact,
    DoNotCall,
    DoNotCallUpload,
    Erasure,
    Media,
    MediaState,
    Message,
    NumberApart,
    Provider,
)
from providers.models.callback import CallbackKind, CallbackState
from providers.models.do_not_call import Source
from providers.models.media import customers_storage
from providers.states import State
from sessions.models import ChatSession, SessionState
from sessions.routing import route
from tests.dialers.files import check_tally, in_flight, started, uploaded
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    make_template,
    outgoing,
)
from tests.pages import signed_in, words
from tests.providers.scenes import clock, envelope, message_item, messages, status_item, statuses, stored
from ucontact_wavy import erasing

SPELLINGS = [
    pytest.param("5511987654321", "551187654321", id="Brazil, the ninth digit"),
    pytest.param("525512345678", "5215512345678", id="Mexico, the 1"),
    pytest.param("5491123456789", "541123456789", id="Argentina, the 9"),
    pytest.param("59899123456", "+598 99 123 456", id="Uruguay, written with blanks"),
]
NUMBER = "5511987654321"
OTHER = "5511955554444"
# Where the number stays on purpose: see docs/keeping.md.
STAYS = {("providers_donotcall", "number")}


@pytest.fixture
def provider(db: None, settings: Any, tmp_path: Path) -> Provider:
    settings.MEDIA_ROOT = tmp_path / "media"
    provider = make_provider()
    make_template(provider, "notice", "Dear customer: {{1}}")
    return provider


@pytest.fixture
def dialer(provider: Provider) -> Dialer:
    return make_dialer(provider, make_campaign(provider))


def erase(number: str = NUMBER) -> Erasure:
    erasure = erasing.request(number, None, None, NOW)
    assert erasing.erase(erasure.pk, clock())
    erasure.refresh_from_db()
    return erasure


def texts_of_the_database() -> Iterator[tuple[str, str, str]]:
    """Table, column and value of everything that can hold text, of every table there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'uuid', 'ARRAY')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')  # noqa: S608
            for (value,) in cursor.fetchall():
                yield (
                    table,
                    column,
                    bytes(value).decode("latin-1") if isinstance(value, memoryview) else str(value),
                )


def texts_of_the_storage(root: Path) -> Iterator[tuple[str, str, str]]:
    for path in root.rglob("*"):
        if path.is_file():
            yield "storage", path.name, path.read_bytes().replace(b"\0", b"").decode("latin-1")


def found(root: Path, tail: str) -> set[tuple[str, str]]:
    """Where the last digits of a number stand, whatever stands between them."""
    pattern = re.compile(r"[\s().+-]*".join(tail))
    everything = [*texts_of_the_database(), *texts_of_the_storage(root)]
    return {(table, column) for table, column, text in everything if pattern.search(text)}


def everywhere(provider: Provider, dialer: Dialer, canonical: str, spelling: str) -> Base:
    """A person in every place that can hold one: base, ledger, media, inbox, registry, interaction, history."""
    lines = [
        "WavyDialer;5511955554444;hsm:notice:first;9999",
        f"WavyDialer;{canonical};hsm:notice:María of {canonical};9999",
        f"WavyDialer;{spelling};hsm:nothing:bad {spelling};9999",
    ]
    base = started(dialer, lines)
    (first, mine) = in_flight(base, 2)
    statuses(
        provider,
        status_item(Message.objects.get(pk=first), 2, 4, destination=OTHER),
        status_item(Message.objects.get(pk=mine), 2, 4, destination=spelling),
        {"id": "unknown-1", "destination": spelling, "sent": True, "sentStatusCode": 2},
        {"sent": True, "destination": spelling},
    )
    picture = message_item(spelling, "look", id="pic-1")
    messages(provider, message_item(OTHER, "hi"), picture, {"id": "no-source", "from": spelling})
    stored(provider, CallbackKind.MESSAGE, b"{broken " + spelling.encode(), NOW)
    Callback.objects.filter(state=CallbackState.NEW).update(state=CallbackState.FAILED, error=spelling)
    route(NOW)
    incoming = Message.objects.get(provider_message_id="pic-1")
    name = customers_storage.save(f"{folder_of(incoming.pk)}/file", ContentFile(canonical.encode()))
    Media.objects.create(message=incoming, state=MediaState.STORED, file=name, url=f"https://w/{canonical}")
    do_not_call.add(canonical, provider, Source.CUSTOMER, f"María said so from {spelling}", None)
    upload = DoNotCallUpload.objects.create(
        name="x.csv", source=Source.OPERATOR, uploaded_at=NOW, added=0, known=0, invalid=2
    )
    upload.report.save("r.csv", ContentFile(f"1;bad;{spelling}\n2;bad;77\n".encode()))
    return base


@pytest.mark.parametrize(("canonical", "spelling"), SPELLINGS)
def test_nothing_in_database_or_storage_holds_the_number_in_any_spelling(
    provider: Provider, dialer: Dialer, settings: Any, canonical: str, spelling: str
) -> None:
    everywhere(provider, dialer, canonical, spelling)
    tail = Person(canonical, ()).tail
    places = {table for table, _column in found(settings.MEDIA_ROOT, tail)}
    assert places >= {
        *("providers_message", "providers_contact", "providers_callback", "providers_quarantineditem"),
        *("providers_unmatchedstatus", "providers_media", "dialers_row", "dialers_invalidline", "storage"),
    }
    erase(canonical)
    assert found(settings.MEDIA_ROOT, tail) == STAYS


def test_every_count_is_the_same_before_and_after(provider: Provider, dialer: Dialer) -> None:
    base = everywhere(provider, dialer, NUMBER, NUMBER)
    before = (
        check_tally(base),
        reasons.read([base.pk]),
        Message.objects.count(),
        ChatSession.objects.count(),
    )
    erase()
    assert before == (
        check_tally(base),
        reasons.read([base.pk]),
        Message.objects.count(),
        ChatSession.objects.count(),
    )


def test_others_keep_everything(provider: Provider, dialer: Dialer) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    other = Message.objects.filter(contact__contact=OTHER)
    before = list(other.order_by("pk").values())
    erase()
    assert list(other.order_by("pk").values()) == before
    bodies = b"".join(bytes(body) for body in Callback.objects.values_list("body", flat=True))
    assert bodies.count(OTHER.encode()) == 2  # a status and a message


def test_replaying_the_whole_inbox_brings_nothing_back(
    provider: Provider, dialer: Dialer, settings: Any
) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    erase()
    before = list(Message.objects.order_by("pk").values())
    assert replay_stored(Callback.objects.order_by("id"), clock()) == (2, 0)
    assert list(Message.objects.order_by("pk").values()) == before
    assert found(settings.MEDIA_ROOT, NUMBER[-8:]) == STAYS


def test_a_status_that_comes_later_still_counts(provider: Provider, dialer: Dialer) -> None:
    base = started(dialer, [f"WavyDialer;{NUMBER};hsm:notice:x;9999"])
    (key,) = in_flight(base, 1)
    message = Message.objects.get(pk=key)
    statuses(provider, status_item(message))
    erase()
    statuses(provider, status_item(message, 2, 4))
    assert check_tally(base)["delivered"] == 1


def test_somebody_who_writes_again_is_a_new_contact(provider: Provider, dialer: Dialer) -> None:
    messages(provider, message_item(NUMBER, "before"))
    erase()
    messages(provider, message_item(NUMBER, "after", id="after-1"))
    contact = Contact.objects.get(contact=NUMBER)
    assert [one.text for one in contact.messages.all()] == ["after"]


def test_an_opt_out_still_holds(provider: Provider, dialer: Dialer) -> None:
    do_not_call.add(NUMBER, provider, Source.CUSTOMER, "María", None)
    erase()
    assert DoNotCall.objects.get().reason == ""
    contact = make_contact(provider, NUMBER, last_incoming_at=NOW)
    with pytest.raises(Refusal) as caught:
        outbox.send(contact, outbox.compose_text("hello"), None, NOW)
    assert caught.value.code == "do_not_call"


def test_what_was_still_to_be_sent_is_not_sent(provider: Provider, dialer: Dialer) -> None:
    base = started(
        dialer, [f"WavyDialer;{NUMBER};hsm:notice:x;9999", f"WavyDialer;{OTHER};hsm:notice:x;9999"]
    )
    erase()
    counts = check_tally(base)
    assert (counts["skipped"], counts["pending"]) == (1, 1)


def test_what_waits_in_the_lane_of_replies_is_turned_away(provider: Provider) -> None:
    message = outgoing(make_contact(provider, NUMBER), at=NOW)
    erase()
    message.refresh_from_db()
    assert (message.state, message.error, message.text) == (State.REFUSED, "erased", "")


def test_nothing_is_sent_to_who_was_erased(provider: Provider) -> None:
    contact = make_contact(provider, NUMBER, last_incoming_at=NOW)
    outgoing(contact, state=State.SENT)
    erase()
    contact.refresh_from_db()
    with pytest.raises(Refusal) as caught:
        outbox.send(contact, outbox.compose_text("hello"), None, NOW)
    assert caught.value.code == "erased"


def test_an_unconfirmed_message_of_who_was_erased_goes_nowhere_when_it_is_sent_again(
    provider: Provider, dialer: Dialer
) -> None:
    base = started(dialer, [f"WavyDialer;{NUMBER};hsm:notice:x;9999"])
    (key,) = in_flight(base, 1)
    ledger.move([ledger.Move(key, State.UNCERTAIN, {"uncertain_at": NOW})])
    erase()
    send_again(Message.objects.get(pk=key), None, NOW)
    dispatch(base.pk, clock())
    assert check_tally(base)["refused"] == 1
    assert Message.objects.get(batch=base.pk).error == "erased"


def test_an_open_interaction_is_closed_and_stays_for_the_service_level(provider: Provider) -> None:
    contact = make_contact(provider, NUMBER)
    session = make_session(contact, make_campaign(provider), state=SessionState.ACTIVE)
    erase()
    session.refresh_from_db()
    assert (session.state, session.closed_at, str(session.contact)) == (
        SessionState.CLOSED,
        NOW,
        "erased on request",
    )


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


@pytest.mark.parametrize("spelling", [NUMBER, "+55 (11) 98765-4321", "55 11 8765-4321", "005511987654321"])
def test_the_command_takes_any_spelling(provider: Provider, spelling: str) -> None:
    outgoing(make_contact(provider, NUMBER), state=State.SENT)
    out = StringIO()
    call_command("erase_contact", spelling, "--yes", stdout=out)
    assert "messages: 1" in out.getvalue()
    assert not Contact.objects.filter(contact=NUMBER).exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(["nonsense", "--yes"], "nonsense", id="no number"),
        pytest.param([NUMBER, "--provider", "Wavi", "--yes"], "There are: Wavy", id="no such provider"),
    ],
)
def test_the_command_says_what_is_wrong(provider: Provider, arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("erase_contact", *arguments)
    assert not Erasure.objects.exists()


def test_the_command_asks_first(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_contact", NUMBER, stdout=StringIO())
    assert not Erasure.objects.exists()


def test_the_page_says_what_goes_and_what_stays_and_asks(provider: Provider, dialer: Dialer) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    contact = Contact.objects.get(contact=NUMBER)
    supervisor = signed_in(make_supervisor())
    assert "Erase this person" in words(supervisor.get(f"/admin/providers/contact/{contact.pk}/change/"))
    page = words(supervisor.get(f"/admin/erase/{contact.pk}/"))
    assert "Erase 2 messages and everything about this person" in page
    assert "The entry in the do-not-call registry stays" in page
    answer = supervisor.post(f"/admin/erase/{contact.pk}/")
    assert answer["Location"] == f"/admin/providers/erasure/{Erasure.objects.get().pk}/change/"


def test_the_record_is_shown_with_its_counts(provider: Provider, dialer: Dialer) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    erasure = erase()
    shown = words(signed_in(make_supervisor()).get(f"/admin/providers/erasure/{erasure.pk}/change/"))
    assert "messages: 2" in shown
    assert NUMBER not in shown


def test_operators_may_not_erase(provider: Provider) -> None:
    contact = make_contact(provider, NUMBER)
    operator = signed_in(make_operator())
    assert operator.post(f"/admin/erase/{contact.pk}/").status_code == 403
    assert not Erasure.objects.exists()


def test_the_pages_of_a_base_show_that_a_row_was_erased(provider: Provider, dialer: Dialer) -> None:
    base = everywhere(provider, dialer, NUMBER, NUMBER)
    erase()
    page = words(signed_in(make_supervisor()).get(f"/admin/dialers/dialer/bases/{base.pk}/rows/"))
    assert "erased on request" in page
