"""Whatever a file holds: each line is a row or in the report, and a row's digits are those of its line."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialers import loading
from dialers.mapping import Mapping, apply_mapping, needs_mapping
from dialers.models import Base, Dialer, Row
from dialers.reports import error_report
from tests.dialers.files import STEADY, check_tally, invalid_lines, loaded

PHONE = "59899123456"
CHOSEN: Mapping = {
    "template": "appointment",
    "language": "en",
    "destination": "celular",
    "parameters": ["nombre", "fecha"],
    "priority": None,
}
QUIET = settings(STEADY, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
BITS = st.sampled_from(
    [
        *(";", '"', "\n", "\r\n", " ", "    ", "\\:", ":", "é", "\x85", "\ufeff", "=", "↵", ",", "\t"),
        *(
            "WavyDialer",
            PHONE,
            "5511987654321",
            "551187654321",
            "5,98991E+10",
            "099123456",
            "+598 99 123 456",
        ),
        *("hsm:welcome", "hsm:appointment:a:b", "Hello", "9999", f"Ana;{PHONE};hoy;1\n", f"Ana;{PHONE};\n"),
    ]
)
TEXTS = st.lists(BITS, max_size=30).map("".join)


def check_places(base: Base, content: str, below: int) -> None:
    """Every line that is not blank, below the header, is in one place and no other."""
    rows = set(Row.objects.filter(base=base).values_list("line", flat=True))
    bad = set(invalid_lines(base))
    lines = enumerate(re.split(r"\r\n|\n|\r", content.removeprefix("\ufeff")), 1)
    assert not rows & bad
    assert sorted(rows | bad) == [n for n, line in lines if line.strip(" \t;,\ufeff")][below:]
    check_tally(base)


def check_digits(base: Base, content: str) -> None:
    """The digits of a row stand in its line, in their order and without others between them."""
    lines = re.split(r"\r\n|\n|\r", content)
    for row in Row.objects.filter(base=base):
        digits = re.sub(r"\D", "", lines[row.line - 1])
        own = row.address.removeprefix(base.dialer.default_country and "598")
        assert own in digits


@QUIET
@given(text=TEXTS)
def test_a_mapped_file(dialer: Dialer, text: str) -> None:
    content = f"nombre;celular;fecha;saldo\nEva;{PHONE};hoy;1\n{text}"
    base = loaded(dialer, content)
    if needs_mapping(base):
        apply_mapping(base, CHOSEN, None)
        loading.load(base.pk)
        base.refresh_from_db()
        dialer.refresh_from_db()
    assert base.mapping == CHOSEN
    check_places(base, content, 1)
    check_digits(base, content)


@QUIET
@given(text=TEXTS, country=st.sampled_from(["", "UY"]))
def test_a_file_with_a_header(dialer: Dialer, text: str, country: str) -> None:
    Dialer.objects.update(default_country=country)
    content = f"nombre;celular;mensaje\nEva;{PHONE};Hola\n{text}"
    base = loaded(dialer, content)
    check_places(base, content, 1)
    check_digits(base, content)


@QUIET
@given(text=TEXTS)
def test_a_report_uploaded_as_it_is(dialer: Dialer, text: str) -> None:
    first = loaded(dialer, f"nombre;celular;mensaje\nEva;12;Hola\n{text}")
    report = "".join(error_report(first))
    again = loaded(dialer, report)
    assert again.lines == first.invalid
    check_places(again, report, 1)
    rows = Row.objects.filter(base=again)
    mended = {bad.code for bad in first.invalid_lines.all() if bad.code in ("header", "columns", "duplicate")}
    assert not rows.exists() or mended
