"""RegExps over numbers: tried on a number with the semantics of sending, in bounded time."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from providers.models.provider import validate_regexp
from providers.patterns import Found, try_on
from tests.factories import make_agent, make_operator, make_supervisor
from tests.pages import signed_in, words

TRY = "/admin/providers/provider/try-pattern/"
ENDLESS = r"(((\d*)*)*)*x"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (".", Found.ACCEPTED),
        ("^598", Found.ACCEPTED),
        ("99123", Found.ACCEPTED),
        (r"^598(?P<mobile>9\d{7})\Z", Found.ACCEPTED),
        (r"^\+598", Found.TURNED_AWAY),
        ("^55", Found.TURNED_AWAY),
        ("(", Found.BROKEN),
        (ENDLESS, Found.SLOW),
    ],
)
def test_a_pattern_is_searched_in_the_digits_as_when_sending(pattern: str, found: Found) -> None:
    assert try_on(pattern, "+598 99 123-456").found == found


def test_a_number_without_country_code_is_one_of_the_dialers_country() -> None:
    assert try_on("^598", "099 123 456", "UY").found == Found.ACCEPTED
    assert "country code" in try_on("^598", "099 123 456").sentence


def test_a_pattern_that_does_not_compile_says_where() -> None:
    trial = try_on("^598[0-9", "")
    assert (trial.position, "at position 4" in trial.sentence) == (4, True)


def test_a_pattern_without_end_is_never_stored() -> None:
    with pytest.raises(ValidationError, match="takes too long"):
        validate_regexp(ENDLESS)
    validate_regexp(r"^(55|598)?(\d\d)+$")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "pattern", "number", "sentence"),
    [
        ("sms_regexp", "^598", "+598 99 123 456", "+598 99 123 456 is accepted (59899123456)."),
        ("dialing_chain", "^55", "59899123456", "+598 99 123 456 is turned away (59899123456)."),
        ("dialing_chain", "^(55", "", "unterminated subpattern at position 1. ^ ( 55"),
        ("sms_regexp", ".", "desk", "The number has letters or signs in it."),
        ("sms_regexp", ".", "", ""),
    ],
    ids=["accepted", "turned away", "broken", "no number", "nothing typed"],
)
def test_a_trial_answers_in_a_sentence(field: str, pattern: str, number: str, sentence: str) -> None:
    supervisor = signed_in(make_supervisor())

    answer = supervisor.post(f"{TRY}?field={field}", {field: pattern, f"{field}_trial": number})
    assert sentence in words(answer)


@pytest.mark.django_db
def test_a_trial_is_for_those_who_see_providers() -> None:
    assert signed_in(make_operator()).post(TRY, {"sms_regexp": "."}).status_code == 200
    assert signed_in(make_agent("ana")).post(TRY, {"sms_regexp": "."}).status_code == 302
    assert Client().post(TRY, {"sms_regexp": "."}).status_code == 302
