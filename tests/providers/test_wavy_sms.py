"""The Wavy SMS driver: what leaves, what its answers mean, what its callbacks say."""

import json
from typing import Any

import pytest

from providers.drivers import driver_for
from providers.drivers.base import (
    Account,
    Answer,
    Content,
    Hsm,
    Incoming,
    Lost,
    Outcome,
    Probe,
    Receipt,
    Recipient,
    Request,
    Text,
    Verdict,
)

ACCOUNT = Account("https://wavy.test/", "28149", "integra", "s3cret-token")
ANA, JOE, EVA = (
    Recipient("5519900001111", "c-ana"),
    Recipient("59899123456", "c-joe"),
    Recipient("5215512345678", "c-eva"),
)
ERROR = b'{"errorCode": 500, "errorMessage": "Something broke"}'
SMS = driver_for("WavySMS")


def build(*pairs: tuple[Content, Recipient]) -> Request:
    return SMS.build(ACCOUNT, [content for content, _ in pairs], [recipient for _, recipient in pairs])


def read(status: int, body: bytes | Any, *recipients: Recipient) -> list[Outcome]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return SMS.read(Answer(status, raw), recipients)


def short(outcomes: list[Outcome]) -> list[tuple[Verdict, str, str]]:
    return [(one.verdict, one.provider_message_id, one.error) for one in outcomes]


def test_one_message_leaves_by_the_single_call() -> None:
    request = build((Text("Olá, Ana 🎉"), ANA))
    assert (request.method, request.url) == ("POST", "https://wavy.test/v1/send-sms")
    assert json.loads(request.body) == {
        "destination": "5519900001111",
        "messageText": "Olá, Ana 🎉",
        "correlationId": "c-ana",
    }


def test_several_leave_as_a_bulk_in_which_each_differs() -> None:
    request = build((Text("Hello Ana"), ANA), (Text("Hello Joe"), JOE))
    assert request.url == "https://wavy.test/v1/send-bulk-sms"
    assert json.loads(request.body) == {
        "messages": [
            {"destination": "5519900001111", "messageText": "Hello Ana", "correlationId": "c-ana"},
            {"destination": "59899123456", "messageText": "Hello Joe", "correlationId": "c-joe"},
        ]
    }


def test_the_credentials_travel_in_the_headers_and_are_marked_as_secret() -> None:
    request = build((Text("Hello"), ANA))
    assert (request.headers["UserName"], request.headers["AuthenticationToken"]) == (
        "integra",
        "s3cret-token",
    )
    assert request.secrets == ("s3cret-token",)
    assert "s3cret-token" not in repr(request)


def test_lone_surrogates_and_nul_leave_as_valid_json_in_utf8() -> None:
    body = build((Text("a\ud83db\x00"), ANA)).body.decode()
    assert json.loads(body)["messageText"] == "a?b\x00"


@pytest.mark.parametrize(
    ("content", "recipient"),
    [
        pytest.param(Hsm("welcome", "en"), ANA, id="a template"),
        pytest.param(Text(""), ANA, id="no text"),
        pytest.param(Text("x" * 1281), ANA, id="1,281 characters"),
        pytest.param(Text("x"), Recipient("5519900001111", "c" * 65), id="65 characters of correlation id"),
    ],
)
def test_what_wavy_would_turn_away_is_not_built(content: Content, recipient: Recipient) -> None:
    with pytest.raises(ValueError, match=r"SMS|correlation"):
        build((content, recipient))


def test_the_longest_message_and_id_are_built() -> None:
    assert build((Text("x" * 1280), Recipient("5519900001111", "c" * 64)))


