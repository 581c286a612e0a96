"""The funnel as a page draws it: bars with words, numbers and links, and the failures by reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from dialers.admin.head import FAST, IDLE
from dialers.admin.speed import speed_words
from dialers.admin.why import why_of
from dialers.admin.words import BASE_COLOURS
from dialers.funnel import BESIDE, Failure, Stage, failures, funnel
from dialers.models import Base, BaseState
from dialers.words import stage_word, state_word
from providers import tally
from providers.admin.labels import COLOURS
from providers.errors import kind_of
from providers.states import State


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its word, its number, its share as text and as a CSS width, and the rows behind it."""

    key: str
    word: str
    n: int
    share: str
    width: str
    step: str
    url: str
    colour: str = ""


def percent(value: float | None) -> str:
    """With one digit behind the point, in the reader's spelling; "" of nothing."""
    return "" if value is None else f"{number_format(round(value, 1), 1)} %"


def rows_url(base_id: int, **wanted: str) -> str:
    """The rows of a base behind one number."""
    query = urlencode({name: value for name, value in wanted.items() if value})
    return reverse("admin:dialers_base_rows", args=[base_id]) + (f"?{query}" if query else "")


def bars(counts: dict[str, int], total: int, base_id: int | None = None) -> list[Bar]:
    """The stages of a base, or of a dialer, whose rows are in many bases."""
    return [_bar(stage, base_id) for stage in funnel(counts, total)]


def _bar(stage: Stage, base_id: int | None) -> Bar:
    url = ""
    if base_id:
        url = rows_url(base_id, reached="" if stage.key == "rows" else stage.key)
    return Bar(
        stage.key,
        stage_word(stage.key),
        stage.n,
        percent(stage.percent),
        f"{stage.percent or 0:.3f}%",
        percent(stage.of_previous),
        url,
    )


def beside(base: Base, counts: dict[str, int], found: Sequence[Failure]) -> list[Bar]:
    """What is on its way into the funnel or has left it, none of them 0; what we held back is a thing of its own."""
    held = sum(one.n for one in found if one.held_back)
    shown: list[tuple[str, str, int, str]] = []
    for key in BESIDE:
        if key == State.REFUSED.key:
            shown += [(key, "no", counts[key] - held, key), (key, "yes", held, "held_back")]
        else:
            shown.append((key, "", counts[key], key))
    return [
        Bar(
            colour,
            state_word(key, which == "yes"),
            n,
            percent(100 * n / base.valid) if base.valid else "",
            "",
            "",
            rows_url(base.pk, state=key, held_back=which),
            COLOURS[colour],
        )
        for key, which, n, colour in shown
        if n > 0
    ]


def reason_bars(base: Base, found: Sequence[Failure]) -> list[Bar]:
    """The failures by reason; widths against the most frequent one."""
    most = max((one.n for one in found), default=1)
    return [_reason(base, one, most) for one in found]


def _reason(base: Base, one: Failure, most: int) -> Bar:
    key = one.state.key
    colour = "held_back" if one.held_back else key
    word = str(kind_of(one.error).sentence) if one.error else _("No reason was given.")
    return Bar(
        colour,
        word,
        one.n,
        percent(100 * one.n / base.valid) if base.valid else "",
        f"{100 * one.n / most:.3f}%",
        state_word(key, one.held_back),
        rows_url(base.pk, state=key, error=one.error),
        COLOURS[colour],
    )


def chart_of(base: Base, now: datetime) -> dict[str, Any]:
    """Everything that a base's page draws and draws again: from tallies and a bounded look at the newest messages."""
    counts, found = tally.read([base.pk])[base.pk], failures(base)
    moving = base.state in (BaseState.RUNNING, BaseState.LOADING)
    return {
        "base": base,
        "colour": BASE_COLOURS[base.state],
        "bars": bars(counts, base.valid, base.pk),
        "beside": beside(base, counts, found),
        "reasons": reason_bars(base, found),
        "unconfirmed_total": counts["uncertain"],
        "pace": speed_words(base, counts, now),
        "why": why_of(base, now),
        "every": FAST if moving else IDLE,
    }
