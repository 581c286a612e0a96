"""Times on pages: how long ago, the exact one on hover in the zone of the campaign or dialer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.templatetags.moments import when


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        pytest.param(timedelta(hours=2, minutes=5), "2\xa0hours ago", id="before"),
        pytest.param(timedelta(seconds=5), "just now", id="now"),
        pytest.param(timedelta(hours=-2, minutes=-5), "in 2\xa0hours", id="to come"),
    ],
)
def test_a_time_is_told_by_how_long_ago(ago: timedelta, said: str) -> None:
    assert f">{said}</time>" in when(timezone.now() - ago)


def test_on_hover_it_is_exact_in_the_named_zone() -> None:
    at = timezone.now().replace(month=1, day=5, hour=15, minute=20)
    assert "12:20 p.m. (America/Montevideo)" in when(at, "America/Montevideo")


def test_never_is_a_dash() -> None:
    assert when(None) == "–"
