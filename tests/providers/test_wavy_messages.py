"""What customers' messages become."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.drivers import driver_for
from providers.drivers.base import BadItem, Incoming
from tests.providers.wire_bodies import load

AT = datetime(2017, 12, 18, 17, 9, 31, 473000, tzinfo=UTC)


def parse(body: Any) -> list[Incoming | BadItem]:
    return driver_for("WavyWhatsapp").parse_messages(body)


def only(body: Any) -> Incoming:
    [found] = parse(body)
    assert isinstance(found, Incoming)
    return found


def incoming(message: Any, **item: Any) -> Incoming:
    return only({"total": 1, "data": [{"id": "m-1", "source": "5519900000000", "message": message, **item}]})


def test_a_text_becomes_an_incoming_message_with_all_that_is_known() -> None:
    assert parse(load("message_text")) == [
        Incoming(
            provider_message_id="ce425ffe-bc62-421f-9261-e6819a5eab43",
            source="5519900000000",
            origin="5519900000001",
            kind="text",
            text="Hello, this is a user message.",
            content={"type": "TEXT", "messageText": "Hello, this is a user message."},
            received_at=AT,
            name="Ana Souza",
            answers="MyCorrelationId",
        )
    ]


@pytest.mark.parametrize(
    ("event", "kind", "text"),
    [
        pytest.param("message_image", "image", "My receipt", id="image with its caption"),
        pytest.param(
            "message_location", "location", "Wavy, Av. Cel. Silva Telles", id="location without a type"
        ),
        pytest.param(
            "message_contacts",
            "contacts",
            "John Smith +1 (940) 555-1234\nAna Souza",
            id="contacts without a type",
        ),
        pytest.param("message_list_reply", "list_reply", "August 7, 11:00", id="row of a list"),
        pytest.param("message_button", "button", "Yes", id="button"),
    ],
)
def test_each_kind_is_read_as_a_person_would(event: str, kind: str, text: str) -> None:
    found = only(load(event))
    assert (found.kind, found.text) == (kind, text)
    assert found.content == load(event)["data"][0]["message"]
    assert found.received_at == AT


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        pytest.param({"type": "AUDIO", "mediaUrl": "u"}, "audio", "", id="audio"),
        pytest.param({"type": "VIDEO", "mediaUrl": "u", "caption": "c"}, "video", "c", id="video"),
        pytest.param({"type": "DOCUMENT", "mediaUrl": "u", "caption": "c"}, "document", "c", id="document"),
        pytest.param({"type": "STICKER", "mediaUrl": "u"}, "sticker", "", id="sticker"),
        pytest.param({"type": "ORDER", "order": {"catalogId": "1"}}, "order", "", id="order"),
        pytest.param({"type": "text", "messageText": "hi"}, "text", "hi", id="small letters"),
        pytest.param({"messageText": "hi"}, "text", "hi", id="text without a type"),
        pytest.param({"mediaUrl": "u", "mimeType": "image/png"}, "image", "", id="image without a type"),
        pytest.param({"mediaUrl": "u", "mimeType": "application/pdf"}, "document", "", id="file without a type"),
        pytest.param({"type": "LOCATION", "location": {"geoPoint": "1,2"}}, "location", "1,2", id="bare point"),
        pytest.param({"interactive": {"type": "BUTTON_REPLY", "buttonReply": {"payload": "yes"}}},
                     "button", "yes", id="payload"),
        pytest.param({"interactive": {"type": "LIST_REPLY", "listReply": {"rowIdentifier": "r1"}}},
                     "list_reply", "r1", id="row id"),
        pytest.param({"type": "TEXT", "messageText": 12}, "text", "12", id="number for a text"),
        pytest.param({"type": "REACTION", "messageText": "x"}, "unknown", "x", id="unknown type"),
        pytest.param({"type": "REACTION"}, "unknown", "", id="unknown type without a text"),
        pytest.param({"type": "LOCATION", "location": "here"}, "location", "", id="location that is no object"),
        pytest.param({"contacts": "Ana"}, "contacts", "", id="contacts that are no list"),
        pytest.param({"contacts": [None, {"name": "Ana", "phones": {}}]}, "contacts", "Ana", id="odd contacts"),
        pytest.param("just text", "text", "just text", id="text in place of the object"),
        pytest.param(None, "unknown", "", id="no message"),
        pytest.param([], "unknown", "", id="array in place of the object"),
    ],
)  # fmt: skip
def test_every_shape_of_a_message_is_kept(message: Any, kind: str, text: str) -> None:
    found = incoming(message)
    assert (found.kind, found.text) == (kind, text)


def test_an_unknown_type_keeps_its_content() -> None:
    assert incoming({"type": "REACTION", "emoji": "👍"}).content == {"type": "REACTION", "emoji": "👍"}


def test_a_text_keeps_its_blanks_lines_and_accents() -> None:
    assert incoming({"type": "TEXT", "messageText": " Olá,\n\n  João 👋 "}).text == " Olá,\n\n  João 👋 "


def test_a_bad_item_in_a_bulk_does_not_sink_the_others() -> None:
    first, odd, nobody, last = parse(load("message_bulk_with_a_bad_item"))
    assert isinstance(first, Incoming)
    assert isinstance(last, Incoming)
    assert (first.text, last.text) == ("first", "last")
    assert isinstance(odd, BadItem)
    assert odd.reason == "The item is not an object."
    assert isinstance(nobody, BadItem)
    assert "no source" in nobody.reason


@pytest.mark.parametrize("missing", [{}, {"id": ""}, {"id": None}, {"id": ["m-1"]}], ids=str)
def test_without_an_id_nothing_makes_a_message_unique(missing: dict[str, Any]) -> None:
    [bad] = parse([{"source": "5519900000000", "message": {"messageText": "hi"}, **missing}])
    assert isinstance(bad, BadItem)
    assert bad.reason == "The message has no id."


@pytest.mark.parametrize(
    ("ids", "reason"),
    [
        pytest.param({"id": "x" * 201}, "longer than 200", id="id"),
        pytest.param({"source": "5" * 33}, "longer than 32", id="source"),
    ],
)
def test_an_id_or_source_too_long_to_keep_is_put_aside_not_cut(ids: dict[str, str], reason: str) -> None:
    [bad] = parse([{"id": "m-1", "source": "5519900000000", "message": {"messageText": "hi"}, **ids}])
    assert isinstance(bad, BadItem)
    assert reason in bad.reason


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(
            {"receivedAt": 1513616971473, "receivedDate": "2020-01-01T00:00:00Z"}, id="the number first"
        ),
        pytest.param({"receivedAt": "2017-12-18T17:09:31.473Z", "receivedDate": 1513616971473}, id="swapped"),
        pytest.param({"receivedAt": "1513616971473"}, id="number as text"),
        pytest.param({"receivedDate": "2017-12-18T17:09:31.473Z"}, id="the date alone"),
        pytest.param(
            {"receivedAt": "yesterday", "receivedDate": "2017-12-18T17:09:31.473+0000"}, id="nonsense first"
        ),
    ],
)
def test_the_time_is_told_by_its_value(times: dict[str, Any]) -> None:
    assert incoming({"messageText": "hi"}, **times).received_at == AT


def test_a_message_without_a_time_is_kept_without_one() -> None:
    assert incoming({"messageText": "hi"}).received_at is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"id": 5, "source": 5519900000000, "messageText": "hi", "shortCode": "27182",
                      "mt": {"id": "m-0", "correlationId": "c-1"}}, id="text beside the ids"),
        pytest.param([{"id": "5", "source": "5519900000000", "message": {"messageText": "hi"}, "origin": 27182,
                       "correlationId": "c-1"}], id="array"),
    ],
)  # fmt: skip
def test_bare_items_and_numbers_for_strings_are_read(body: Any) -> None:
    found = only(body)
    assert (found.provider_message_id, found.source, found.origin) == ("5", "5519900000000", "27182")
    assert (found.text, found.answers) == ("hi", "c-1")


def test_what_postgres_cannot_hold_is_taken_out_everywhere() -> None:
    found = incoming(
        {"type": "TEXT", "messageText": "a\x00b\udc00", "k\x00": ["\x00", float("nan"), float("inf")]},
        userProfile={"name": "An\x00a"},
    )
    assert (found.text, found.name) == ("ab\ufffd", "Ana")
    assert found.content == {"type": "TEXT", "messageText": "ab\ufffd", "k": ["", "nan", "inf"]}


def test_a_message_nested_too_deep_is_cut_not_refused() -> None:
    nested: Any = "bottom"
    for _ in range(900):
        nested = {"in": nested}
    found = incoming({"type": "TEXT", "messageText": "hi", "deep": nested})
    assert found.text == "hi"
    assert "bottom" not in json.dumps(found.content)


KEYS = st.sampled_from([
    "id", "source", "origin", "message", "type", "messageText", "interactive", "listReply", "buttonReply", "title",
    "location", "name", "contacts", "phones", "phone", "userProfile", "receivedAt", "mediaUrl", "mimeType", "data",
])  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["BUTTON", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


@given(VALUES)
def test_no_message_whatever_makes_the_reader_raise(message: Any) -> None:
    found = incoming(message)
    json.dumps(found.content, allow_nan=False).encode()
    assert "\x00" not in found.text
    for part in parse(message):
        assert isinstance(part, Incoming | BadItem)
