"""Numbers: what is sent to, one form per person, every spelling, and the form for pages."""

import random
import re

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers.errors import ERRORS
from providers.numbers import (
    EXTRA_DIGITS,
    PLANS,
    BadNumber,
    calling_code_of,
    canonical,
    display,
    parse_destination,
    variants,
)


def attempt(raw: str, country: str | None = None) -> str | BadNumber:
    try:
        return parse_destination(raw, country)
    except BadNumber as refused:
        return refused


def refusal(raw: str, country: str | None = None) -> str:
    with pytest.raises(BadNumber) as caught:
        parse_destination(raw, country)
    assert caught.value.status == 400
    assert str(caught.value) == str(ERRORS[caught.value.code].sentence)
    return caught.value.code


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        pytest.param("59899123456", "59899123456", id="bare digits"),
        pytest.param("+5519900001111", "5519900001111", id="plus"),
        pytest.param("+55(19) 900001111", "5519900001111", id="plus and brackets, as Wavy writes"),
        pytest.param("0055 19 90000-1111", "5519900001111", id="00 in front"),
        pytest.param(" 598.99.123.456\t", "59899123456", id="dots and blanks"),
        pytest.param("55\u00a019\u00a090000\u20111111", "5519900001111", id="unbreakable blanks and dashes"),
        pytest.param("\u202a+5519900001111\u202c", "5519900001111", id="invisible marks of a phone book"),
        pytest.param("'59899123456", "59899123456", id="a spreadsheet's apostrophe"),
        pytest.param("59899123456.0", "59899123456", id="a spreadsheet's decimal"),
        pytest.param("+55 (0) 19 90000-1111", "5519900001111", id="a national 0 in between"),
        pytest.param("551132345678", "551132345678", id="Brazil, landline"),
        pytest.param("551198765432", "551198765432", id="Brazil, mobile without the ninth digit"),
        pytest.param("5215512345678", "5215512345678", id="Mexico with the 1"),
        pytest.param("525512345678", "525512345678", id="Mexico without the 1"),
        pytest.param("5491123456789", "5491123456789", id="Argentina with the 9"),
        pytest.param("541123456789", "541123456789", id="Argentina without the 9"),
        pytest.param("56912345678", "56912345678", id="Chile, a range that the library does not list"),
        pytest.param("+1 202-555-0101", "12025550101", id="United States"),
        pytest.param("15551234567", "15551234567", id="a test number of WhatsApp"),
        pytest.param("+44 7911 123456", "447911123456", id="a country without a rule"),
    ],
)
def test_a_number_is_read_as_people_write_it(raw: str, digits: str) -> None:
    assert parse_destination(raw) == digits


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param("", "number_empty", id="empty"),
        pytest.param(" +() - ", "number_empty", id="no digit"),
        pytest.param("5,98991E+10", "number_spreadsheet", id="spreadsheet with a comma"),
        pytest.param("5.98991E+10", "number_spreadsheet", id="spreadsheet with a point"),
        pytest.param("5E+10", "number_spreadsheet", id="spreadsheet, shortest"),
        pytest.param(" 5,98991e10 ", "number_spreadsheet", id="spreadsheet, small e"),
        pytest.param("5,98991E 10", "number_spreadsheet", id="spreadsheet whose plus became a blank"),
        pytest.param("1-800-FLOWERS", "number_characters", id="letters"),
        pytest.param("59899123456 x12", "number_characters", id="extension"),
        pytest.param("59899123456/59899123457", "number_characters", id="two with a slash"),
        pytest.param("+59899123456+59899123457", "number_characters", id="two with a plus"),
        pytest.param("59899,123456", "number_characters", id="comma"),
        pytest.param("٥٩٨٩٩١٢٣٤٥٦", "number_characters", id="other digits"),
        pytest.param("5989912345６", "number_characters", id="one wide digit"),
        pytest.param("²5989912345", "number_characters", id="superscript"),
        pytest.param("59899\x00123456", "number_characters", id="NUL"),
        pytest.param("123456", "number_length", id="too short"),
        pytest.param("55199000011112222", "number_length", id="too long"),
        pytest.param("1" * 5000, "number_length", id="absurdly long"),
        pytest.param("099123456", "number_country", id="Uruguay, national"),
        pytest.param("11987654321", "number_country", id="Brazil, national"),
        pytest.param("987654321", "number_country", id="Peru, national"),
        pytest.param("5512345678", "number_country", id="Mexico, national"),
        pytest.param("+11987654321", "number_invalid", id="with a plus it is a wrong number"),
        pytest.param("55199000011", "number_invalid", id="two digits short"),
        pytest.param("+999123456789", "number_invalid", id="no such country"),
        pytest.param("+0099123456", "number_invalid", id="plus and 00"),
    ],
)
def test_what_is_no_whole_number_is_refused_with_a_reason(raw: str, code: str) -> None:
    assert refusal(raw) == code