@pytest.mark.parametrize("n", [0, 1001])
def test_a_request_takes_1_to_1000_messages(n: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        build(*[(Text("x"), Recipient("5519900001111", f"c-{k}")) for k in range(n)])


def test_a_bulk_of_1000_is_built() -> None:
    pairs = [(Text(f"Hello {k}"), Recipient("5519900001111", f"c-{k}")) for k in range(1000)]
    assert len(json.loads(build(*pairs).body)["messages"]) == 1000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"id": "m-1", "correlationId": "c-ana"}, id="an object"),
        pytest.param([{"id": "m-1", "correlationId": "c-ana"}], id="the same inside an array"),
        pytest.param({"Id": "m-1", "CorrelationId": "c-ana"}, id="in capitals"),
        pytest.param({"id": "b", "messages": [{"id": "m-1", "correlationId": "c-ana"}]}, id="a bulk of one"),
        pytest.param({"id": "m-1", "correlationId": "c-ana", "parts": 2}, id="with keys nobody knows"),
    ],
)
def test_an_answer_to_one_message_gives_its_id(body: Any) -> None:
    assert short(read(200, body, ANA)) == [(Verdict.ACCEPTED, "m-1", "")]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            {
                "id": "b",
                "messages": [
                    {"id": "m-1", "correlationId": "c-ana"},
                    {"id": "m-2", "correlationId": "c-joe"},
                ],
            },
            id="in order",
        ),
        pytest.param(
            {
                "id": "b",
                "messages": [
                    {"id": "m-2", "correlationId": "c-joe"},
                    {"id": "m-1", "correlationId": "c-ana"},
                ],
            },
            id="in another order",
        ),
        pytest.param(
            [
                {
                    "Id": "b",
                    "Messages": [
                        {"Id": "m-1", "CorrelationId": "c-ana"},
                        {"Id": "m-2", "CorrelationId": "c-joe"},
                    ],
                }
            ],
            id="in an array and capitals",
        ),
        pytest.param({"id": "b", "messages": [{"id": "m-1"}, {"id": "m-2"}]}, id="without correlation ids"),
    ],
)
def test_an_answer_to_a_bulk_gives_each_its_id(body: Any) -> None:
    assert short(read(200, body, ANA, JOE)) == [(Verdict.ACCEPTED, "m-1", ""), (Verdict.ACCEPTED, "m-2", "")]


def test_who_is_missing_from_a_bulk_is_uncertain_and_the_others_are_taken() -> None:
    body = {
        "id": "b",
        "messages": [{"id": "m-3", "correlationId": "c-eva"}, {"id": "m-1", "correlationId": "c-ana"}],
    }
    assert short(read(200, body, ANA, JOE, EVA)) == [
        (Verdict.ACCEPTED, "m-1", ""),
        (Verdict.UNCERTAIN, "", "recipient_missing"),
        (Verdict.ACCEPTED, "m-3", ""),
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({"id": "m-1", "correlationId": "c-else"}, "recipient_missing", id="somebody else's"),
        pytest.param({"id": "b", "messages": []}, "recipient_missing", id="a bulk of nobody"),
        pytest.param({"id": "b"}, "recipient_missing", id="no word of the message"),
        pytest.param(b"<html>ok</html>", "unreadable_answer", id="no JSON"),
        pytest.param(b'{"id": "m-1", "corr', "unreadable_answer", id="cut short"),
    ],
)
def test_a_2xx_that_does_not_name_the_message_is_uncertain(body: Any, error: str) -> None:
    assert short(read(200, body, ANA)) == [(Verdict.UNCERTAIN, "", error)]


@pytest.mark.parametrize(
    ("answer", "alone", "in_a_bulk"),
    [
        pytest.param(Answer(400, ERROR), Verdict.REFUSED, Verdict.SPLIT, id="400"),
        pytest.param(Answer(404, b""), Verdict.REFUSED, Verdict.SPLIT, id="404"),
        pytest.param(Answer(412, ERROR), Verdict.REFUSED, Verdict.SPLIT, id="412"),
        pytest.param(Answer(401, ERROR), Verdict.CREDENTIALS, Verdict.CREDENTIALS, id="401"),
        pytest.param(Answer(403, b""), Verdict.CREDENTIALS, Verdict.CREDENTIALS, id="403"),
        pytest.param(Answer(420, b""), Verdict.SLOW_DOWN, Verdict.SLOW_DOWN, id="420"),
        pytest.param(Answer(429, b""), Verdict.SLOW_DOWN, Verdict.SLOW_DOWN, id="429"),
        pytest.param(Answer(500, ERROR), Verdict.RETRY, Verdict.RETRY, id="500 with JSON"),
        pytest.param(Answer(503, ERROR), Verdict.RETRY, Verdict.RETRY, id="503 with JSON"),
        pytest.param(Answer(503, b"<html>"), Verdict.UNCERTAIN, Verdict.UNCERTAIN, id="503 of a gateway"),
        pytest.param(Answer(504, ERROR), Verdict.UNCERTAIN, Verdict.UNCERTAIN, id="504"),
        pytest.param(Answer(418, ERROR), Verdict.UNCERTAIN, Verdict.UNCERTAIN, id="unlisted"),
        pytest.param(Lost.NOT_SENT, Verdict.NOT_SENT, Verdict.NOT_SENT, id="no connection"),
        pytest.param(Lost.UNKNOWN, Verdict.UNCERTAIN, Verdict.UNCERTAIN, id="no answer"),
    ],
)
def test_the_table_of_answers_holds_for_sms(
    answer: Answer | Lost, alone: Verdict, in_a_bulk: Verdict
) -> None:
    assert [one.verdict for one in SMS.read(answer, [ANA])] == [alone]
    assert [one.verdict for one in SMS.read(answer, [ANA, JOE])] == [in_a_bulk] * 2


