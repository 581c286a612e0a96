"""Erasing in bases: rows, lines that were not valid, and the uploaded files. Counts and tallies stay."""

from collections.abc import Iterator
from typing import BinaryIO

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from dialers import sheets
from dialers.models import Base, BaseState, InvalidLine, Row, RowState
from providers import tally
from providers.erasing.person import COMPACT, Note, Person
from providers.errors import Refusal
from providers.models.message import Kind
from providers.states import PENDING, SKIPPED

LINES = 20_000  # of a base that one statement looks at
BLOCK = 1024 * 1024  # bytes of a file
OVERLAP = 100  # characters, in which a number has room
LINES_WITH = f"""
SELECT id, text || ';' || reason FROM dialers_invalidline
WHERE base_id = %(base)s AND line >= %(first)s AND line < %(last)s
  AND strpos({COMPACT.format(text="text || ' ' || reason")}, %(tail)s) > 0
"""  # noqa: S608 - ours


def settled(person: Person) -> bool:
    """Whether no base is being loaded, whose file may hold the number."""
    return not bases_of(person).filter(state=BaseState.LOADING).exists()


def bases_of(person: Person) -> QuerySet[Base]:
    """Where the person may be in."""
    return Base.objects.filter(dialer__provider__in=person.providers).order_by("pk")


def erase_bases(person: Person, note: Note) -> None:
    """Empties the person's rows and the reported lines that hold the number, in every base; what was still to be
    sent is skipped. Reads each base once, LINES at a time.

    The uploaded file of such a base is deleted first, and that of one that was never loaded if it holds the number:
    it can be mapped anew only after it was uploaded anew. Cut off in the middle, the next call finds the base again.
    """
    for base in bases_of(person).iterator():
        rows, lines = list(_rows(person, base)), list(_lines(person, base))
        unread = base.state == BaseState.FAILED and not base.lines
        if rows or lines or (unread and base.file and _holds(person, base)):
            _forget_file(person, base, note)
        if rows:
            _empty_rows(base, rows, note)
        if lines:
            InvalidLine.objects.filter(pk__in=lines).update(text="", reason="")
            note("lines", len(lines))


def _rows(person: Person, base: Base) -> Iterator[int]:
    for first in _windows(Row.objects.filter(base=base)):
        rows = Row.objects.filter(base=base, line__gte=first, line__lt=first + LINES)
        theirs = rows.filter(contact__in=person.forms)
        if person.alone:
            theirs = theirs.filter(address__in=person.spellings)
        yield from theirs.values_list("pk", flat=True)


def _lines(person: Person, base: Base) -> Iterator[int]:
    for first in _windows(InvalidLine.objects.filter(base=base)):
        with connection.cursor() as cursor:
            values = {"base": base.pk, "first": first, "last": first + LINES, **person.sql}
            cursor.execute(LINES_WITH, values)
            found = cursor.fetchall()
        yield from (key for key, text in found if person.is_in(text))


def _windows(rows: QuerySet[Row] | QuerySet[InvalidLine]) -> range:
    last = rows.aggregate(last=Max("line"))["last"]
    return range(0, 0 if last is None else last + 1, LINES)


def _empty_rows(base: Base, keys: list[int], note: Note) -> None:
    """Under the base's lock, as claims and cancels are."""
    with transaction.atomic():
        Base.objects.select_for_update(no_key=True).get(pk=base.pk)
        pending = Row.objects.filter(pk__in=keys, state=RowState.PENDING).update(state=RowState.SKIPPED)
        Row.objects.filter(pk__in=keys).update(
            contact="", address="", kind=Kind.TEXT, content={"text": ""}, extra=None
        )
        tally.append({(base.pk, PENDING): -pending, (base.pk, SKIPPED): pending})
        note("rows", len(keys))


def _forget_file(person: Person, base: Base, note: Note) -> None:
    """Its name last, so that a crash forgets no file."""
    _forget_sample(person, base)
    if base.file:
        base.file.storage.delete(str(base.file.name))
        Base.objects.filter(pk=base.pk).update(file="")
        note("files", 1)


def _forget_sample(person: Person, base: Base) -> None:
    with transaction.atomic():
        locked = Base.objects.select_for_update(no_key=True).get(pk=base.pk)
        sample = locked.found.get("sample") or []
        kept = [row for row in sample if not person.is_in(";".join(map(str, row)))]
        if len(kept) < len(sample):
            Base.objects.filter(pk=base.pk).update(found={**locked.found, "sample": kept})


def _holds(person: Person, base: Base) -> bool:
    """Whether a file holds the number in some column; a sheet that cannot be read counts as holding it."""
    try:
        with base.file.open("rb") as file:
            is_sheet = sheets.is_sheet(file.read(len(sheets.SIGNATURE)))
            file.seek(0)
            texts = _cells(file.file) if is_sheet else _pieces(file.file)
            return any(person.is_in(text) for text in texts)
    except FileNotFoundError:
        return False
    except Refusal:
        return True


def _pieces(file: BinaryIO) -> Iterator[str]:
    """The text in pieces that overlap, in whatever encoding: its digits are all that is looked at."""
    before = ""
    while block := file.read(BLOCK):
        text = block.replace(b"\x00", b"").decode("latin-1")
        yield before + text
        before = text[-OVERLAP:]


def _cells(file: BinaryIO) -> Iterator[str]:
    with sheets.opened(file) as book:
        for sheet in book.worksheets:
            for row in sheet.iter_rows(values_only=True):
                yield ";".join("" if cell is None else str(cell) for cell in row)
