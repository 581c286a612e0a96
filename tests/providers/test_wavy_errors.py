"""The named errors: each answers whether to send again, whose fault it is, and what the operator reads."""

import pickle

import pytest
from django.utils.functional import Promise

from providers.errors import ERRORS, UNKNOWN, ErrorKind, Fault, Refusal, kind_of
from providers.numbers import BadNumber


@pytest.mark.parametrize("kind", [pytest.param(kind, id=key) for key, kind in ERRORS.items()])
def test_every_error_has_a_sentence_that_can_be_translated_and_says_what_to_do(kind: ErrorKind) -> None:
    assert isinstance(kind.sentence, Promise)
    sentence = str(kind.sentence)
    assert sentence.endswith(".")
    assert 30 < len(sentence) < 200


def test_no_two_errors_say_the_same() -> None:
    assert len({str(kind.sentence) for kind in ERRORS.values()}) == len(ERRORS)


@pytest.mark.parametrize(
    ("key", "again", "fault"),
    [
        ("carrier_error", True, Fault.PROVIDER),
        ("provider_internal", True, Fault.PROVIDER),
        ("invalid_number", False, Fault.RECIPIENT),
        ("opted_out", False, Fault.RECIPIENT),
        ("window_closed", False, Fault.OURS),
        ("credentials", True, Fault.OURS),
        ("no_answer", True, Fault.PROVIDER),
        ("do_not_call", False, Fault.RECIPIENT),
        ("template_parameters", False, Fault.OURS),
    ],
)
def test_an_error_answers_the_three_questions(key: str, again: bool, fault: Fault) -> None:
    assert (ERRORS[key].again, ERRORS[key].fault) == (again, fault)


def test_a_key_that_is_not_in_the_table_reads_as_unknown() -> None:
    assert kind_of("never_heard_of") is UNKNOWN
    assert kind_of("expired") is ERRORS["expired"]


def test_a_refusal_speaks_the_sentence_of_its_code() -> None:
    refusal = Refusal("do_not_call")
    assert (refusal.code, refusal.status) == ("do_not_call", 409)
    assert str(refusal) == refusal.sentence == str(ERRORS["do_not_call"].sentence)


def test_a_refusal_may_bring_its_own_sentence_and_status() -> None:
    refusal = Refusal("window_closed", "Closed since noon.", status=400)
    assert (refusal.code, str(refusal), refusal.status) == ("window_closed", "Closed since noon.", 400)
    assert Refusal("window_closed").status == 409


def test_a_refusal_crosses_processes_as_it_is() -> None:
    for refusal in (Refusal("window_closed", "Closed since noon.", status=410), BadNumber("number_empty")):
        copy = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
        assert (copy.code, str(copy), copy.status) == (refusal.code, str(refusal), refusal.status)