@pytest.mark.parametrize(
    ("raw", "country", "digits"),
    [
        pytest.param("099 123 456", "UY", "59899123456", id="the national 0 goes"),
        pytest.param("99123456", "uy", "59899123456", id="small letters"),
        pytest.param("(11) 90000-1111", "BR", "5511900001111", id="Brazil"),
        pytest.param("0 11 90000-1111", "BR", "5511900001111", id="Brazil with 0"),
        pytest.param("51987654321", "BR", "5551987654321", id="area code 51, which Peru has as country code"),
        pytest.param(
            "55987654321", "BR", "5555987654321", id="area code 55, which Brazil has as country code"
        ),
        pytest.param("5511900001111", "BR", "5511900001111", id="the country code is there"),
        pytest.param("+51987654321", "BR", "51987654321", id="plus says another country"),
        pytest.param("0051987654321", "BR", "51987654321", id="00 says another country"),
        pytest.param("59899123456", "BR", "59899123456", id="no number of Brazil, but one of Uruguay"),
        pytest.param("5512345678", "MX", "525512345678", id="Mexico"),
        pytest.param("1123456789", "AR", "541123456789", id="Argentina, no 9 is added"),
        pytest.param("011 15 2345-6789", "AR", "5491123456789", id="Argentina, 15 as the plan has it"),
        pytest.param("7911 123456", "GB", "447911123456", id="a country without a rule"),
    ],
)
def test_a_default_country_completes_a_national_number(raw: str, country: str, digits: str) -> None:
    assert parse_destination(raw, country) == digits


@pytest.mark.parametrize(
    ("raw", "country", "code"),
    [
        pytest.param("9912345", "UY", "number_invalid", id="a digit short"),
        pytest.param("5,98991E+10", "UY", "number_spreadsheet", id="spreadsheet"),
        pytest.param("123", "UY", "number_length", id="too short"),
        pytest.param("0000000000", "BR", "number_invalid", id="zeros"),
    ],
)
def test_a_default_country_does_not_mend_a_wrong_number(raw: str, country: str, code: str) -> None:
    assert refusal(raw, country) == code


def test_the_hint_for_a_spreadsheet_says_what_to_do() -> None:
    with pytest.raises(BadNumber, match="Format the column as text"):
        parse_destination("5,98991E+10")


@pytest.mark.parametrize("country", ["", "Brazil", "XX", "55"])
def test_a_default_country_that_is_none_is_an_error(country: str) -> None:
    with pytest.raises(ValueError, match="is not a country code"):
        calling_code_of(country)


# The rule table against the library

SPECIAL = {"US"}


def samples(country: str, count: int, kind: int) -> list[str]:
    """Valid numbers of a country, made of the digits of the library's example."""
    rng = random.Random(f"{country}{kind}")
    found: list[str] = []
    example_number = phonenumbers.example_number_for_type(country, kind)
    assert example_number is not None
    length = len(phonenumbers.national_significant_number(example_number))
    while len(found) < count:
        national = "".join(rng.choices("0123456789", k=length))
        head = phonenumbers.national_significant_number(example_number)[: rng.randrange(1, 4)]
        candidate = f"{example_number.country_code}{head}{national[len(head) :]}"
        if phonenumbers.is_valid_number(phonenumbers.parse("+" + candidate)):
            found.append(candidate)
    return found


@pytest.mark.parametrize("country", sorted(PLANS.keys() - SPECIAL))
@pytest.mark.parametrize(
    "kind",
    [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE],
    ids=["mobile", "landline"],
)
def test_what_the_library_holds_valid_is_taken_as_it_is(country: str, kind: int) -> None:
    for number in samples(country, 150, kind):
        assert parse_destination(number) == number
        assert parse_destination(f"+{number}", "BR") == number


