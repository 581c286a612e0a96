"""The bar of a base that is being loaded: how far, how fast, how long still."""

from datetime import timedelta

import pytest

from dialers import loading_progress
from dialers.admin.loading_bar import LoadingBar, loading_bar
from dialers.loading_progress import LoadingProgress
from dialers.models import BaseState, Dialer
from tests.factories import NOW, make_base

pytestmark = pytest.mark.django_db
BEGAN = NOW - timedelta(seconds=20)


@pytest.mark.parametrize(
    ("said", "bar"),
    [
        pytest.param(None, LoadingBar(0, "Reading and checking the file…"), id="nobody knows"),
        pytest.param(
            LoadingProgress(10, 1000, 1, NOW), LoadingBar(1, "1 line read"), id="too early for a rate"
        ),
        pytest.param(
            LoadingProgress(400, 1000, 1_000_000, BEGAN),
            LoadingBar(40, "1,000,000 lines read · 50,000 a second · 30 s left"),
            id="under way",
        ),
        pytest.param(
            LoadingProgress(100, 1000, 2000, BEGAN),
            LoadingBar(10, "2,000 lines read · 100 a second · 3 min left"),
            id="slow",
        ),
        pytest.param(
            LoadingProgress(1000, 1000, 2000, BEGAN),
            LoadingBar(100, "2,000 lines read · looking for duplicates…"),
            id="read to its end",
        ),
    ],
)
def test_it_tells_how_far_it_is(dialer: Dialer, said: LoadingProgress | None, bar: LoadingBar) -> None:
    base = make_base(dialer, state=BaseState.LOADING)
    if said:
        loading_progress.write(base.pk, said)

    assert loading_bar(base, NOW) == bar


def test_a_loaded_base_has_none(dialer: Dialer) -> None:
    assert loading_bar(make_base(dialer, state=BaseState.READY), NOW) is None
