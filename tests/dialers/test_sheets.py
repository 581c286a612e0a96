"""Sheets in .xlsx format: rows become lines, digits stay what they were, broken files and bombs are refused."""

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dialers import sheets
from dialers.models import Base, Dialer, Row
from dialers.reports import error_report
from dialers.sheet_cells import moment, number
from providers.errors import Refusal
from tests.dialers.files import STEADY, check_tally, invalid_lines, loaded, uploaded

PHONE = "59899123456"
AFTERNOON = datetime.fromisoformat("2026-03-05T14:07")


def sheet(*rows: list[Any], formats: dict[str, str] | None = None) -> bytes:
    """A workbook whose first sheet holds the rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for cell, pattern in (formats or {}).items():
        page[cell].number_format = pattern
    book.create_sheet("others").append(["not read"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, part: str, change: Any) -> bytes:
    """The same archive with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, change(data) if info.filename == part else data)
    return out.getvalue()


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_sheet_that_is_packed_in_another_way_is_refused_at_once(dialer: Dialer, packing: int) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sheet([PHONE, "hello"]))) as old,
        zipfile.ZipFile(out, "w", packing) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(Refusal, match="Save it again"):
        uploaded(dialer, out.getvalue(), name="base.xlsx")


def test_a_sheet_loads_like_a_file_with_its_own_row_numbers(dialer: Dialer) -> None:
    content = sheet(
        ["WavyDialer", 59899123456, "hsm:notice:Olá", 7],
        [],
        ["WavyDialer", "5511987654321", "hsm:nobody:x", None],
    )
    base = loaded(dialer, content, name="base.xlsx")
    assert (base.state, base.lines, base.valid, base.found["encoding"]) == ("ready", 2, 1, "xlsx")
    assert list(Row.objects.values_list("line", "address", "priority")) == [(1, PHONE, 7)]
    assert invalid_lines(base) == {3: ("template_unknown", "WavyDialer;5511987654321;hsm:nobody:x")}
    check_tally(base)


@pytest.mark.parametrize(
    ("value", "text", "doubtful"),
    [
        pytest.param(5519900001111, "5519900001111", False, id="a number"),
        pytest.param(5519900001111.0, "5519900001111", False, id="no .0 is put behind it"),
        pytest.param(999999999999999, "999999999999999", False, id="fifteen digits"),
        pytest.param(5519900001111220, "5.51990000111122E+15", True, id="more than a sheet keeps"),
        pytest.param(1.5, "1.5", False, id="a fraction"),
        pytest.param(59.970000000000006, "5.99700000000000E+01", True, id="a fraction that was rounded"),
        pytest.param(1e-7, "1.00000000000000E-07", True, id="in exponent form"),
        pytest.param(0, "0", False, id="nothing"),
    ],
)
def test_a_number_keeps_its_digits_or_is_doubtful(value: float, text: str, doubtful: bool) -> None:
    assert number(value) == (text, doubtful)


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        pytest.param(date(2026, 3, 5), "dd/mm/yyyy", "05/03/2026", id="day first"),
        pytest.param(date(2026, 3, 5), "yyyy-mm-dd", "2026-03-05", id="year first"),
        pytest.param(date(2026, 3, 5), "d/m/yy", "5/3/26", id="short"),
        pytest.param(
            AFTERNOON,
            "dd/mm/yyyy hh:mm",
            "05/03/2026 14:07",
            id="m beside h",
        ),
        pytest.param(AFTERNOON, "d/m h:mm AM/PM", "5/3 2:07 PM", id="twelve hours"),
        pytest.param(time(9, 5, 3), "mm:ss", "05:03", id="m beside s"),
        pytest.param(
            date(2026, 3, 5), '[$-C0A]d" de "mmmm', "5 de marzo", id="a name in the reader's language"
        ),
        pytest.param(date(2026, 3, 5), "mm-dd-yy", "05/03/2026", id="the format that follows the reader"),
        pytest.param(date(2026, 3, 5), "General", "2026-03-05", id="no format"),
    ],
)
def test_a_date_reads_as_the_sheet_shows_it(value: Any, pattern: str, text: str) -> None:
    with translation.override("es"):
        assert moment(value, pattern) == text


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(["WavyDialer", 5519900001111222, "Hello"], id="a number that lost digits"),
        pytest.param(["WavyDialer", 59899123456, 1234567890123456789], id="a message that lost digits"),
        pytest.param(["WavyDialer", "5,98991E+10", "Hello"], id="a text in exponent form"),
        pytest.param(["WavyDialer", 59899123456.5, "Hello"], id="a number with a fraction"),
    ],
)
def test_a_cell_that_lost_digits_is_an_error_of_its_line(dialer: Dialer, row: list[Any]) -> None:
    base = loaded(dialer, sheet(row, ["WavyDialer", PHONE, "Hello"]), name="base.xlsx")
    assert list(Row.objects.filter(base=base).values_list("line", "address")) == [(2, PHONE)]
    assert list(invalid_lines(base)) == [1]


