"""CSV files as the reader's own spreadsheet opens them with their columns apart."""

from django.utils import translation

MARK = "\ufeff"  # by which a spreadsheet knows UTF-8
USUAL = ","  # between columns, where the decimal sign is a point
# Where the decimal sign is a comma, spreadsheets want something else between columns.
WITH_DECIMAL_COMMA = ("es", "pt")

REPORT_HEADER = ("line", "reason", "text")  # what programs get, and who reads English
REPORT_HEADERS = {"es": ("línea", "motivo", "texto"), "pt": ("linha", "motivo", "texto")}
ALL_REPORT_HEADERS = frozenset({REPORT_HEADER, *REPORT_HEADERS.values()})


def separator() -> str:
    """What stands between columns for the current language's reader: `,` or `;`."""
    return ";" if _language() in WITH_DECIMAL_COMMA else USUAL


def report_header() -> tuple[str, ...]:
    """The columns of a report of lines that could not be read, in the current language.

    Fixed words, no translations: our own readers know a report by them.
    """
    return REPORT_HEADERS.get(_language(), REPORT_HEADER)


def _language() -> str:
    return (translation.get_language() or "en").split("-")[0]
