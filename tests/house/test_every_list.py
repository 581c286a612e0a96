"""Every list that is registered, also tomorrow's, opens, is searched and filtered, and saves a row."""

import pytest
from django.contrib import admin

from tests.factories import make_provider, make_supervisor
from tools.bench.admin_lists import MOST_QUERIES
from tools.bench.admin_looks import Looker, every_list, fill
from tools.bench.many_rows import is_single

pytestmark = pytest.mark.django_db
ROWS = 30


def test_every_list_opens_is_searched_and_filtered_and_saves_a_row() -> None:
    make_provider()
    supervisor = make_supervisor()
    fill(ROWS, supervisor)

    lists = [model for model in admin.site._registry if not is_single(model)]
    assert [str(model) for model in lists if model._base_manager.count() < ROWS] == []
    seen = list(every_list(Looker(supervisor, repeats=1, choices=1)))

    assert len(seen) == len(admin.site._registry)
    assert {looks.name: looks.refused for looks in seen if looks.refused} == {}
    assert {looks.name: looks.queries for looks in seen if looks.queries > MOST_QUERIES} == {}