def test_an_error_in_a_cell_of_no_use_harms_no_line(dialer: Dialer) -> None:
    base = loaded(
        dialer, sheet(["celular", "mensaje", "saldo"], [PHONE, "Hello\nyou", 0.1 + 1e-17]), name="b.xlsx"
    )
    row = Row.objects.get(base=base)
    assert (row.content, row.extra) == ({"text": "Hello\nyou"}, {"saldo": "0.1"})


def test_the_report_of_a_sheet_is_mended_and_uploaded(dialer: Dialer) -> None:
    from_sheet = loaded(
        dialer, sheet(["celular", "mensaje", "nombre"], [12, "Hello\nyou", "Ana"]), name="b.xlsx"
    )
    mended = "".join(error_report(from_sheet)).replace(";12;", f";{PHONE};")
    row = Row.objects.get(base=loaded(dialer, mended))
    assert (row.address, row.content, row.extra) == (PHONE, {"text": "Hello\nyou"}, {"nombre": "Ana"})


def archive(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"PK\x03\x04....", "not_text", id="no archive at all"),
        pytest.param(sheet(["x"])[:-200], "not_text", id="cut off"),
        pytest.param(archive("word/document.xml"), "not_text", id="a letter"),
    ],
)
def test_an_archive_that_is_no_sheet_is_refused_at_once(dialer: Dialer, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        uploaded(dialer, content)
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert not Base.objects.exists()


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(
            repacked(sheet(["x"]), "xl/worksheets/sheet1.xml", lambda data: data + b" " * (1 << 25)),
            id="a row without an end",
        ),
        pytest.param(
            repacked(sheet(["x"]), "xl/styles.xml", lambda data: data + b" " * (17 << 20)),
            id="a part of blanks",
        ),
    ],
)
def test_a_bomb_does_not_go_off(bomb: bytes) -> None:
    assert len(bomb) < 1 << 20
    with pytest.raises(Refusal) as caught:
        sheets.detect(io.BytesIO(bomb))
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data.replace(b"</sheetData>", b""), id="not well formed"),
        pytest.param(
            lambda data: data.replace(b't="inlineStr"><is><t>Hello</t></is>', b't="s"><v>99</v>'),
            id="a text that is not there",
        ),
        pytest.param(
            lambda data: data.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1),
            id="entities",
        ),
    ],
)
def test_a_damaged_sheet_fails_with_what_to_do(dialer: Dialer, change: Any) -> None:
    content = repacked(sheet(["WavyDialer", PHONE, "Hello"]), "xl/worksheets/sheet1.xml", change)
    base = loaded(dialer, content, name="base.xlsx")
    assert (base.state, Row.objects.count()) == ("failed", 0)
    assert "Save it again, or as CSV" in base.reason


CELLS = (
    st.sampled_from(["WavyDialer", PHONE, "hsm:welcome", "Hello", "phone", "message", "a;b", 'q"', "", "\n"])
    | st.integers(0, 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.none()
    | st.booleans()
    | st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2100-01-01"))
)


@settings(STEADY, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=8))
def test_every_row_is_a_row_or_in_the_report(dialer: Dialer, rows: list[list[Any]]) -> None:
    base = loaded(dialer, sheet(*rows), name="base.xlsx")
    good = set(Row.objects.filter(base=base).values_list("line", flat=True))
    bad = set(invalid_lines(base))
    assert not good & bad
    assert len(good | bad) == base.lines
    header = bool(base.found.get("header"))
    if base.lines:
        blank = ("", None)
        wanted = [n for n, row in enumerate(rows, 1) if any(str(c).strip() for c in row if c not in blank)]
        assert sorted(good | bad) == wanted[header:]
    check_tally(base)
