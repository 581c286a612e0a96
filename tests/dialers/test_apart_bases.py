"""Bases, uploads and whatever is just being written while two people of one number are told apart."""

import threading
from io import BytesIO

import pytest
from django.db import connection, transaction

from providers import do_not_call, ledger
from providers.contacts import contact_for
from providers.do_not_call import Terms
from providers.models import Contact, DoNotCall, Message, Provider
from sessions.apart import tell_apart
from tests.dialers.files import loaded, settle
from tests.dialers.wavy import Wavy
from tests.factories import NOW, make_dialer, make_provider, make_template

LANDLINE, MOBILE = "541123456789", "5491123456789"
LINES = [f"WavyDialer;{LANDLINE};hsm:welcome;1", f"WavyDialer;{MOBILE};hsm:welcome;2"]
BOTH = {(LANDLINE, LANDLINE), (MOBILE, MOBILE)}
ASKED_FOR = """SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND classid = 7111 AND NOT granted"""


@pytest.fixture
def provider(db: None) -> Provider:
    provider = make_provider()
    make_template(provider, "welcome", "Welcome")
    return provider


def told_apart(provider: Provider) -> None:
    tell_apart(contact_for(provider, MOBILE), None, "They are two.", NOW)


def reached() -> set[tuple[str, str]]:
    """The contact and the address of each message."""
    return set(Message.objects.values_list("contact__contact", "address"))


def test_a_base_takes_them_for_two_people_once_they_are_told_apart(provider: Provider) -> None:
    dialer = make_dialer(provider)
    assert loaded(dialer, LINES).valid == 1  # one person, twice in the file
    told_apart(provider)
    base = loaded(dialer, LINES)
    assert (base.valid, set(base.rows.values_list("contact", "address"))) == (2, BOTH)


def test_who_was_loaded_before_is_reached_as_the_one_who_has_the_address(
    provider: Provider, wavy: Wavy
) -> None:
    dialer = make_dialer(provider)
    base = loaded(dialer, [LINES[1]])
    told_apart(provider)
    base.state = "running"
    base.save()
    assert settle(base)["accepted"] == 1
    assert reached() == {(MOBILE, MOBILE)}


@pytest.mark.parametrize(
    ("everywhere", "entered"), [(False, {LANDLINE, MOBILE}), (True, {LANDLINE})], ids=["there", "everywhere"]
)
def test_an_uploaded_list_of_their_provider_knows_both(
    provider: Provider, everywhere: bool, entered: set[str]
) -> None:
    told_apart(provider)
    terms = Terms(None if everywhere else provider, "operator", "by phone")
    do_not_call.add_many(BytesIO(f"{LANDLINE}\n{MOBILE}\n".encode()), "list.csv", terms, None, NOW)
    assert set(DoNotCall.objects.values_list("number", flat=True)) == entered


@pytest.mark.django_db(transaction=True)
def test_what_is_just_being_written_is_waited_for_and_goes_over_too() -> None:
    """Somebody has looked the contact up and writes the message only when the telling apart has begun."""
    provider = make_provider()
    contact_for(provider, LANDLINE)
    looked_up = threading.Event()

    def write() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            contact = contact_for(provider, MOBILE)
            looked_up.set()
            waiting = 0
            while not waiting:
                cursor.execute(ASKED_FOR)
                waiting = cursor.fetchone()[0]
            ledger.queue(provider, [ledger.Draft(contact, "text", {}, "late", address=MOBILE)], NOW)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    looked_up.wait(20)
    tell_apart(Contact.objects.get(), None, "They are two.", NOW)
    writer.join(20)
    assert reached() == {(MOBILE, MOBILE)}
