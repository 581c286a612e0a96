"""People found by any part of their number and any spelling of it, without reading through all of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers import people
from providers.errors import Refusal
from providers.models import Contact, Provider
from tests.factories import make_contact, make_provider

pytestmark = pytest.mark.django_db
BRAZIL, MEXICO, ARGENTINA, URUGUAY = "5511987654321", "525512345678", "541123456789", "59899123456"


@pytest.fixture
def provider() -> Provider:
    provider = make_provider()
    for number in (BRAZIL, MEXICO, ARGENTINA, URUGUAY):
        make_contact(provider, number)
    return provider


def found(text: str) -> list[str]:
    return [person.number for person in people.find(text).found]


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4321", BRAZIL),
        ("654321", BRAZIL),
        ("8765-4321", BRAZIL),
        ("98765-4321", BRAZIL),
        ("11 98765-4321", BRAZIL),
        ("11 8765-4321", BRAZIL),
        ("(011) 98765-4321", BRAZIL),
        ("+55 (11) 98765-4321", BRAZIL),
        ("00 55 11 8765 4321", BRAZIL),
        ("551187654321", BRAZIL),
        ("+55 11 8765", BRAZIL),
        ("55 11 98", BRAZIL),
        ("11 9876", BRAZIL),
        ("5678", MEXICO),
        ("+52 1 55 1234 5678", MEXICO),
        ("52 55 1234 5678", MEXICO),
        ("1 55 1234 5678", MEXICO),
        ("521 5512", MEXICO),
        ("6789", ARGENTINA),
        ("+54 9 11 2345-6789", ARGENTINA),
        ("9 11 2345-6789", ARGENTINA),
        ("549 1123", ARGENTINA),
        ("099 123 456", URUGUAY),
        ("+598 99 123 456", URUGUAY),
        ("099 12", URUGUAY),
        ("123.456", URUGUAY),
        ("8765", BRAZIL),
        ("12345", MEXICO),
        ("(0) 9912 34", URUGUAY),
    ],
)
def test_a_person_is_found_by_any_part_and_spelling(text: str, number: str) -> None:
    assert number in found(text)


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("text", ["0000000", "9999", "+1 212 555", "12345678901234567890"])
def test_another_number_finds_nobody(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["", "321", "Ana", "+5 5 1"])
def test_too_few_digits_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        people.find(text)

    assert "at least 4 digits" in str(refusal.value)


def test_who_begins_or_ends_like_that_comes_without_those_who_have_it_in_the_middle(
    provider: Provider,
) -> None:
    make_contact(provider, "59899876511")
    make_contact(provider, "59891118765")

    assert found("8765") == ["59891118765"]


def test_whoever_was_erased_has_no_middle_either(provider: Provider) -> None:
    Contact.objects.filter(contact=BRAZIL).update(contact="erased-18765432")

    assert found("8765") == []


def test_it_looks_at_the_newest_first_and_says_when_time_was_up(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "STEP", 1)
    make_contact(provider, "59891876511")
    seconds = iter([0.0, 0.1, people.SECONDS + 0.1])

    result = people.find("8765", clock=lambda: next(seconds))

    assert [person.number for person in result.found] == ["59891876511"]
    assert (result.inside, result.cut) == (True, True)


def test_one_person_at_two_providers_is_one(provider: Provider) -> None:
    make_contact(make_provider("Other", "5511900000002"), BRAZIL)

    (person,) = people.find("87654321").found

    assert [contact.provider.name for contact in person.contacts] == ["Other", "Wavy"]


def test_who_was_erased_is_not_found(provider: Provider) -> None:
    Contact.objects.filter(contact=BRAZIL).update(contact="erased-4321")

    assert found("4321") == []


def test_the_first_fifty_come_and_it_is_said_that_there_are_more(provider: Provider) -> None:
    for number in range(60):
        make_contact(provider, f"5989912{number:02}777")

    result = people.find("598991")

    assert (len(result.found), result.more) == (50, True)


def test_the_whole_number_comes_first(provider: Provider) -> None:
    make_contact(provider, "5989912345699")

    assert found("59899123456")[0] == URUGUAY


def test_it_asks_as_often_for_many_as_for_few(provider: Provider) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            people.find("4567")
        return len(captured)

    make_contact(provider, "59899994567")
    few = queries()
    Contact.objects.bulk_create(
        Contact(provider=provider, contact=f"598{number}4567", address="") for number in range(100_00, 100_40)
    )

    assert queries() <= few


@pytest.mark.parametrize("part", ["ending", "beginning"])
def test_both_questions_go_through_an_index(provider: Provider, part: str) -> None:
    Contact.objects.bulk_create(
        Contact(provider=provider, contact=str(59890000000 + number * 37), address="")
        for number in range(5000)
    )
    query, low, high = {
        "ending": (people.ENDING, "7654", "7655"),
        "beginning": (people.BEGINNING, "5989001", "5989002"),
    }[part]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE providers_contact")
        cursor.execute("EXPLAIN " + query, [[low], [high], 51])
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Seq Scan on providers_contact" not in plan
