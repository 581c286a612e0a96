"""What people download of a base: its error report, and its rows with their outcomes."""

from itertools import chain
from pathlib import Path

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from accounts import spreadsheets
from accounts.spreadsheets import MARK
from accounts.table_files import CSV, XLSX
from dialers import exports
from dialers.keeping import require_kept
from dialers.models import Base
from dialers.reports import error_report
from dialers.rows import Wanted


def errors_of(base: Base) -> StreamingHttpResponse:
    """The error report as programs read it, streamed. Raises Refusal `pruned`."""
    require_kept(base)
    return StreamingHttpResponse(error_report(base), content_type=CSV, headers=_named(base, "errors", "csv"))


def errors_for_reader(base: Base) -> StreamingHttpResponse:
    """The same as the reader's spreadsheet opens it: by the current language. Raises Refusal `pruned`."""
    require_kept(base)
    report = chain([MARK], error_report(base, spreadsheets.report_header(), spreadsheets.separator()))
    return StreamingHttpResponse(report, content_type=CSV, headers=_named(base, "errors", "csv"))


def rows_of(base: Base, wanted: Wanted, kind: str, separator: str = ";") -> HttpResponseBase:
    """An export of the wanted rows; `kind` is csv or xlsx. Raises Refusal `pruned`."""
    require_kept(base)
    part = "-".join(filter(None, (wanted.state, wanted.error, wanted.reached))) or "rows"
    headers = _named(base, part, kind)
    if kind == "xlsx":
        return FileResponse(exports.as_xlsx(base, wanted), content_type=XLSX, headers=headers)
    return StreamingHttpResponse(exports.as_csv(base, wanted, separator), content_type=CSV, headers=headers)


def _named(base: Base, part: str, ending: str) -> dict[str, str]:
    name = f"{Path(base.name).stem}-{part}.{ending}"
    return {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
