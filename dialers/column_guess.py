"""Which column of a header is probably meant: by its name, by what was chosen before, else none."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from dialers.columns import COLUMNS, normalised
from dialers.mapping import Mapping
from dialers.models import Dialer
from dialers.reader import NUMBER_LIKE
from providers.models import Template
from providers.models.template import PLACEHOLDER

SIMILAR = 0.8
SHORTEST = 3  # letters of a name that stand for it
SHORT = 5  # letters up to which one that differs makes another word: “hola” and “hora”
NEAR = 40  # characters of a body around a parameter that may name it
WORD = re.compile(r"\w+")


def guess(
    dialer: Dialer,
    header: Sequence[str],
    template: Template | None,
    sample: Sequence[Sequence[str]] = (),
) -> Mapping:
    """A first choice for every field: "" where nothing fits, each column used once."""
    free = list(header)
    numbers = _named(free, COLUMNS["destination"]) or _looks_like_numbers(free, header, sample)
    destination = _take(free, numbers)
    priority = _take(free, _named(free, COLUMNS["priority"]))
    before = _before(dialer, template)
    wanted = template.parameters if template else 0
    if not dialer.takes_templates:
        message = _take(free, _named(free, COLUMNS["message"]))
        return {**_plain(destination, priority), "message": message}
    chosen = [""] * wanted
    for number in range(wanted):
        chosen[number] = _take(free, _parameter(free, template, number, before))
    return {
        **_plain(destination, priority),
        "template": template.code if template else "",
        "language": template.language if template else "",
        "parameters": chosen,
    }


def _plain(destination: str, priority: str) -> Mapping:
    return {
        "template": "",
        "language": "",
        "destination": destination,
        "parameters": [],
        "priority": priority or None,
    }


def _take(free: list[str], column: str) -> str:
    if column:
        free.remove(column)
    return column


def _named(columns: Sequence[str], names: Iterable[str]) -> str:
    """The column whose name is most like one of the names; "" where none is similar."""

    def likeness(column: str) -> float:
        words = [normalised(column), *WORD.findall(normalised(column))]
        return max(_likeness(word, name) for word in words for name in wanted)

    wanted = list(names)
    best = max(columns, key=likeness, default="") if wanted else ""
    return best if best and likeness(best) >= SIMILAR else ""


def _likeness(word: str, name: str) -> float:
    """1 for the same, at least SIMILAR for a beginning of three letters or more: “tel” for “teléfono”.

    Short words that are neither are not alike.
    """
    ratio = SequenceMatcher(None, word, name).ratio()
    shorter, longer = sorted((word, name), key=len)
    if len(shorter) >= SHORTEST and longer.startswith(shorter):
        return max(SIMILAR, ratio)
    return ratio if len(shorter) > SHORT or ratio == 1 else 0


def _looks_like_numbers(
    columns: Sequence[str], header: Sequence[str], sample: Sequence[Sequence[str]]
) -> str:
    """The only column whose every sample looks like a phone number, if there is one."""
    found = []
    for column in columns:
        place = list(header).index(column)
        cells = [line[place] for line in sample if place < len(line)]
        if cells and all(map(NUMBER_LIKE.fullmatch, cells)):
            found.append(column)
    return found[0] if len(found) == 1 else ""


def _parameter(
    free: Sequence[str], template: Template | None, number: int, before: Sequence[Sequence[str]]
) -> str:
    for columns in before:
        if number < len(columns) and columns[number] in free:
            return columns[number]
    return _named(free, [*_numbered(number + 1), *(_around(template.body, number + 1) if template else ())])


def _numbered(number: int) -> tuple[str, ...]:
    return f"{{{{{number}}}}}", f"parameter{number}", f"param{number}", f"data{number}", f"dato{number}"


def _around(body: str, number: int) -> list[str]:
    """The longer words beside a parameter in the body, nearest first: what it is probably called."""
    for match in PLACEHOLDER.finditer(body):
        if int(match[1]) == number:
            near = body[max(0, match.start() - NEAR) : match.start()]
            near = PLACEHOLDER.split(near)[-1]
            return [word for word in reversed(WORD.findall(normalised(near))) if len(word) > 3]
    return []


def _before(dialer: Dialer, template: Template | None) -> list[list[str]]:
    """The columns that were chosen for this template in files with other headers, the latest first."""
    if template is None:
        return []
    known = reversed(list(dialer.mappings.values()))
    return [one["parameters"] for one in known if one["template"] == template.code]
