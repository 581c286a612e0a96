"""Our ids of messages, and texts on their way into a statement."""

from uuid import RFC_4122, UUID

import pytest
from django.db import connection

from providers import correlation
from providers.records import text_array


def test_ids_are_uuids_as_postgresql_writes_them() -> None:
    ids = correlation.fresh(500)
    assert [str(UUID(one)) for one in ids] == ids
    assert {(UUID(one).version, UUID(one).variant) for one in ids} == {(7, RFC_4122)}


def test_no_two_ids_are_alike() -> None:
    assert len({*correlation.fresh(500), *correlation.fresh(500)}) == 1000


def test_later_ids_sort_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.correlation.time.time_ns", lambda: 1_800_000_000_000_000_000)
    earlier = correlation.fresh(20)
    monkeypatch.setattr("providers.correlation.time.time_ns", lambda: 1_800_000_000_001_000_000)
    assert max(earlier) < min(correlation.fresh(20))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([], id="none"),
        pytest.param(["5511910000001", ""], id="a number and an empty one"),
        pytest.param(
            ['say "no"', "a\\b", '\\"', "{a,b}", "a,b", " a "], id="what an array means something by"
        ),
        pytest.param(["NULL", "null", "ñandú 🙂", "two\nlines", "%s"], id="words and letters"),
    ],
)
def test_texts_arrive_as_they_are(texts: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [text_array(texts)])
        assert cursor.fetchone() == (texts,)
