"""How fast a base goes and how long it still takes, in words."""

from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers.models import Base
from dialers.progress import progress


def speed_words(base: Base, counts: dict[str, int], now: datetime) -> str:
    """Its rate and the minutes left; "" while nothing of it moves. `counts` is its tally."""
    speed = progress(base, now, counts)
    if not speed.rate_per_second:
        return ""
    text = _("%(rate)s a second") % {"rate": number_format(speed.rate_per_second, 1)}
    if speed.seconds_left is None:
        return text
    minutes = -(-speed.seconds_left // 60)
    left = ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
    return f"{text} · {left}"
