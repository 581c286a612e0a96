"""What Wavy's answers to a send mean, recipient by recipient."""

import json
from typing import Any

import pytest

from providers.drivers import driver_for
from providers.drivers.base import Answer, Lost, Outcome, Probe, Recipient, Verdict
from providers.errors import ERRORS
from tests.providers.wire_bodies import raw

ONE = (Recipient("5519900001111", "MyCorrelationId"),)
GROUP = (
    Recipient("5511990000001", "c-1"),
    Recipient("5215512345678", "c-2"),
    Recipient("59899123456", "c-3"),
)
ERROR = b'{"errorCode": 500, "errorMessage": "Something broke"}'
HTML = b"<html><body>502 Bad Gateway</body></html>"


def read(status: int, body: bytes | Any, recipients: tuple[Recipient, ...] = ONE) -> list[Outcome]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return driver_for("WavyWhatsapp").read(Answer(status, content), recipients)


def short(outcomes: list[Outcome]) -> list[tuple[Verdict, str, str]]:
    return [(one.verdict, one.provider_message_id, one.error) for one in outcomes]


@pytest.mark.parametrize(
    ("status", "body", "verdict", "error"),
    [
        pytest.param(400, ERROR, Verdict.REFUSED, "bad_request", id="400"),
        pytest.param(400, b"", Verdict.REFUSED, "bad_request", id="400 without a body"),
        pytest.param(401, raw("send_wrong_credentials"), Verdict.CREDENTIALS, "credentials", id="401"),
        pytest.param(403, HTML, Verdict.CREDENTIALS, "credentials", id="403"),
        pytest.param(404, ERROR, Verdict.REFUSED, "not_found", id="404"),
        pytest.param(405, b"", Verdict.REFUSED, "method", id="405"),
        pytest.param(412, ERROR, Verdict.REFUSED, "precondition", id="412"),
        pytest.param(420, ERROR, Verdict.SLOW_DOWN, "rate_limited", id="420"),
        pytest.param(429, b"", Verdict.SLOW_DOWN, "rate_limited", id="429"),
        pytest.param(500, ERROR, Verdict.RETRY, "provider_trouble", id="500 with a JSON error"),
        pytest.param(503, ERROR, Verdict.RETRY, "provider_trouble", id="503 with a JSON error"),
        pytest.param(500, HTML, Verdict.UNCERTAIN, "bad_gateway", id="500 as HTML"),
        pytest.param(503, b"", Verdict.UNCERTAIN, "bad_gateway", id="503 without a body"),
        pytest.param(500, b"{}", Verdict.UNCERTAIN, "bad_gateway", id="500 with JSON but no error"),
        pytest.param(503, b'"busy"', Verdict.UNCERTAIN, "bad_gateway", id="503 with JSON but no object"),
        pytest.param(500, raw("send_taken"), Verdict.UNCERTAIN, "bad_gateway", id="500 with a message id"),
        pytest.param(502, ERROR, Verdict.UNCERTAIN, "bad_gateway", id="502"),
        pytest.param(504, ERROR, Verdict.UNCERTAIN, "bad_gateway", id="504"),
        pytest.param(200, HTML, Verdict.UNCERTAIN, "unreadable_answer", id="200 that is not JSON"),
        pytest.param(200, b"", Verdict.UNCERTAIN, "unreadable_answer", id="200 without a body"),
        pytest.param(200, b'{"id": "5efc', Verdict.UNCERTAIN, "unreadable_answer", id="200 cut short"),
        pytest.param(200, b"[" * 90_000, Verdict.UNCERTAIN, "unreadable_answer", id="200 nested too deep"),
        pytest.param(200, b"\xff\xfe\x00", Verdict.UNCERTAIN, "unreadable_answer", id="200 of odd bytes"),
        pytest.param(204, b"", Verdict.UNCERTAIN, "unreadable_answer", id="204"),
        pytest.param(200, b"{}", Verdict.UNCERTAIN, "recipient_missing", id="200 that names nobody"),
        pytest.param(200, ERROR, Verdict.UNCERTAIN, "recipient_missing", id="200 with an error"),
        pytest.param(200, b'{"id": "x"}', Verdict.UNCERTAIN, "recipient_missing", id="200 with an id alone"),
        pytest.param(
            200, raw("send_taken_group"), Verdict.UNCERTAIN, "recipient_missing", id="200 of others"
        ),
        pytest.param(302, b"", Verdict.UNCERTAIN, "unlisted_answer", id="302"),
        pytest.param(418, ERROR, Verdict.UNCERTAIN, "unlisted_answer", id="418"),
        pytest.param(501, ERROR, Verdict.UNCERTAIN, "unlisted_answer", id="501"),
    ],
)
def test_each_answer_has_its_outcome(status: int, body: bytes, verdict: Verdict, error: str) -> None:
    assert short(read(status, body)) == [(verdict, "", error)]
    assert error in ERRORS


