"""A cell of a sheet as text: numbers to their last digit, dates as the sheet shows them."""

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.utils import dateformat
from django.utils.formats import date_format
from openpyxl.utils.escape import unescape

PRECISE = 15  # digits that a sheet keeps of a number
# The two formats that follow whoever looks at the sheet: here, whoever uploaded it.
OF_THE_READER = {"mm-dd-yy": "SHORT_DATE_FORMAT", "m/d/yy h:mm": "SHORT_DATETIME_FORMAT"}
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[[^\]]*\]|_.|\*.|(?P<half>AM/PM|A/P)|(?P<part>y+|m+|d+|h+|s+(?:\.0+)?)'
    r"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
# Django's letter for a part of a date, by how often the sheet's letter is written.
LETTERS = {
    "y": ("y", "y", "Y"),
    "m": ("n", "m", "M", "F"),
    "d": ("j", "d", "D", "l"),
    "h": ("G", "H"),
    "h12": ("g", "h"),
    "min": ("i",),
    "s": ("s",),
}


class CellText(NamedTuple):
    """A cell's text; `doubtful` where the cell holds an error, or a number whose digits are not all there."""

    text: str
    doubtful: bool = False


def as_shown(cell: Any) -> CellText:
    """What a cell holds, as text; "" for an empty one."""
    value = cell.value
    if value is None:
        return CellText("")
    if isinstance(value, str):
        return CellText(_clean(value), cell.data_type == "e")
    if isinstance(value, bool):
        return CellText(str(value).upper())
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return CellText(f"{minutes // 60}:{minutes % 60:02}:{seconds:02}")
    if isinstance(value, datetime | date | time):
        return CellText(moment(value, cell.number_format or ""))
    return CellText(str(value), doubtful=True)


def _clean(text: str) -> str:
    """What the format escapes, put back; without what no text holds."""
    text = unescape(text) if "_x" in text else text
    return re.sub("[\x00\ud800-\udfff]", "", text).replace("\r\n", "\n").replace("\r", "\n")


def number(value: int | float) -> CellText:
    """A number to its last digit. What has more digits than a sheet keeps was rounded by it: doubtful, and written
    in a way that no reader takes for the digits of a number.

    >>> number(5519900001111.0)
    CellText(text='5519900001111', doubtful=False)
    """
    if isinstance(value, float) and not math.isfinite(value):
        return CellText(str(value), doubtful=True)
    if value == int(value):
        return _rounded(value) if abs(value) >= 10**PRECISE else CellText(str(int(value)))
    text = repr(value)
    digits = re.sub(r"\D", "", text).lstrip("0")
    return _rounded(value) if "e" in text or len(digits) > PRECISE else CellText(text)


def _rounded(value: int | float) -> CellText:
    return CellText(f"{value:.{PRECISE - 1}E}", doubtful=True)


def moment(value: datetime | date | time, pattern: str) -> str:
    """A date or a time as a sheet's pattern (`dd/mm/yyyy hh:mm`) shows it; names in the reader's language."""
    whole = value if not isinstance(value, time) else datetime.combine(date(1900, 1, 1), value)
    if not isinstance(whole, datetime):
        whole = datetime.combine(whole, time())
    if pattern.lower() in OF_THE_READER and not isinstance(value, time):
        return date_format(whole, OF_THE_READER[pattern.lower()])
    tokens = list(TOKEN.finditer(pattern.split(";")[0]))
    parts = [match["part"] for match in tokens if match["part"]]
    if not parts:
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    half = any(match["half"] for match in tokens)
    shown: list[str] = []
    seen = 0
    for match in tokens:
        if match["part"]:
            before = parts[seen - 1] if seen else ""
            after = parts[seen + 1] if seen + 1 < len(parts) else ""
            seen += 1
            shown.append(dateformat.format(whole, _letter(match["part"], before, after, half=half)))
        elif match["half"]:
            shown.append("AM" if whole.hour < 12 else "PM")
        else:
            shown.append(match["quoted"] or match["escaped"] or match["other"] or "")
    return "".join(shown).strip()


def _letter(part: str, before: str, after: str, *, half: bool) -> str:
    kind = part[0].lower()
    if kind == "m" and (before[:1].lower() == "h" or after[:1].lower() == "s"):
        kind = "min"
    elif kind == "h" and half:
        kind = "h12"
    letters = LETTERS[kind]
    return letters[min(len(part.split(".")[0]), len(letters)) - 1]