@pytest.mark.parametrize("country", sorted(PLANS.keys() - SPECIAL))
def test_most_mobiles_are_decided_by_the_table_alone(country: str) -> None:
    numbers = samples(country, 150, phonenumbers.PhoneNumberType.MOBILE)
    by_table = [n for n in numbers if re.fullmatch(PLANS[country].calling_code + PLANS[country].shape, n)]
    assert len(by_table) > 0.9 * len(numbers)


@pytest.mark.parametrize("country", sorted(PLANS))
def test_the_table_takes_no_length_that_the_plan_does_not_have(country: str) -> None:
    rng = random.Random(country)
    calling_code = PLANS[country].calling_code
    for _ in range(3000):
        subscriber = "".join(rng.choices("0123456789", k=rng.randrange(5, 13)))
        number = calling_code + subscriber
        if re.fullmatch(PLANS[country].shape, subscriber) and not re.fullmatch(r"521\d{10}", number):
            assert phonenumbers.is_possible_number(phonenumbers.parse("+" + number)), number


@given(
    st.text(alphabet="0123456789+-.() \u00a0'", max_size=22), st.sampled_from([None, "BR", "UY", "AR", "MX"])
)
@example("00", None)
@example("+", "BR")
def test_the_result_is_digits_of_the_text_and_nothing_more_than_the_country_code(
    raw: str, country: str | None
) -> None:
    digits = attempt(raw, country)
    if isinstance(digits, BadNumber):
        assert digits.code in ERRORS
        return
    assert re.fullmatch(r"[1-9]\d{6,14}", digits)
    if country is None:
        given_digits = re.sub(r"\D", "", raw)
        assert len(digits) <= len(given_digits)


@given(st.text(max_size=30))
def test_no_text_whatever_makes_the_reader_raise_anything_but_a_bad_number(raw: str) -> None:
    found = attempt(raw)
    assert found.sentence if isinstance(found, BadNumber) else found.isdigit()


# One form per person

PEOPLE = [
    pytest.param("5511987654321", ["551187654321"], id="Brazil, mobile"),
    pytest.param("5511900000001", ["551100000001"], id="Brazil, mobile that begins with 0"),
    pytest.param("551132345678", [], id="Brazil, landline"),
    pytest.param("525512345678", ["5215512345678"], id="Mexico"),
    pytest.param("541123456789", ["5491123456789"], id="Argentina"),
    pytest.param("59899123456", [], id="Uruguay"),
    pytest.param("12025550101", [], id="United States"),
]


@pytest.mark.parametrize(("person", "others"), PEOPLE)
def test_every_spelling_of_a_person_is_one_form(person: str, others: list[str]) -> None:
    for spelling in (
        person,
        *others,
        f"+{person}",
        f"00{person}",
        f" {person[:2]} ({person[2:4]}) {person[4:]}",
    ):
        assert canonical(spelling) == person
        assert variants(spelling) == (person, *others)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("551132345678", id="Brazil, landline"),
        pytest.param("550087654321", id="Brazil, no area code"),
        pytest.param("55118765432", id="Brazil, too short"),
        pytest.param("52155123456", id="Mexico, too short"),
        pytest.param("54911234567", id="Argentina, too short"),
        pytest.param("27182", id="short code"),
    ],
)
def test_what_no_rule_covers_stays_as_it_is(number: str) -> None:
    assert canonical(number) == number
    assert canonical(number) in variants(number)


@pytest.mark.parametrize(
    ("spelling", "person"),
    [
        pytest.param("+54 11 15 2345-6789", "541123456789", id="Argentina, 15 behind an area code of two"),
        pytest.param("+54 351 15 234-5678", "543512345678", id="Argentina, 15 behind one of three"),
        pytest.param("+54 2966 15 41-2345", "542966412345", id="Argentina, 15 behind one of four"),
        pytest.param("+54 011 2345-6789", "541123456789", id="Argentina, 0 before the area code"),
        pytest.param("+54 011 15 2345-6789", "541123456789", id="Argentina, 0 and 15"),
        pytest.param("+54 9 15 1234-5678", "541512345678", id="Argentina, where 15 is no prefix"),
        pytest.param("+55 (0) 11 98765-4321", "5511987654321", id="Brazil, 0 before the area code"),
        pytest.param("+55 (0) 11 3234-5678", "551132345678", id="Brazil, 0 and a landline"),
        pytest.param("+52 1 55 1234 5678", "525512345678", id="Mexico"),
        pytest.param("+55 11 5 1234 5678 9012", "551151234567890" + "12", id="no number at all"),
    ],
)
def test_what_is_dialled_inside_the_country_makes_nobody_else(spelling: str, person: str) -> None:
    assert canonical(spelling) == person
    assert canonical(person) == person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("551141234567", "5511941234567", id="São Paulo, landline 4… and mobile 94…"),
        pytest.param("551132345678", "5511932345678", id="São Paulo, landline 3… and mobile 93…"),
        pytest.param("552125678901", "5521925678901", id="Rio, landline 2… and mobile 92…"),
        pytest.param("555135678901", "5551935678901", id="Porto Alegre, landline 3… and mobile 93…"),
        pytest.param("525512345678", "525512345679", id="Mexico, another last digit"),
        pytest.param("541123456789", "543512345678", id="Argentina, another area"),
    ],
)
def test_a_landline_and_a_mobile_that_look_alike_are_two_people(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)
    assert (variants(one), variants(other)) != (variants(other), variants(one))


