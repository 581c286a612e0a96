"""The fast lane gives exactly what the whole way gives, or nothing at all."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialers.copying import row
from dialers.express import Express
from dialers.lines import LineReader
from dialers.mapping import Mapping, check, layout_of
from dialers.models import Dialer
from dialers.reader import Format, line_of
from providers.errors import Refusal
from providers.models import Template
from providers.models.provider import ApiType
from tests.dialers.files import STEADY

PHONE = "59899123456"
GUIDE = f"WavyDialer;{PHONE};hsm:chatclub_open_session_v2:Integra:Operation Performed;9999"
NAMES = ("nombre", "cel", "dato")
CHOSEN: Mapping = {
    "template": "appointment",
    "language": "en",
    "destination": "cel",
    "parameters": ["nombre", "dato"],
    "priority": None,
}
TEXTS: Mapping = {
    "template": "",
    "language": "",
    "destination": "cel",
    "parameters": [],
    "priority": None,
    "message": "dato",
}
PLAIN = Format("utf-8", ";")
NAMED = Format("utf-8", ";", ("destination", "message", "", "priority"), names=("cel", "texto", "x", "p"))
MAPPED = Format("utf-8", ";", ("", "", ""), names=NAMES, doubt="choose")


def lanes(dialer: Dialer, found: Format) -> tuple[LineReader, Express]:
    """Both ways of a file: the whole one and the fast one."""
    if not found.doubt:
        reader = LineReader(dialer)
        return reader, Express(reader, 1, found, found.layout)
    chosen = chosen_for(dialer)
    reader = LineReader(dialer, check(dialer, NAMES, chosen))
    return reader, Express(reader, 1, found, layout_of(NAMES, chosen))


def chosen_for(dialer: Dialer) -> Mapping:
    """Columns of a template; over SMS a column of texts."""
    return TEXTS if dialer.provider.api_type == ApiType.WAVY_SMS else CHOSEN


def whole_way(reader: LineReader, found: Format, text: str) -> str | None:
    """What COPY gets of a line; None for an invalid one."""
    layout = layout_of(NAMES, chosen_for(reader.dialer)) if found.doubt else found.layout
    try:
        return row(1, reader.draft(line_of(7, text, found, "WavyDialer", layout)))
    except Refusal:
        return None


@pytest.mark.parametrize(
    ("found", "text"),
    [
        pytest.param(PLAIN, GUIDE, id="the guide's"),
        pytest.param(PLAIN, f"{PHONE};¡Olá, você! 🎉", id="a plain text beyond ASCII"),
        pytest.param(
            PLAIN, f" WavyDialer ; {PHONE} ;hsm:appointment:a:b:c; ", id="blanks, colons that remain"
        ),
        pytest.param(PLAIN, "WavyDialer;551187654321;hsm:welcome;1", id="without Brazil's ninth digit"),
        pytest.param(NAMED, f"{PHONE};Hello;more;5", id="a header with another column"),
        pytest.param(MAPPED, f"Ana;{PHONE};9:00", id="chosen columns"),
    ],
)
def test_the_ordinary_line_takes_the_fast_lane(dialer: Dialer, found: Format, text: str) -> None:
    reader, express = lanes(dialer, found)
    made = express.ready(7, text)
    assert made is not None
    assert made.row == whole_way(reader, found, text)


PIECES = st.sampled_from(
    [
        *(
            "WavyDialer",
            "Other",
            PHONE,
            "551187654321",
            "5511987654321",
            "+598 99 123 456",
            "099123456",
            "12",
        ),
        *("hsm:welcome", "hsm:appointment:a:b", "hsm:notice:", "HSM:notice:x", "hsm:draft:x", "hsm:chatclub"),
        *("Hello", "é", "🎉", "\\", "\\:", ":", '"', "'", " ", "    ", "\t", "\x00", "\x01", "\x7f", "\x85"),
        *("\u2028", "\ufeff", "\udc81", "9999", "1", "0", "007", "5,98991E+10", "=", "{", "\\N", "\\u0041"),
    ]
)
FIELDS = st.lists(PIECES, max_size=4).map("".join)
LINES = st.lists(FIELDS, min_size=1, max_size=5).map(";".join) | st.builds(
    "WavyDialer;{};hsm:appointment:{}:{};{}".format,
    st.sampled_from([PHONE, "551187654321", "59891234567"]),
    FIELDS,
    FIELDS,
    st.sampled_from(["1", "", "9999"]),
)


@pytest.mark.parametrize(
    ("message", "quick"),
    [
        pytest.param("Olá {você} 🎉", True, id="a text"),
        pytest.param("x" * 1280, True, id="as long as SMS takes"),
        pytest.param("x" * 1281, False, id="longer"),
        pytest.param("hsm:welcome", False, id="a template"),
        pytest.param("HSM:welcome", False, id="a template in capitals"),
    ],
)
def test_over_sms_the_fast_lane_takes_texts_alone(dialer: Dialer, message: str, quick: bool) -> None:
    dialer.provider.api_type = ApiType.WAVY_SMS
    reader, express = lanes(dialer, PLAIN)
    made = express.ready(7, f"{PHONE};{message}")
    assert (made is not None, made and made.text) == (quick, message if quick else None)
    assert (whole_way(reader, PLAIN, f"{PHONE};{message}") is not None) is quick


@settings(STEADY, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=LINES,
    api_type=st.sampled_from(ApiType.values),
    found=st.sampled_from([PLAIN, NAMED, MAPPED]),
    country=st.sampled_from(["", "UY", "BR"]),
    chain=st.sampled_from([".", "^55", "9$"]),
)
def test_the_fast_lane_agrees_with_the_whole_way(
    dialer: Dialer, text: str, api_type: str, found: Format, country: str, chain: str
) -> None:
    Template.objects.filter(code="notice").update(ttl=3)
    dialer.default_country, dialer.dialing_chain = country, chain
    dialer.provider.api_type = api_type
    reader, express = lanes(dialer, found)
    made = express.ready(7, text)
    assert made is None or made.row == whole_way(reader, found, text)