@pytest.mark.parametrize(
    ("lost", "verdict", "error"),
    [
        pytest.param(Lost.NOT_SENT, Verdict.NOT_SENT, "unreachable", id="nothing left"),
        pytest.param(Lost.UNKNOWN, Verdict.UNCERTAIN, "no_answer", id="nobody knows"),
    ],
)
def test_a_lost_request_has_its_outcome_for_everybody(lost: Lost, verdict: Verdict, error: str) -> None:
    outcomes = driver_for("WavyWhatsapp").read(lost, GROUP)
    assert short(outcomes) == [(verdict, "", error)] * 3
    assert [one.correlation_id for one in outcomes] == ["c-1", "c-2", "c-3"]


@pytest.mark.parametrize("status", [400, 404, 405, 412])
def test_a_group_that_is_turned_away_is_split(status: int) -> None:
    assert {one.verdict for one in read(status, ERROR, GROUP)} == {Verdict.SPLIT}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(401, Verdict.CREDENTIALS), (420, Verdict.SLOW_DOWN), (500, Verdict.RETRY), (504, Verdict.UNCERTAIN)],
)
def test_every_other_answer_to_a_group_holds_for_each_of_them(status: int, verdict: Verdict) -> None:
    assert [one.verdict for one in read(status, ERROR, GROUP)] == [verdict] * 3


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_success_gives_the_message_id_of_the_destination(status: int) -> None:
    [outcome] = read(status, raw("send_taken"))
    assert outcome == Outcome("MyCorrelationId", Verdict.ACCEPTED, "5efc3581-b3a8-4d0a-9f3d-8d0a4f6f0a01")


MINE = {"id": "m-1", "correlationId": "MyCorrelationId", "destination": "5519900001111"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(raw("send_taken_as_documented"), id="Id and destination, as the documentation prints"),
        pytest.param({"id": "e", "destinations": MINE}, id="object in place of array"),
        pytest.param([{"id": "e", "destinations": [MINE]}], id="array of envelopes"),
        pytest.param([MINE], id="array of destinations"),
        pytest.param(MINE, id="the destination bare"),
        pytest.param(
            {"ID": "e", "Destinations": [{"ID": "m-1", "CorrelationID": "MyCorrelationId"}]}, id="capitals"
        ),
        pytest.param({"id": "e", "destinations": [MINE, MINE]}, id="named twice"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps({"destinations": [MINE]}).encode(), id="with a BOM"),
        pytest.param({"destinations": [{"id": 7, "destination": 5519900001111}]}, id="numbers for strings"),
        pytest.param(
            {"destinations": [{"id": "m", "destination": "+55 (19) 90000-1111"}]}, id="number spelled out"
        ),
        pytest.param(
            {"destinations": [{"id": "m", "destination": "551900001111"}]}, id="without the ninth digit"
        ),
        pytest.param({"id": "e", "destinations": [{"id": "m-1"}]}, id="by position"),
    ],
)
def test_every_spelling_of_a_success_is_read(body: Any) -> None:
    [outcome] = read(200, body)
    assert outcome.verdict is Verdict.ACCEPTED
    assert outcome.provider_message_id


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            {"destinations": [{"id": "m-1", "correlationId": "Other"}]}, id="another correlation id"
        ),
        pytest.param(
            {"destinations": [{**MINE, "correlationId": "Other"}]}, id="another, to the same number"
        ),
        pytest.param({"destinations": [{"id": "m-1", "destination": "59899123456"}]}, id="another number"),
        pytest.param({"destinations": [{"id": "a"}, {"id": "b"}]}, id="more than were asked"),
        pytest.param({"destinations": []}, id="empty"),
        pytest.param({"destinations": [None, 3, "x"]}, id="no objects"),
    ],
)
def test_a_success_that_does_not_name_us_is_uncertain(body: Any) -> None:
    assert short(read(200, body)) == [(Verdict.UNCERTAIN, "", "recipient_missing")]


def test_a_destination_with_an_error_inside_a_success_is_uncertain() -> None:
    body = {"destinations": [{**MINE, "errorCode": 9, "errorMessage": "odd"}]}
    assert short(read(200, body)) == [(Verdict.UNCERTAIN, "", "unlisted_answer")]


def test_a_group_is_matched_by_correlation_id_whatever_the_order() -> None:
    assert short(read(200, raw("send_taken_group"), GROUP)) == [
        (Verdict.ACCEPTED, "m-1", ""),
        (Verdict.ACCEPTED, "m-2", ""),
        (Verdict.ACCEPTED, "m-3", ""),
    ]


