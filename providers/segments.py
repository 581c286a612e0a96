"""SMS segments: how many a text is cut into, by the GSM 7-bit alphabet (3GPP TS 23.038) or UCS-2."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # each an escape and a character: two of the 160

GSM_ALONE, GSM_PART = 160, 153  # septets of a single message; of a part, whose header takes seven
UCS2_ALONE, UCS2_PART = 70, 67  # UTF-16 units

_PLAIN = re.compile(f"[{re.escape(BASIC)}]*")
_GSM = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*")
_EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")


LIMITS = (GSM_ALONE, GSM_PART, UCS2_ALONE, UCS2_PART)


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text takes. `used` of `room` units in the last segment; `forced_by`: the first character that the
    GSM alphabet lacks, so that all of the text goes as UCS-2, "" where it has every one."""

    count: int
    used: int
    room: int
    forced_by: str = ""

    @property
    def ucs2(self) -> bool:
        return bool(self.forced_by)


def segments(text: str) -> Segments:
    """How `text` is cut: 160 characters or parts of 153, those of EXTENSION counted twice; with any other character
    70 or parts of 67, where one beyond the Basic Multilingual Plane counts twice. No pair is torn apart."""
    if _PLAIN.fullmatch(text):
        return _even(len(text), GSM_ALONE, GSM_PART)
    known = _GSM.match(text)
    at = known.end() if known else 0
    if at == len(text):
        units = len(text) + len(_EXTENDED.findall(text))
        if units <= GSM_ALONE:
            return Segments(1, units, GSM_ALONE)
        return _packed((2 if char in EXTENSION else 1 for char in text), GSM_PART)
    forced_by, units = text[at], len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units == len(text):
        return _even(units, UCS2_ALONE, UCS2_PART, forced_by)
    if units <= UCS2_ALONE:
        return Segments(1, units, UCS2_ALONE, forced_by)
    return _packed((2 if char > "\uffff" else 1 for char in text), UCS2_PART, forced_by)


def _even(units: int, alone: int, part: int, forced_by: str = "") -> Segments:
    """Where every character takes one unit."""
    if units <= alone:
        return Segments(1, units, alone, forced_by)
    count = -(-units // part)
    return Segments(count, units - (count - 1) * part, part, forced_by)


def _packed(widths: Iterable[int], part: int, forced_by: str = "") -> Segments:
    """Part by part, since a pair that does not fit as a whole begins the next one."""
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return Segments(count, used, part, forced_by)
