"""Before the start: did the same file, or most of its people, go out already today?"""

from datetime import UTC, datetime, timedelta

import pytest

from dialers import bases
from dialers.models import Base, BaseState, Dialer
from dialers.samples import people_of
from dialers.sent_today import sent_today
from tests.dialers.files import hsm_lines, loaded, settle, started
from tests.dialers.wavy import Wavy
from tests.factories import NOW, make_dialer, make_operator

pytestmark = pytest.mark.django_db
FILE = hsm_lines(10)


@pytest.fixture
def again(dialer: Dialer) -> Base:
    """Ten people, loaded and not started."""
    return loaded(dialer, FILE)


def same_bytes(*bases_: Base) -> None:
    for base in bases_:
        Base.objects.filter(pk=base.pk).update(sha256="ab" * 32)
        base.sha256 = "ab" * 32


def test_nothing_went_out_so_nothing_is_said(again: Base) -> None:
    assert sent_today(again, NOW) is None


def test_the_same_file_is_told_with_who_sent_it(dialer: Dialer, again: Base) -> None:
    ana = make_operator("ana")
    first = started(dialer, FILE, user=ana)
    same_bytes(first, again)

    found = sent_today(again, NOW + timedelta(hours=1))
    assert found is not None
    assert (found.base, found.same_file, found.people) == (first, True, 10)
    assert found.base.started_by == ana


@pytest.mark.parametrize(
    ("shared", "told"), [(10, 10), (5, 5), (4, None)], ids=["all", "half", "less than half"]
)
def test_most_of_its_people_in_a_base_that_still_waits_are_told(
    dialer: Dialer, again: Base, shared: int, told: int | None
) -> None:
    started(dialer, hsm_lines(shared, "hsm:notice:another message"))

    found = sent_today(again, NOW)
    assert (found.people if found else None) == told


def test_people_whom_several_bases_reached_count_once_each(dialer: Dialer, again: Base, wavy: Wavy) -> None:
    other = make_dialer(dialer.provider, name="OtherDialer")
    settle(started(dialer, hsm_lines(3, "hsm:notice:one")))
    settle(started(other, hsm_lines(5, "hsm:notice:two", "OtherDialer")))

    found = sent_today(again, NOW)
    assert found is not None
    assert (found.people, found.base.dialer) == (5, other)


@pytest.mark.parametrize(
    ("started_at", "told"),
    [
        pytest.param(datetime(2026, 3, 4, 3, 1, tzinfo=UTC), True, id="after midnight in Montevideo"),
        pytest.param(datetime(2026, 3, 4, 2, 59, tzinfo=UTC), False, id="still yesterday there"),
    ],
)
def test_today_is_the_dialers_day(dialer: Dialer, again: Base, started_at: datetime, told: bool) -> None:
    Dialer.objects.update(time_zone="America/Montevideo")
    again.dialer.refresh_from_db()
    first = started(dialer, FILE)
    same_bytes(first, again)
    Base.objects.filter(pk=first.pk).update(state=BaseState.CANCELLED, started_at=started_at)

    assert (sent_today(again, NOW) is not None) is told


def test_what_was_cancelled_before_it_left_is_not_told(dialer: Dialer, again: Base) -> None:
    first = started(dialer, FILE)
    same_bytes(first, again)
    bases.cancel(first, NOW)

    assert sent_today(again, NOW) is None


def test_a_base_made_from_another_is_not_held_against_it(dialer: Dialer, again: Base) -> None:
    again.recycled_from = started(dialer, FILE)

    assert sent_today(again, NOW) is None


def test_a_sample_of_a_large_base_stands_for_all_of_it(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialers.samples.TRIES", 40)
    started(dialer, hsm_lines(200, "hsm:notice:one"))
    base = loaded(dialer, hsm_lines(200))

    assert len(people_of(base).people) == 40
    assert getattr(sent_today(base, NOW), "people", None) == 200
