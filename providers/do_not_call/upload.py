"""Uploading a file of numbers: up to a million, in flat memory, all of it or nothing."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files import File
from django.db import connection, transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import record
from accounts.models import User
from accounts.spreadsheets import REPORT_HEADER
from providers.contacts import told_apart
from providers.do_not_call.entries import REASON_LENGTH
from providers.do_not_call.lines import Entry, read
from providers.errors import Refusal
from providers.models import DoNotCallUpload, Provider
from providers.numbers import BadNumber, canonical, parse_destination

MOST_LINES = 1_000_000

TABLE = "CREATE TEMP TABLE uploaded_number (number text NOT NULL, reason text NOT NULL)"
DROP = "DROP TABLE uploaded_number"
COPY = "COPY uploaded_number (number, reason) FROM STDIN"
ENTER = """
INSERT INTO providers_donotcall (provider_id, number, source, reason, created_by_id, created_at)
SELECT DISTINCT ON (number) %(provider)s::bigint, number, %(source)s, reason, %(user)s::bigint, %(now)s
FROM uploaded_number ORDER BY number, reason DESC
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all numbers of a file. No provider = at all of them; the reason is for lines without their own.

    `country` (ISO alpha-2) is where numbers without a country code belong; "" refuses them.
    """

    provider: Provider | None
    source: str
    reason: str = ""
    country: str = ""


def add_many(file: IO[bytes], name: str, terms: Terms, user: User | None, now: datetime) -> DoNotCallUpload:
    """Enters the numbers of a file; what is there already stays as it is, also where it is in the file twice.

    Raises Refusal, and enters nothing, for what is no text file, holds no line, or more than MOST_LINES.
    The upload says how many were added, already there and invalid; `report` holds the invalid lines, a
    CSV `line;reason;text`, which may be mended and uploaded. One COPY and one INSERT.
    """
    with TemporaryFile() as report, transaction.atomic():
        reader = _Reader(file, terms, report)
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
            with cursor.copy(COPY) as copy:
                for row in reader.rows():
                    copy.write_row(row)
            if not reader.lines:
                raise Refusal("empty", _("The file holds no number."), status=400)
            values: dict[str, Any] = {
                "provider": terms.provider.pk if terms.provider else None,
                "source": terms.source,
                "user": user.pk if user else None,
                "now": now,
            }
            cursor.execute(ENTER, values)
            added = cursor.rowcount
            cursor.execute(DROP)
        upload = DoNotCallUpload(
            name=PurePath(name).name[-200:],
            provider=terms.provider,
            source=terms.source,
            uploaded_by=user,
            uploaded_at=now,
            added=added,
            known=reader.lines - reader.invalid - added,
            invalid=reader.invalid,
        )
        if reader.invalid:
            report.seek(0)
            upload.report.save("invalid-lines.csv", File(report), save=False)
        upload.save()
        record(upload, Act.UPLOADED, {"added": (0, added), "invalid": (0, reader.invalid)}, user)
    return upload


class _Reader:
    """Reads the file once: rows for the table, what cannot be one into the report."""

    def __init__(self, file: IO[bytes], terms: Terms, report: IO[bytes]) -> None:
        self.file = file
        self.terms = terms
        self.report = report
        self.apart = told_apart(terms.provider) if terms.provider else frozenset[str]()
        self.lines = 0
        self.invalid = 0

    def rows(self) -> Iterator[tuple[str, str]]:
        """(number of a person, reason) of each valid line."""
        for entry in read(self.file):
            self.lines += 1
            if self.lines > MOST_LINES:
                raise Refusal(
                    "too_many",
                    _("The file has more than %(n)s lines. Divide it and upload the parts.")
                    % {"n": number_format(MOST_LINES, force_grouping=True)},
                    status=400,
                )
            try:
                digits = parse_destination(entry.number, self.terms.country or None)
            except BadNumber as why:
                self._report(entry, why.sentence)
            else:
                reason = entry.reason or self.terms.reason
                yield (
                    digits if digits in self.apart else canonical(digits),
                    reason[:REASON_LENGTH].replace("\x00", ""),
                )

    def _report(self, entry: Entry, reason: str) -> None:
        if not self.invalid:
            self.report.write(b"\xef\xbb\xbf" + _csv(*REPORT_HEADER))
        self.invalid += 1
        self.report.write(_csv(str(entry.line), reason, entry.text))


def _csv(*fields: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow(fields)
    return buffer.getvalue().encode()
