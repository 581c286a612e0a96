"""What Wavy's status callbacks become."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.drivers import driver_for
from providers.drivers.base import BadItem, Receipt
from providers.drivers.wavy_codes import CODES, RANK
from providers.errors import ERRORS
from providers.states import State
from tests.providers.wire_bodies import load

ID = {"id": "m-1", "correlationId": "c-1"}
SENT_AT = datetime(2017, 12, 18, 17, 9, 31, 891000, tzinfo=UTC)


def parse(body: Any) -> list[Receipt | BadItem]:
    return driver_for("WavyWhatsapp").parse_statuses(body)


def receipt(**item: Any) -> Receipt:
    [found] = parse({"total": 1, "data": [{**ID, **item}]})
    assert isinstance(found, Receipt)
    return found


def test_a_whole_item_becomes_a_receipt_with_all_its_stages() -> None:
    assert parse(load("status_read")) == [
        Receipt(
            correlation_id="MyCorrelationId",
            provider_message_id="8995c40f-1d39-4ad9-9f3c-2f0f2ab0f6a1",
            state="read",
            times={
                "sent": SENT_AT,
                "delivered": datetime(2017, 12, 18, 17, 9, 32, 400000, tzinfo=UTC),
                "read": datetime(2017, 12, 18, 17, 10, tzinfo=UTC),
            },
            origin="5519900000001",
            destination="5519900000000",
        )
    ]


def test_strings_for_numbers_and_missing_booleans_are_read_alike() -> None:
    [found] = parse(load("status_newer_with_strings"))
    assert isinstance(found, Receipt)
    assert (found.provider_message_id, found.destination, found.state) == (
        "8995",
        "5519900000000",
        "delivered",
    )
    assert found.times["sent"] == SENT_AT


@pytest.mark.parametrize(
    ("codes", "state", "error"),
    [
        pytest.param((2, None), "sent", "", id="2: sent"),
        pytest.param((2, 4), "delivered", "", id="2/4: delivered"),
        pytest.param((2, 5), "read", "", id="2/5: read"),
        pytest.param((2, 101), "expired", "expired", id="2/101: expired"),
        pytest.param((2, 104), "failed", "not_delivered", id="2/104: not delivered"),
        pytest.param((102, None), "failed", "carrier_error", id="102"),
        pytest.param((103, None), "failed", "carrier_rejected", id="103"),
        pytest.param((201, None), "failed", "no_credit", id="201"),
        pytest.param((202, None), "failed", "invalid_number", id="202"),
        pytest.param((203, None), "failed", "blacklisted", id="203"),
        pytest.param((204, None), "failed", "opted_out", id="204"),
        pytest.param((205, None), "failed", "message_limit", id="205"),
        pytest.param((206, None), "failed", "invalid_length", id="206"),
        pytest.param((207, None), "failed", "invalid_parameter", id="207"),
        pytest.param((209, None), "failed", "invalid_content", id="209"),
        pytest.param((210, None), "failed", "window_closed", id="210"),
        pytest.param((211, None), "failed", "blocked_optin", id="211"),
        pytest.param((212, None), "failed", "blocked_whitelist", id="212"),
        pytest.param((301, None), "failed", "provider_internal", id="301"),
        pytest.param((311, None), "failed", "provider_internal", id="311"),
        pytest.param((2, 202), "failed", "invalid_number", id="2/202: told later"),
        pytest.param((None, 4), "delivered", "", id="delivered alone"),
        pytest.param((999, None), "", "", id="unknown: the state does not move"),
        pytest.param((2, 999), "sent", "", id="2/unknown: what is known counts"),
    ],
)
@pytest.mark.parametrize("as_text", [False, True], ids=["number", "text"])
def test_each_code_becomes_its_state(
    codes: tuple[int | None, int | None], state: str, error: str, as_text: bool
) -> None:
    sent, delivered = (str(code) if as_text and code else code for code in codes)
    found = receipt(sentStatusCode=sent, deliveredStatusCode=delivered)
    assert (found.state, found.error) == (state, error)


def test_every_code_has_a_state_of_ours_and_an_error_with_a_sentence() -> None:
    assert {code.state for code in CODES.values()} <= {state.key for state in State}
    assert {code.error for code in CODES.values() if code.state in ("failed", "expired")} <= ERRORS.keys()
    assert all(bool(code.error) == (code.state in ("failed", "expired")) for code in CODES.values())


def test_the_stages_are_ranked_as_the_states_are() -> None:
    by_rank = sorted(filter(None, RANK), key=lambda state: RANK[state])
    assert by_rank == sorted(by_rank, key=lambda state: State[state.upper()])


@pytest.mark.parametrize(
    ("code", "again"), [(code, code in ("102", "103", "301", "311")) for code in CODES if CODES[code].error]
)
def test_only_carrier_and_internal_errors_may_be_sent_again(code: str, again: bool) -> None:
    assert ERRORS[CODES[code].error].again is again


@pytest.mark.parametrize("code", [code for code in CODES if CODES[code].error])
def test_only_code_204_says_that_the_person_opted_out(code: str) -> None:
    assert receipt(sentStatusCode=code).opted_out is (code == "204")


@pytest.mark.parametrize(
    ("item", "state"),
    [
        pytest.param({"read": True}, "read", id="read without delivered"),
        pytest.param({"sentStatusCode": 2, "read": "true"}, "read", id="read as text"),
        pytest.param(
            {"sentStatusCode": 2, "deliveredStatusCode": 4, "read": False}, "delivered", id="not read"
        ),
        pytest.param(
            {"sentStatusCode": 2, "deliveredStatusCode": 104, "read": True}, "read", id="read beats 104"
        ),
        pytest.param(
            {"sentStatusCode": 102, "deliveredStatusCode": 4}, "delivered", id="delivered beats 102"
        ),
        pytest.param({"sentStatusCode": 2, "delivered": True}, "delivered", id="delivered without a code"),
        pytest.param(
            {"sentStatusCode": 2, "delivered": True, "deliveredStatusCode": 104},
            "failed",
            id="the code is closer",
        ),
        pytest.param(
            {"sentStatusCode": 2, "delivered": True, "deliveredStatusCode": 999},
            "delivered",
            id="unknown, delivered",
        ),
        pytest.param({"sentStatusCode": 999, "read": True}, "read", id="unknown, read"),
        pytest.param({"sentStatusCode": 999, "sent": True}, "", id="unknown, sent: it may be a failure"),
        pytest.param({"sent": True}, "sent", id="sent without a code"),
        pytest.param(
            {"sent": True, "sentStatusCode": 0, "deliveredStatusCode": 0}, "sent", id="zero is no code"
        ),
        pytest.param(
            {"sentStatus": "sent_success", "deliveredStatus": "EXPIRED"}, "expired", id="names alone"
        ),
        pytest.param({"sent": False, "delivered": False, "read": False}, "", id="nothing yet"),
    ],
)
def test_the_highest_stage_that_an_item_vouches_for_counts(item: dict[str, Any], state: str) -> None:
    assert receipt(**item).state == state


def test_an_unknown_code_is_kept_with_wavys_own_words() -> None:
    found = receipt(sentStatusCode=2, deliveredStatusCode="777", deliveredStatus="SOMETHING_NEW")
    assert (found.state, found.raw_code, found.detail) == ("sent", "777", "SOMETHING_NEW")


def test_a_failure_is_dated_by_the_stage_that_tells_of_it() -> None:
    late = receipt(sentStatusCode=2, sentAt=1513616971891, deliveredStatusCode=104, deliveredAt=1513617000000)
    assert late.times == {"sent": SENT_AT, "failed": datetime(2017, 12, 18, 17, 10, tzinfo=UTC)}
    at_once = receipt(sentStatusCode=202, sentAt=1513616971891)
    assert at_once.times == {"failed": SENT_AT}


def test_a_failure_told_in_both_stages_was_never_sent() -> None:
    found = receipt(sentStatusCode=202, deliveredStatusCode=202, sentAt=1513616971891)
    assert found.times == {"failed": SENT_AT}


def test_an_undated_failure_takes_the_time_of_the_update() -> None:
    found = receipt(sentStatusCode=2, deliveredStatusCode=101, updatedAt=1513616971891)
    assert found.times == {"expired": SENT_AT}


@pytest.mark.parametrize(
    "times",
    [
        pytest.param({"sentAt": 1513616971891}, id="milliseconds"),
        pytest.param({"sentAt": "1513616971891"}, id="milliseconds as text"),
        pytest.param({"sentAt": 1513616971891.0}, id="milliseconds with a point"),
        pytest.param({"sentAt": 1513616971891000}, id="microseconds"),
        pytest.param({"sentDate": "2017-12-18T17:09:31.891Z"}, id="ISO"),
        pytest.param({"sentDate": "2017-12-18T14:09:31.891-0300"}, id="ISO with a zone"),
        pytest.param({"sentDate": "2017-12-18 17:09:31.891"}, id="ISO without a zone is UTC"),
        pytest.param({"sentAt": "2017-12-18T17:09:31.891Z"}, id="ISO under the number's name"),
        pytest.param({"sentDate": 1513616971891}, id="milliseconds under the date's name"),
        pytest.param({"sentStatusAt": 1513616971891}, id="the newer name"),
        pytest.param({"sentAt": 5, "sentDate": "2017-12-18T17:09:31.891Z"}, id="nonsense first"),
    ],
)
def test_a_time_is_told_by_its_value_not_by_its_name(times: dict[str, Any]) -> None:
    assert receipt(sentStatusCode=2, **times).times == {"sent": SENT_AT}


def test_epoch_seconds_are_told_apart_by_their_size() -> None:
    assert receipt(sentStatusCode=2, sentAt=1513616971).times["sent"] == SENT_AT.replace(microsecond=0)


@pytest.mark.parametrize(
    "nonsense",
    [0, -1, 10**30, 1e308, float("inf"), float("nan"), True, "", "soon", "9" * 300, "2017-13-45", [], {}, "٣" * 13,
     "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_a_nonsensical_time_is_left_out_and_the_state_stays(nonsense: Any) -> None:
    found = receipt(sentStatusCode=2, sentAt=nonsense)
    assert (found.state, found.times) == ("sent", {})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"total": 7, "data": [ID]}, 1, id="total that does not agree"),
        pytest.param({"total": "2", "data": [ID, ID]}, 2, id="total as text"),
        pytest.param({"data": ID}, 1, id="object in place of array"),
        pytest.param(ID, 1, id="bare item"),
        pytest.param([ID, ID, ID], 3, id="array"),
        pytest.param({"total": 0, "data": []}, 0, id="empty"),
        pytest.param({"total": 0, "data": None}, 0, id="null"),
    ],
)
def test_envelope_bare_item_and_array_are_read(body: Any, expected: int) -> None:
    found = parse(body)
    assert len(found) == expected
    assert all(isinstance(one, Receipt) for one in found)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        pytest.param("text", "not an object", id="text"),
        pytest.param(None, "not an object", id="null"),
        pytest.param([ID], "not an object", id="array"),
        pytest.param({}, "neither id nor correlationId", id="empty"),
        pytest.param({"sentStatusCode": 2}, "neither id nor correlationId", id="anonymous"),
        pytest.param({"id": {"$oid": "1"}}, "neither id nor correlationId", id="id that is an object"),
        pytest.param({"id": True}, "neither id nor correlationId", id="id that is a boolean"),
    ],
)
def test_one_bad_item_does_not_sink_the_others(item: Any, reason: str) -> None:
    first, bad, last = parse({"total": 3, "data": [ID, item, ID]})
    assert isinstance(first, Receipt)
    assert isinstance(last, Receipt)
    assert isinstance(bad, BadItem)
    assert reason in bad.reason
    assert bad.raw == item


@pytest.mark.parametrize("ids", [{"id": "m-1"}, {"correlationId": "c-1"}], ids=["id", "correlation id"])
def test_either_id_is_enough(ids: dict[str, str]) -> None:
    [found] = parse({"data": [{**ids, "sentStatusCode": 2}]})
    assert isinstance(found, Receipt)


def test_what_postgres_cannot_hold_is_taken_out_of_texts() -> None:
    [found] = parse(
        [{"id": "a\x00b", "correlationId": "c\ud800", "destination": "55\x00", "sentStatusCode": 2}]
    )
    assert isinstance(found, Receipt)
    assert (found.provider_message_id, found.correlation_id, found.destination) == ("ab", "c\ufffd", "55")


def test_a_huge_text_where_an_id_should_be_is_cut() -> None:
    assert len(receipt(correlationId="x" * 1_000_000).correlation_id) == 200


def test_a_huge_text_where_a_code_should_be_is_cut() -> None:
    found = receipt(sentStatusCode="9" * 1000, sentStatus="y" * 1000)
    assert (found.state, len(found.raw_code), len(found.detail)) == ("", 64, 200)


KEYS = st.sampled_from([
    "id", "correlationId", "sentStatusCode", "deliveredStatusCode", "sent", "delivered", "read", "sentAt",
    "sentDate", "deliveredAt", "readAt", "updatedAt", "origin", "destination", "sentStatus", "error", "data",
])  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([2, "4", 104]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_no_body_whatever_makes_the_reader_raise(body: Any) -> None:
    for found in parse(body):
        if isinstance(found, BadItem):
            assert found.reason
        else:
            assert found.correlation_id or found.provider_message_id
            assert all(time.tzinfo is UTC for time in found.times.values())


def test_a_body_nested_to_the_limit_of_the_decoder_is_read() -> None:
    nested: Any = "x"
    for _ in range(900):
        nested = [nested]
    [bad] = parse({"data": [{"deep": nested}]})
    assert isinstance(bad, BadItem)