FOREIGN = sorted(
    region
    for region in phonenumbers.SUPPORTED_REGIONS
    if str(phonenumbers.country_code_for_region(region)) not in EXTRA_DIGITS
    and phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
)


def test_a_valid_mobile_of_any_other_country_has_one_spelling() -> None:
    """The countries behind 54, 549, 55 and 521 are told by whole calling codes: nobody else's begin with these."""
    numbers = [
        number for region in FOREIGN for number in samples(region, 5, phonenumbers.PhoneNumberType.MOBILE)
    ]
    assert len(FOREIGN) > 200
    assert [number for number in numbers if variants(number) != (number,)] == []


@pytest.mark.parametrize("country", ["BR", "MX", "AR"])
@pytest.mark.parametrize(
    "kind",
    [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE],
    ids=["mobile", "landline"],
)
def test_every_spelling_of_a_valid_number_is_one_person_and_nobody_elses_is(country: str, kind: int) -> None:
    """Two numbers that the library holds valid are one person only where one is the other with the extra digit."""
    people: dict[str, set[str]] = {}
    for number in samples(country, 300, kind):
        people.setdefault(canonical(number), set()).add(number)
        assert {canonical(spelling) for spelling in variants(number)} == {canonical(number)}
        assert number in variants(number)
    for person, numbers in people.items():
        assert numbers <= set(variants(person))


def test_brazilian_mobiles_of_the_library_and_its_landlines_never_meet() -> None:
    mobiles = set(map(canonical, samples("BR", 400, phonenumbers.PhoneNumberType.MOBILE)))
    landlines = set(map(canonical, samples("BR", 400, phonenumbers.PhoneNumberType.FIXED_LINE)))
    with_the_digit = {f"{number[:4]}9{number[4:]}" for number in landlines}
    assert not landlines & mobiles
    assert all(canonical(number) not in landlines for number in with_the_digit)


@pytest.mark.parametrize("text", ["", "   ", "ana", "US.1234567890", "x55"])
def test_what_is_no_number_is_only_trimmed(text: str) -> None:
    assert canonical(text) == text.strip()
    assert variants(text) == (text.strip(),)
    assert display(text) == text


def two_people(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from(["55", "5511", "52", "521", "54", "549", "598", "1", ""]))
    return prefix + draw(st.text(alphabet="0123456789", min_size=4, max_size=12))


NUMBERS = st.composite(two_people)()


@given(NUMBERS | st.text(max_size=20))
def test_the_form_of_a_person_is_its_own_form(number: str) -> None:
    once = canonical(number)
    assert canonical(once) == once


@given(NUMBERS)
def test_each_variant_leads_back_to_the_same_person(number: str) -> None:
    first = canonical(number)
    assert variants(number)[0] == first
    assert {canonical(spelling) for spelling in variants(number)} == {first}
    assert variants(first) == variants(number)


def test_a_wire_spelling_is_always_among_the_variants_of_its_person() -> None:
    rng = random.Random(7)
    for calling_code in EXTRA_DIGITS:
        for _ in range(2000):
            wire = calling_code + "".join(rng.choices("123456789", k=rng.randrange(8, 12)))
            assert wire in variants(wire)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("5511900000001", "+55 11 90000-0001"),
        ("59899123456", "+598 99 123 456"),
        ("+1 202 555 0101", "+1 202-555-0101"),
        ("5491123456789", "+54 9 11 2345-6789"),
        ("999", "999"),
    ],
)
def test_a_number_is_shown_in_its_international_form(number: str, shown: str) -> None:
    assert display(number) == shown
