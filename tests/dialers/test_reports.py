"""The error report, mended and uploaded again, and the preview of what leaves first."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from dialers.models import Base, BaseState, Dialer, Row, RowState
from dialers.reports import PreviewRow, error_report, preview
from providers.models import Template
from tests.dialers.files import check_tally, hsm_lines, invalid_lines, loaded
from tests.factories import make_dialer

PHONE = "59899123456"


def mended(report: str, changes: dict[str, str], separator: str = ";") -> bytes:
    """The report after somebody corrected its last column in a spreadsheet and saved it."""
    rows = list(csv.reader(io.StringIO(report), delimiter=";"))
    for row in rows[1:]:
        for wrong, right in changes.items():
            row[2] = row[2].replace(wrong, right)
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode()


def report_of(dialer: Dialer, content: str | bytes) -> str:
    return "".join(error_report(loaded(dialer, content)))


def test_the_report_names_line_reason_and_text(dialer: Dialer) -> None:
    report = report_of(dialer, f'{PHONE};hsm:welcome\nOther;{PHONE};hsm:welcome;1\n12;"a; b"\n')
    rows = list(csv.reader(io.StringIO(report), delimiter=";"))
    assert rows[0] == ["line", "reason", "text"]
    assert rows[1][0] == "2"
    assert "“Other”" in rows[1][1]
    assert rows[1][2] == f"Other;{PHONE};hsm:welcome;1"
    assert [rows[2][0], rows[2][2]] == ["3", '12;"a; b"']


@pytest.mark.parametrize(
    ("content", "changes", "wanted"),
    [
        pytest.param(
            "WavyDialer;12;Hello;7", {";12;": f";{PHONE};"}, (PHONE, {"text": "Hello"}, 7), id="as the guide"
        ),
        pytest.param(
            'WavyDialer;12;"Say ""hi""; now";7',
            {";12;": f";{PHONE};"},
            (PHONE, {"text": 'Say "hi"; now'}, 7),
            id="quotes and separators in the message",
        ),
        pytest.param(
            "priority;message;phone\n7;Olá, você;12",
            {";12;": f";{PHONE};"},
            (PHONE, {"text": "Olá, você"}, 7),
            id="a header with another order",
        ),
        pytest.param(
            'phone,message\n12,"Hello; you"\n',
            {";12;": f";{PHONE};"},
            (PHONE, {"text": "Hello; you"}, 9999),
            id="a header with commas, a semicolon in the message",
        ),
        pytest.param(
            f'WavyDialer,{PHONE},"Hello; you, all",zero',
            {";zero": ";3"},
            (PHONE, {"text": "Hello; you, all"}, 3),
            id="commas without a header",
        ),
        pytest.param(
            f"{PHONE}\tHello, you\tzero",
            {"zero": "3"},
            (PHONE, {"text": "Hello, you"}, 3),
            id="tabs",
        ),
        pytest.param(
            f"WavyDialer;{PHONE};hsm:appointment:tomorrow;7",
            {"tomorrow": "tomorrow:12:00 PM"},
            (PHONE, {"code": "appointment", "language": "en", "parameters": ["tomorrow", "12:00 PM"]}, 7),
            id="a parameter that was missing",
        ),
        pytest.param(
            f"WavyDialer;{PHONE};Hello; you;all;7",
            {"Hello; you;all": '"Hello; you;all"'},
            (PHONE, {"text": "Hello; you;all"}, 7),
            id="separators in the message, now between quotes",
        ),
        pytest.param(
            f"WavyDialer;{PHONE}",
            {PHONE: f"{PHONE};Hello;7"},
            (PHONE, {"text": "Hello"}, 7),
            id="a message that was missing",
        ),
        pytest.param(
            f"phone,priority,message\n{PHONE},7",
            {";;7": ";Hello;7"},
            (PHONE, {"text": "Hello"}, 7),
            id="fewer columns than the header names",
        ),
    ],
)
@pytest.mark.parametrize(
    "separator", [";", ",", "\t"], ids=["saved with ;", "saved with ,", "saved with tabs"]
)
def test_a_mended_report_loads_as_it_is(
    dialer: Dialer,
    content: str,
    changes: dict[str, str],
    wanted: tuple[str, dict[str, object], int],
    separator: str,
) -> None:
    base = loaded(dialer, mended(report_of(dialer, content), changes, separator))
    assert invalid_lines(base) == {}
    assert (base.state, base.lines, base.valid) == ("ready", 1, 1)
    row = Row.objects.get(base=base)
    assert (row.address, row.content, row.priority) == wanted


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            f"WavyDialer;{PHONE}",
            "2 columns instead of dialer;destination;message;priority or destination;message",
        ),
        (f"phone;message;priority\n{PHONE};Hello", "2 columns, fewer than the 3 that the header names"),
        (f"WavyDialer;{PHONE};a;b;c", "Put a message that holds the separator between quotes"),
    ],
    ids=["too few", "fewer than the header names", "too many"],
)
def test_a_line_with_another_number_of_columns_is_told_what_it_lacks(
    dialer: Dialer, content: str, told: str
) -> None:
    assert told in report_of(dialer, content)


def test_a_report_uploaded_unmended_gives_the_same_report_but_for_its_line_numbers(dialer: Dialer) -> None:
    content = f'12;"a, b; c"\nOther;{PHONE};x;1\na;b;c;d;e\n{PHONE};"open\n5,98991E+10;x\n'
    first = list(csv.reader(io.StringIO(report_of(dialer, content)), delimiter=";"))
    second = list(
        csv.reader(io.StringIO(report_of(dialer, mended(report_of(dialer, content), {}))), delimiter=";")
    )
    assert len(first) == 6
    assert [row[1:] for row in second] == [row[1:] for row in first]


def test_a_reported_duplicate_says_what_it_was(dialer: Dialer) -> None:
    base = loaded(
        dialer,
        [f'WavyDialer;{PHONE};"a; ""b"": c";7', 'WavyDialer;+598 99 123 456;"a; ""b"": c";7']
        + [rf"WavyDialer;{PHONE};hsm:appointment:9\:00:12:30;7"] * 2,
    )
    assert invalid_lines(base) == {
        2: ("duplicate", f'WavyDialer;{PHONE};"a; ""b"": c";7'),
        4: ("duplicate", rf"WavyDialer;{PHONE};hsm:appointment:9\:00:12\:30;7"),
    }


TWICE = f"WavyDialer;{PHONE};Hello;7\n"
WITH_A_DUPLICATE = f"{TWICE}{TWICE}WavyDialer;12;Hello;7\n"
MENDED = {";12;": ";59899123457;"}


def test_a_mended_report_does_not_send_its_duplicates(dialer: Dialer) -> None:
    base = loaded(dialer, mended(report_of(dialer, WITH_A_DUPLICATE), MENDED), name="mended.csv")
    assert [row.address for row in Row.objects.filter(base=base)] == ["59899123457"]
    bad = base.invalid_lines.get()
    assert (bad.code, bad.text) == ("duplicate", TWICE.strip())
    assert "are in “base.csv” already" in bad.reason
    assert (base.valid, base.invalid, base.found["duplicates"], base.found["free_text"]) == (1, 1, 1, 1)
    assert (base.found["reasons"], base.found["same_number"]) == ({"duplicate": 1}, 0)
    check_tally(base)


def leave(base: Base) -> None:
    """Nothing: the base stays as it is."""


def fail(base: Base) -> None:
    Base.objects.filter(pk=base.pk).update(state=BaseState.FAILED)


def skip_rows(base: Base) -> None:
    base.rows.update(state=RowState.SKIPPED)


def grow_old(base: Base) -> None:
    Base.objects.filter(pk=base.pk).update(created_at=timezone.now() - timedelta(days=7, minutes=1))


def change_message(base: Base) -> None:
    base.rows.update(content={"text": "Bye"})


def go_elsewhere(base: Base) -> None:
    Base.objects.filter(pk=base.pk).update(dialer=make_dialer(base.dialer.provider, name="Another"))


@pytest.mark.parametrize(
    ("happens", "addresses"),
    [
        pytest.param(leave, {"59899123457"}, id="sent by the other base"),
        pytest.param(fail, {PHONE, "59899123457"}, id="a base that failed"),
        pytest.param(skip_rows, {PHONE, "59899123457"}, id="a row that will not leave"),
        pytest.param(grow_old, {PHONE, "59899123457"}, id="a base of last week"),
        pytest.param(change_message, {PHONE, "59899123457"}, id="another message"),
        pytest.param(go_elsewhere, {PHONE, "59899123457"}, id="another dialer"),
    ],
)
def test_a_duplicate_leaves_once_wherever_it_is(
    dialer: Dialer, happens: Callable[[Base], None], addresses: set[str]
) -> None:
    first = loaded(dialer, WITH_A_DUPLICATE)
    report = "".join(error_report(first))
    happens(first)
    again = loaded(dialer, mended(report, MENDED))
    assert {row.address for row in Row.objects.filter(base=again)} == addresses


def test_a_file_that_is_no_report_may_repeat_what_another_sent(dialer: Dialer) -> None:
    loaded(dialer, TWICE)
    assert loaded(dialer, TWICE).valid == 1


def test_bytes_that_are_no_text_are_shown_in_the_report(dialer: Dialer) -> None:
    assert "\\x81" in report_of(dialer, f"{PHONE};Está".encode("cp1252") + b"\x81")


def test_the_preview_shows_who_is_first_as_they_will_read_it(dialer: Dialer) -> None:
    base = loaded(
        dialer,
        [
            *hsm_lines(3, "hsm:chatclub_open_session_v2:Integra:Operation {n}"),
            f"WavyDialer;{PHONE};hsm:appointment:tomorrow:12:00 PM;1",
        ],
    )
    assert preview(base, 2) == [
        PreviewRow(4, PHONE, "Your appointment is coming up on tomorrow at 12:00 PM"),
        PreviewRow(1, "59899000001", "Integra reports:\nOperation 1"),
    ]
    Template.objects.all().delete()
    assert preview(base, 1)[0].text == "appointment"


def test_the_preview_of_a_base_that_is_being_sent_shows_who_is_next(dialer: Dialer) -> None:
    base = loaded(dialer, [f"WavyDialer;5989900000{n};hsm:welcome;{n}" for n in range(1, 4)])
    Row.objects.filter(base=base, line=1).update(state=RowState.TAKEN)
    assert [row.line for row in preview(base, 2)] == [2, 3]
    Row.objects.filter(base=base).update(state=RowState.TAKEN)
    assert [row.line for row in preview(base, 2)] == [1, 2]
