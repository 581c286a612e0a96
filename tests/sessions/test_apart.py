"""Two people whose numbers have one canonical form: told apart by a supervisor, everywhere, and merged again."""

from collections.abc import Callable

import pytest

from accounts.models import User
from dialers.models import Row
from providers import caps, gate, ledger, tally
from providers.contacts import contact_for, contacts_of, people_at, person_number
from providers.do_not_call import add, search
from providers.errors import Refusal
from providers.models import Contact, DoNotCall, Message, NumberApart, Provider, SendingRules
from providers.models.do_not_call import Source
from sessions.apart import merge, tell_apart
from tests.factories import (
    NOW,
    make_base,
    make_dialer,
    make_provider,
    make_supervisor,
)
from tests.providers.scenes import assert_tally_is_exact, later, message_item, messages
from tests.sessions.apart_scenes import (
    LANDLINE,
    MOBILE,
    apart,
    texts_of,
    the,
    writes,
    written_to,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> User:
    return make_supervisor()


# What moves


def test_each_gets_the_messages_of_their_own_spelling_in_both_directions(
    provider: Provider, supervisor: User
) -> None:
    written_to(provider, MOBILE)
    writes(provider, "+54 9 11 2345-6789", "from the mobile")
    writes(provider, LANDLINE, "from the landline")
    apart(supervisor)
    assert texts_of(MOBILE) == ["Hi", "from the mobile"]
    assert texts_of(LANDLINE) == ["from the landline"]


def test_each_has_the_window_of_what_they_wrote_themselves(provider: Provider, supervisor: User) -> None:
    writes(provider, LANDLINE, at=later(hours=-30))
    writes(provider, MOBILE, at=later(hours=-2), userProfile={"name": "Ana"})
    apart(supervisor)
    both = [the(LANDLINE), the(MOBILE)]
    assert [(one.last_incoming_at, one.window_open(NOW), one.name, one.address) for one in both] == [
        (later(hours=-30), False, "", LANDLINE),
        (later(hours=-2), True, "Ana", MOBILE),
    ]


def test_a_window_outlives_messages_that_were_pruned(provider: Provider, supervisor: User) -> None:
    writes(provider, MOBILE, at=later(hours=-2)).delete()
    apart(supervisor)
    assert (the(LANDLINE).last_incoming_at, the(MOBILE).last_incoming_at) == (None, later(hours=-2))


@pytest.mark.parametrize("n", [1, 2500])
def test_many_messages_move_in_batches(provider: Provider, supervisor: User, n: int) -> None:
    contact = contact_for(provider, MOBILE)
    ledger.queue(provider, [ledger.Draft(contact, "text", {}, str(i), address=MOBILE) for i in range(n)], NOW)
    assert tell_apart(contact, supervisor, "Two.", NOW).moved == n
    assert Message.objects.filter(contact=the(MOBILE)).count() == n


def test_it_is_known_who_told_them_apart_when_and_why(provider: Provider, supervisor: User) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    act = NumberApart.objects.get()
    assert (act.number, act.told_by, act.told_at, act.reason, act.merged_at) == (
        MOBILE, supervisor, NOW, "They are two.", None
    )  # fmt: skip


@pytest.mark.parametrize("number", ["59899123456", "551132345678", "5511941234567", "12025550101"])
def test_a_number_with_one_spelling_cannot_be_told_apart(
    provider: Provider, supervisor: User, number: str
) -> None:
    writes(provider, number)
    with pytest.raises(Refusal) as refused:
        apart(supervisor)
    assert (refused.value.code, NumberApart.objects.exists()) == ("one_spelling", False)


@pytest.mark.parametrize("whose", [LANDLINE, MOBILE])
def test_they_are_told_apart_once(provider: Provider, supervisor: User, whose: str) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    with pytest.raises(Refusal) as refused:
        tell_apart(the(whose), supervisor, "Again", NOW)
    assert refused.value.code == "told_apart"


# From then on


@pytest.mark.parametrize(
    ("one", "other"),
    [(LANDLINE, MOBILE), ("525512345678", "5215512345678"), ("5511987654321", "551187654321")],
    ids=["Argentina", "Mexico", "Brazil"],
)
def test_from_then_on_each_spelling_lands_at_its_own_contact(
    provider: Provider, supervisor: User, one: str, other: str
) -> None:
    writes(provider, other)
    apart(supervisor)
    messages(
        provider, message_item(one, "from one"), message_item(other, "from the other"), at=later(hours=1)
    )
    assert (texts_of(one), texts_of(other)) == (["from one"], ["Hello", "from the other"])
    assert contact_for(provider, f"+{other}") == the(other)


def test_at_another_provider_they_are_one_person_still(provider: Provider, supervisor: User) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    elsewhere = make_provider("Other", "5511900000002")
    assert contact_for(elsewhere, MOBILE) == contact_for(elsewhere, LANDLINE)


def test_a_row_that_was_loaded_before_finds_its_person_by_the_address(
    provider: Provider, supervisor: User
) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    assert people_at(provider, {LANDLINE: MOBILE})[LANDLINE].contact == MOBILE
    assert people_at(provider, {LANDLINE: LANDLINE})[LANDLINE].contact == LANDLINE


def test_a_row_that_was_loaded_while_they_were_apart_finds_the_one_that_they_are_again(
    provider: Provider, supervisor: User
) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    merge(the(MOBILE), supervisor, "One after all.", NOW)
    assert people_at(provider, {MOBILE: MOBILE})[MOBILE].contact == LANDLINE


def test_the_rows_of_their_messages_follow(provider: Provider, supervisor: User) -> None:
    base = make_base(make_dialer(provider))
    rows = [
        Row.objects.create(
            base=base, line=line, contact=LANDLINE, address=number, kind="text", content={},
            message=written_to(provider, number, batch=base.pk),
        )
        for line, number in enumerate((LANDLINE, MOBILE), 1)
    ]  # fmt: skip
    apart(supervisor)
    assert list(Row.objects.order_by("line").values_list("contact", flat=True)) == [LANDLINE, MOBILE]
    merge(the(LANDLINE), supervisor, "One after all.", NOW)
    assert {row.contact for row in Row.objects.filter(pk__in=[row.pk for row in rows])} == {LANDLINE}


@pytest.mark.parametrize(
    ("spelling", "found"),
    [(LANDLINE, LANDLINE), (MOBILE, MOBILE), ("+54 9 11 2345-6789", MOBILE), ("0054 11 2345 6789", LANDLINE)],
)
def test_a_search_finds_the_one_who_has_that_spelling(
    provider: Provider, supervisor: User, spelling: str, found: str
) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    assert [contact.contact for contact in contacts_of(spelling)] == [found]


def test_the_cap_of_a_day_counts_each_of_them(provider: Provider, supervisor: User) -> None:
    SendingRules.objects.create(id=1, messages_per_day=1)
    written_to(provider, MOBILE, batch=7)
    apart(supervisor)
    assert caps.full([LANDLINE, MOBILE], NOW) == {MOBILE}


# Do-not-call


def blocked(provider: Provider) -> set[str]:
    """Who must not be written to, as the gate and the import see it."""
    both = {LANDLINE, MOBILE}
    held = gate.do_not_call(provider, both, external=False)
    assert gate.do_not_call_up_to(provider, 10, external=False) == held
    return held


@pytest.mark.parametrize(
    ("said_by", "hold"), [(MOBILE, {MOBILE}), (LANDLINE, {LANDLINE})], ids=["the mobile", "the landline"]
)
def test_a_stop_holds_for_the_one_who_wrote_it(
    provider: Provider, supervisor: User, said_by: str, hold: set[str]
) -> None:
    writes(provider, said_by, "STOP")
    writes(provider, LANDLINE if said_by == MOBILE else MOBILE, "Hello")
    assert blocked(provider) == {LANDLINE}
    apart(supervisor)
    assert blocked(provider) == hold


def test_an_entry_of_which_nobody_knows_whom_it_is_about_holds_for_both(
    provider: Provider, supervisor: User
) -> None:
    writes(provider, MOBILE)
    add(LANDLINE, provider, reason="by phone")
    apart(supervisor)
    assert blocked(provider) == {LANDLINE, MOBILE}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_an_entry_for_all_providers_holds_for_both(
    provider: Provider, supervisor: User, before: bool
) -> None:
    writes(provider, MOBILE)
    steps: list[Callable[[], object]] = [lambda: add(MOBILE, None), lambda: apart(supervisor)]
    for step in steps if before else steps[::-1]:
        step()
    assert blocked(provider) == {LANDLINE, MOBILE}


def test_an_entry_made_afterwards_holds_for_that_spelling_alone(provider: Provider, supervisor: User) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    add("+54 9 11 2345-6789", provider)
    assert blocked(provider) == {MOBILE}
    assert [entry.number for entry in search(DoNotCall.objects.all(), MOBILE)] == [MOBILE]
    assert person_number(None, MOBILE) == LANDLINE


def test_merged_again_what_held_for_either_holds_for_the_one(provider: Provider, supervisor: User) -> None:
    writes(provider, MOBILE)
    apart(supervisor)
    writes(provider, MOBILE, "STOP", later(minutes=1))
    merge(the(LANDLINE), supervisor, "One after all.", later(hours=1))
    entry = DoNotCall.objects.get()
    assert (entry.number, entry.source, entry.created_at) == (LANDLINE, Source.CUSTOMER, later(minutes=1))


# The funnel


def test_a_reply_is_taken_from_the_one_who_never_wrote_and_comes_back(
    provider: Provider, supervisor: User
) -> None:
    written_to(provider, LANDLINE, later(hours=-1), batch=7)
    writes(provider, MOBILE, "I am somebody else")
    assert tally.read([7])[7]["replied"] == 1
    apart(supervisor)
    assert tally.read([7])[7]["replied"] == 0
    assert_tally_is_exact(7)
    merge(the(MOBILE), supervisor, "One after all.", NOW)
    assert tally.read([7])[7]["replied"] == 1
    assert_tally_is_exact(7)


def test_a_reply_goes_to_the_message_that_its_writer_was_sent(provider: Provider, supervisor: User) -> None:
    own = written_to(provider, MOBILE, later(hours=-2), batch=7)
    written_to(provider, LANDLINE, later(hours=-1), batch=8)
    reply = writes(provider, MOBILE)
    apart(supervisor)
    reply.refresh_from_db()
    assert reply.answers == own
    assert (tally.read([7])[7]["replied"], tally.read([8])[8]["replied"]) == (1, 0)


# Undone


def test_merged_again_all_is_as_if_they_had_never_been_apart(provider: Provider, supervisor: User) -> None:
    written_to(provider, LANDLINE)
    writes(provider, MOBILE, at=later(minutes=5), userProfile={"name": "Ana"})
    before = Contact.objects.values("pk", "contact", "address", "name", "last_incoming_at").get()
    apart(supervisor)
    merge(the(LANDLINE), supervisor, "One after all.", later(hours=1))
    assert Contact.objects.values("pk", "contact", "address", "name", "last_incoming_at").get() == before
    assert texts_of(LANDLINE) == ["Hi", "Hello"]
    act = NumberApart.objects.get()
    assert (act.merged_by, act.merged_at, act.merge_reason) == (supervisor, later(hours=1), "One after all.")


def test_who_is_not_apart_cannot_be_merged_and_may_be_told_apart_again(
    provider: Provider, supervisor: User
) -> None:
    writes(provider, MOBILE)
    for _ in range(2):
        apart(supervisor)
        merge(the(MOBILE), supervisor, "One after all.", NOW)
    with pytest.raises(Refusal) as refused:
        merge(the(LANDLINE), supervisor, "Again", NOW)
    assert (refused.value.code, NumberApart.objects.count()) == ("not_apart", 2)