def test_without_correlation_ids_the_number_decides_in_any_spelling() -> None:
    body = {
        "destinations": [
            {"id": "m-3", "destination": "+598 99 123 456"},
            {"id": "m-2", "destination": "525512345678"},
            {"id": "m-1", "destination": "551190000001"},
        ]
    }
    assert [one.provider_message_id for one in read(200, body, GROUP)] == ["m-1", "m-2", "m-3"]


def test_without_correlation_ids_and_numbers_the_position_decides() -> None:
    body = {"destinations": [{"id": "m-1"}, {"id": "m-2"}, {"id": "m-3"}]}
    assert [one.provider_message_id for one in read(200, body, GROUP)] == ["m-1", "m-2", "m-3"]


def test_who_is_missing_from_a_group_is_uncertain_and_the_others_are_taken() -> None:
    body = {"destinations": [{"id": "m-3", "correlationId": "c-3"}, {"id": "m-1", "correlationId": "c-1"}]}
    assert short(read(200, body, GROUP)) == [
        (Verdict.ACCEPTED, "m-1", ""),
        (Verdict.UNCERTAIN, "", "recipient_missing"),
        (Verdict.ACCEPTED, "m-3", ""),
    ]


def test_one_without_correlation_id_among_others_is_found_by_its_number() -> None:
    body = {
        "destinations": [
            {"id": "m-1", "correlationId": "c-1"},
            {"id": "m-3", "destination": "59899123456"},
        ]
    }
    assert [one.provider_message_id for one in read(200, body, GROUP)] == ["m-1", "", "m-3"]


TWINS = (Recipient("59899123456", "c-1"), Recipient("59899123456", "c-2"))


def test_the_same_number_twice_is_told_apart_by_position_where_all_are_there() -> None:
    body = {
        "destinations": [
            {"id": "m-1", "destination": "59899123456"},
            {"id": "m-2", "destination": "59899123456"},
        ]
    }
    assert [one.provider_message_id for one in read(200, body, TWINS)] == ["m-1", "m-2"]


def test_the_same_number_twice_is_not_guessed_where_one_is_missing() -> None:
    body = {"destinations": [{"id": "m-1", "destination": "59899123456"}]}
    assert [one.verdict for one in read(200, body, TWINS)] == [Verdict.UNCERTAIN] * 2


def test_the_message_id_of_the_envelope_serves_a_single_destination_without_one() -> None:
    body = {"id": "e-1", "destinations": [{"correlationId": "MyCorrelationId"}]}
    assert short(read(200, body)) == [(Verdict.ACCEPTED, "e-1", "")]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param(ERROR, "Something broke", id="errorMessage"),
        pytest.param(b'{"error": {"message": "Nested"}}', "Nested", id="nested"),
        pytest.param(b'{"ErrorMessage": "a\\u0000b"}', "ab", id="with NUL"),
        pytest.param(b'{"errorMessage": "' + b"x" * 5000 + b'"}', "x" * 200, id="shortened"),
        pytest.param(HTML, "", id="HTML"),
    ],
)
def test_the_detail_is_the_providers_own_words(body: bytes, detail: str) -> None:
    assert [one.detail for one in read(400, body)] == [detail]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(Answer(400, ERROR), Probe.OK, id="400: it looked beyond the credentials"),
        pytest.param(Answer(412, ERROR), Probe.OK, id="412"),
        pytest.param(Answer(200, b'{"id": "x", "destinations": []}'), Probe.OK, id="200"),
        pytest.param(Answer(200, HTML), Probe.TROUBLE, id="200 of some web page"),
        pytest.param(Answer(401, raw("send_wrong_credentials")), Probe.CREDENTIALS, id="401"),
        pytest.param(Answer(403, b""), Probe.CREDENTIALS, id="403"),
        pytest.param(Answer(429, b""), Probe.TROUBLE, id="429 proves nothing"),
        pytest.param(Answer(420, b""), Probe.TROUBLE, id="420 proves nothing"),
        pytest.param(Answer(404, HTML), Probe.TROUBLE, id="404: perhaps another host"),
        pytest.param(Answer(302, b""), Probe.TROUBLE, id="302"),
        pytest.param(Answer(503, ERROR), Probe.TROUBLE, id="503"),
        pytest.param(Lost.NOT_SENT, Probe.UNREACHABLE, id="no connection"),
        pytest.param(Lost.UNKNOWN, Probe.UNREACHABLE, id="no answer"),
    ],
)
def test_the_probe_tells_wrong_credentials_from_an_unreachable_host(
    answer: Answer | Lost, found: Probe
) -> None:
    assert driver_for("WavyWhatsapp").read_probe(answer) is found
