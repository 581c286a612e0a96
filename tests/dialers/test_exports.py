"""Exports: every row once, with its outcome, harmless in a spreadsheet, in short reads."""

import csv
import io
from typing import Any

import pytest
from django.utils import timezone, translation
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from accounts import table_files
from dialers import exports
from dialers.exports import as_csv, as_xlsx
from dialers.models import Base, Dialer, Row
from dialers.rows import Wanted
from providers.states import State
from tests.dialers.files import hsm_lines, loaded
from tests.dialers.outcomes import become, messages_of, number, reply, sent_base
from tests.factories import make_base

pytestmark = pytest.mark.usefixtures("wavy")


@pytest.fixture
def base(dialer: Dialer) -> Base:
    """Five rows: 1 failed, 2 delivered and answered, the others taken; each with a city."""
    base = sent_base(dialer, 5)
    Row.objects.filter(base=base).update(extra={"city": "Paysandú"})
    first, second, *_rest = messages_of(base)
    become(first, State.FAILED, "invalid_number")
    become(second, State.DELIVERED)
    reply(second)
    return base


def csv_of(base: Base, wanted: Wanted | None = None) -> list[dict[str, str]]:
    text = "".join(as_csv(base, wanted or Wanted()))
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def sheets_of(base: Base, wanted: Wanted | None = None) -> list[list[tuple[Any, ...]]]:
    with as_xlsx(base, wanted or Wanted()) as file:
        return [list(sheet.values) for sheet in load_workbook(file).worksheets]


def test_csv_has_each_row_with_its_outcome_and_the_files_other_columns(base: Base) -> None:
    first, second, third, *_rest = csv_of(base)
    assert (first["line"], first["number"], first["state"], first["error"]) == (
        "1",
        number(1),
        "not delivered",
        "invalid_number",
    )
    assert (second["replied"], second["message"], second["city"]) == (
        "2026-03-04 15:05:00",
        "Dear customer: row 2",
        "Paysandú",
    )
    assert (third["reason"], third["taken"], third["replied"]) == ("", "2026-03-04 15:00:00", "")


def test_a_column_that_is_empty_in_the_first_thousand_rows_is_there_too(dialer: Dialer) -> None:
    lines = [f"{number(n)};hello;{'Salto' if n == 1001 else ''}" for n in range(1, 1002)]
    base = loaded(dialer, ["mobile;texto;city", *lines])
    again = make_base(dialer, recycled_from=base)
    assert csv_of(base)[-1]["city"] == "Salto"
    assert "city" in exports.headings(again)


def test_both_formats_say_the_same(base: Base) -> None:
    (sheet,) = sheets_of(base)
    head, *lines = sheet
    assert [dict(zip(head, (cell or "" for cell in line), strict=True)) for line in lines] == csv_of(base)


@pytest.mark.parametrize("chunk", [1, 2, 5, 6])
def test_every_row_is_there_once_however_it_is_read(
    base: Base, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(exports, "CHUNK", chunk)
    assert [row["line"] for row in csv_of(base)] == ["1", "2", "3", "4", "5"]


def test_only_what_is_asked_for_is_in_it(base: Base) -> None:
    assert [row["line"] for row in csv_of(base, Wanted("failed", "invalid_number"))] == ["1"]
    assert [row["line"] for row in csv_of(base, Wanted(reached="replied"))] == ["2"]


@pytest.mark.parametrize("word", ["=1+1", "+59899123456", "-2", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(dialer: Dialer, word: str) -> None:
    base = loaded(dialer, hsm_lines(1))
    Row.objects.filter(base=base).update(extra={"note": word})
    assert csv_of(base)[0]["note"] == f"'{word}"
    with as_xlsx(base, Wanted()) as file:
        cell = load_workbook(file).worksheets[0].cell(2, 15)
    assert (cell.value, cell.data_type) == (word, "s")


def test_a_number_loses_no_digit_in_a_workbook(base: Base) -> None:
    _head, first, *_rest = sheets_of(base)[0]
    assert first[1] == number(1)


def test_what_no_workbook_may_hold_is_left_out_of_it(dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(1))
    Row.objects.filter(base=base).update(extra={"note": "bell\x07" + "x" * 40_000})
    assert len(sheets_of(base)[0][1][14]) == 32_767


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "SHEET", 3)
    sheets = sheets_of(base)
    assert [[line[0] for line in sheet] for sheet in sheets] == [
        ["line", "1", "2"],
        ["line", "3", "4"],
        ["line", "5"],
    ]


def test_an_export_of_nothing_has_its_header(base: Base) -> None:
    ((head,),) = sheets_of(base, Wanted("read"))
    assert (head[0], csv_of(base, Wanted("read"))) == ("line", [])


def test_it_keeps_the_language_and_the_zone_of_who_asked_for_it(base: Base) -> None:
    with translation.override("es"), timezone.override("America/Montevideo"):
        pieces = as_csv(base, Wanted("failed"))
    assert "2026-03-04 12:00:00" in "".join(pieces)


@pytest.mark.parametrize("chunk", [2, 5])
def test_it_reads_in_short_reads(
    base: Base,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    chunk: int,
) -> None:
    monkeypatch.setattr(exports, "CHUNK", chunk)
    known = Base.objects.select_related("dialer__provider").get(pk=base.pk)
    with django_assert_max_num_queries(2 + 2 * -(-5 // chunk)) as asked:
        csv_of(known)
    assert not any("CURSOR" in query["sql"] for query in asked.captured_queries)
