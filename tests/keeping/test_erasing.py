"""Erasing one person's data: afterwards nothing holds the number, and no count has changed."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from dialers.bases import send_again
from dialers.dispatch import dispatch
from dialers.models import Dialer
from providers import do_not_call, ledger, media_sent, outbox, reasons
from providers.callbacks.drain import replay_stored
from providers.erasing.person import Person
from providers.errors import Refusal
from providers.models import (
    Callback,
    Contact,
    DoNotCall,
    MediaState,
    Message,
    Provider,
)
from providers.models.do_not_call import Source
from providers.states import State
from sessions import closing
from sessions.models import ChatSession, Ending, SessionState
from simulator.media import picture
from tests.dialers.files import check_tally, in_flight, started
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_session,
    outgoing,
)
from tests.keeping.erasing_scenes import NUMBER, OTHER, erase, everywhere, found
from tests.providers.scenes import clock, message_item, messages, status_item, statuses

SPELLINGS = [
    pytest.param("5511987654321", "551187654321", id="Brazil, the ninth digit"),
    pytest.param("525512345678", "5215512345678", id="Mexico, the 1"),
    pytest.param("5491123456789", "541123456789", id="Argentina, the 9"),
    pytest.param("59899123456", "+598 99 123 456", id="Uruguay, written with blanks"),
]
# Where the number stays on purpose: see docs/keeping.md.
STAYS = {("providers_donotcall", "number")}


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
        *("chat_sessions_event", "chat_sessions_transfer", "chat_sessions_chatsession"),
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


def test_an_opt_out_that_the_provider_tells_later_enters_nobody(provider: Provider, dialer: Dialer) -> None:
    base = started(dialer, [f"WavyDialer;{NUMBER};hsm:notice:x;9999"])
    (key,) = in_flight(base, 1)
    erased = Message.objects.get(pk=key)
    statuses(provider, status_item(erased))
    erase()
    statuses(provider, status_item(erased, 2, 204))
    assert check_tally(base)["failed"] == 1
    assert not DoNotCall.objects.exists()


@pytest.mark.parametrize("source", ["Joséfa Ñandú", "ana.b@x-y.z"], ids=["accents", "signs"])
def test_who_writes_from_a_name_goes_from_the_inbox_too(provider: Provider, source: str) -> None:
    messages(provider, message_item(source, "hi"))
    erase(Contact.objects.get().contact)
    assert not Callback.objects.exists()


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
    assert (session.state, session.closed_at, session.ending) == (SessionState.CLOSED, NOW, Ending.ERASED)
    assert (str(session.contact), session.in_time) == ("erased on request", True)


def test_nobody_is_written_to_again_who_was_erased(provider: Provider) -> None:
    contact = make_contact(provider, NUMBER)
    make_session(contact, None, state=SessionState.CLOSED, closed_at=NOW, reschedule_at=NOW)
    erase()
    assert closing.reopen_rescheduled(NOW) == 0
    assert ChatSession.objects.count() == 1


def test_a_file_that_we_sent_goes_with_the_person(provider: Provider, settings: Any) -> None:
    contact = make_contact(provider, NUMBER, last_incoming_at=NOW)
    body = ContentFile(picture(), name="beach.png")
    message = outbox.send(contact, outbox.compose_file(media_sent.choose(body), "Look"), None, NOW)
    media_sent.keep(message, body, NOW)
    erase()
    message.refresh_from_db()
    assert (message.text, message.content, message.media.state) == ("", {}, MediaState.DELETED)
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_a_file_that_comes_while_its_person_is_erased_is_not_kept(provider: Provider, settings: Any) -> None:
    contact = make_contact(provider, NUMBER, last_incoming_at=NOW)
    body = ContentFile(picture(), name="beach.png")
    message = outbox.send(contact, outbox.compose_file(media_sent.choose(body), ""), None, NOW)
    erase()
    assert media_sent.keep(message, body, NOW) is False
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