def test_the_probe_is_a_bulk_of_nothing() -> None:
    request = SMS.build_probe(ACCOUNT)
    assert (request.url, request.body) == ("https://wavy.test/v1/send-bulk-sms", b'{"messages":[]}')
    assert SMS.read_probe(Answer(400, ERROR)) is Probe.OK
    assert SMS.read_probe(Answer(401, ERROR)) is Probe.CREDENTIALS


SENT = {
    "id": "m-1",
    "correlationId": "c-ana",
    "carrierId": 1,
    "carrierName": "CLARO",
    "destination": "5519900001111",
    "campaignId": "100",
    "sent": True,
    "sentStatusCode": 2,
    "sentStatus": "SENT_SUCCESS",
    "sentAt": 1513616971891,
    "sentDate": "2017-12-18T17:09:31.891Z",
}


def receipt(item: dict[str, Any]) -> Receipt:
    (found,) = SMS.parse_statuses(item)
    assert isinstance(found, Receipt)
    return found


@pytest.mark.parametrize(
    ("changed", "state", "error"),
    [
        pytest.param({}, "sent", "", id="the callback"),
        pytest.param(
            {"delivered": True, "deliveredStatusCode": 4, "deliveredAt": 1513616975000}, "delivered", "",
            id="the delivery report",
        ),
        pytest.param({"deliveredStatusCode": "104"}, "failed", "not_delivered", id="not delivered"),
        pytest.param({"sentStatusCode": 102}, "failed", "carrier_error", id="102"),
        pytest.param({"sentStatusCode": 103}, "failed", "carrier_rejected", id="103"),
        pytest.param({"sentStatusCode": 201}, "failed", "no_credit", id="201"),
        pytest.param({"sentStatusCode": 203}, "failed", "blacklisted", id="203"),
        pytest.param({"sentStatusCode": 204}, "failed", "opted_out", id="204"),
        pytest.param({"sentStatusCode": "205"}, "failed", "message_limit", id="205 as text"),
        pytest.param({"sentStatusCode": 301}, "failed", "provider_internal", id="301"),
        pytest.param({"sentStatusCode": 777}, "", "", id="a code nobody knows"),
    ],
)  # fmt: skip
def test_a_status_is_one_bare_object(changed: dict[str, Any], state: str, error: str) -> None:
    found = receipt({**SENT, "sent": "sentStatusCode" not in changed, **changed})
    assert (found.state, found.error, found.correlation_id) == (state, error, "c-ana")


@pytest.mark.parametrize("name", ["sentAt", "sentDate", "sentStatusAt", "sentStatusDate"])
def test_the_time_of_sending_is_read_in_each_spelling(name: str) -> None:
    value = 1513616971891 if name.endswith("At") else "2017-12-18T17:09:31.891Z"
    bare = {key: value for key, value in SENT.items() if key not in ("sentAt", "sentDate")}
    assert receipt({**bare, name: value}).times["sent"].isoformat() == "2017-12-18T17:09:31.891000+00:00"


def test_an_envelope_of_statuses_is_read_too() -> None:
    found = SMS.parse_statuses({"total": "2", "data": [SENT, {**SENT, "id": "m-2"}]})
    assert [one.provider_message_id for one in found if isinstance(one, Receipt)] == ["m-1", "m-2"]


INCOMING = {
    "id": "in-1",
    "source": "5519900001111",
    "shortCode": "28149",
    "messageText": "Sim, confirmo",
    "receivedAt": 1513616971473,
    "receivedDate": "2017-12-18T17:09:31.473Z",
    "carrierId": 1,
    "carrierName": "CLARO",
    "subAccount": "integra",
    "mt": {"id": "m-1", "correlationId": "c-ana"},
}


@pytest.mark.parametrize(
    ("changed", "answers"),
    [
        pytest.param({}, "c-ana", id="with what it answers"),
        pytest.param({"mt": None}, "", id="without"),
        pytest.param({"receivedAt": "1513616971473", "carrierId": "1"}, "c-ana", id="out of a query string"),
    ],
)
def test_an_incoming_sms_is_one_bare_object(changed: dict[str, Any], answers: str) -> None:
    (found,) = SMS.parse_messages({**INCOMING, **changed})
    assert isinstance(found, Incoming)
    assert (found.source, found.origin, found.kind, found.text, found.answers) == (
        "5519900001111",
        "28149",
        "text",
        "Sim, confirmo",
        answers,
    )
    assert found.received_at is not None
