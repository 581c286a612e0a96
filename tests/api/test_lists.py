"""Lists: their shape, their order, their pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from providers.config import save_provider
from providers.models import DoNotCall, Provider
from tests.api.conftest import API, Problem
from tests.factories import make_base, make_campaign, make_contact, make_dialer, make_provider, outgoing


def numbers(n: int) -> None:
    DoNotCall.objects.bulk_create(DoNotCall(number=f"5989{i:07d}") for i in range(n))


def walk(client: APIClient, url: str | None) -> list[list[int]]:
    """The ids of each page, following `next`."""
    pages = []
    while url:
        document = client.get(url).json()
        pages.append([row["id"] for row in document["results"]])
        url = document["next"]
    return pages


def test_a_list_has_the_promised_shape_newest_first(as_supervisor: APIClient, provider: Provider) -> None:
    newer = make_provider("Second", "5511900000002")
    document = as_supervisor.get(f"{API}providers/").json()
    assert document.keys() == {"count", "next", "previous", "results"}
    assert [row["id"] for row in document["results"]] == [newer.pk, provider.pk]
    assert (document["count"], document["next"], document["previous"]) == (2, None, None)


def test_the_list_of_dialers_asks_as_often_for_many_at_work_as_for_few(
    as_supervisor: APIClient, provider: Provider
) -> None:
    asked = []
    for n in range(8):
        dialer = make_dialer(provider, name=f"dialer-{n}")
        make_base(dialer, state="running")
        make_base(dialer, state="paused")
        with CaptureQueriesContext(connection) as queries:
            listed = as_supervisor.get(f"{API}dialers/").json()["results"]
        assert len(listed) == n + 1
        asked.append(len(queries))
    assert max(asked[1:]) == min(asked[1:]) < 15


def test_an_empty_list_is_no_error(as_supervisor: APIClient) -> None:
    document = as_supervisor.get(f"{API}do-not-call/").json()
    assert document == {"count": 0, "next": None, "previous": None, "results": []}


def test_a_page_holds_100_rows_and_at_most_1000(as_supervisor: APIClient) -> None:
    numbers(1001)
    sizes = [
        len(as_supervisor.get(f"{API}do-not-call/?{query}").json()["results"])
        for query in ("", "page_size=7", "page_size=1000", "page_size=5000")
    ]
    assert sizes == [100, 7, 1000, 1000]


def test_the_count_stops_at_10000_and_next_leads_beyond(as_supervisor: APIClient) -> None:
    numbers(10_250)
    first = as_supervisor.get(f"{API}do-not-call/?page_size=1000").json()
    assert first["count"] == 10_000
    pages = walk(as_supervisor, f"{API}do-not-call/?page_size=1000")
    seen = [row for page in pages for row in page]
    assert len(pages) == 11
    assert seen == sorted(DoNotCall.objects.values_list("id", flat=True), reverse=True)


def test_previous_leads_back_the_same_way(as_supervisor: APIClient) -> None:
    numbers(25)
    pages = walk(as_supervisor, f"{API}do-not-call/?page_size=10")
    last = as_supervisor.get(f"{API}do-not-call/?page_size=10&before={pages[1][-1]}").json()
    middle = as_supervisor.get(last["previous"]).json()
    first = as_supervisor.get(middle["previous"]).json()
    assert [[row["id"] for row in page["results"]] for page in (first, middle, last)] == pages
    assert first["previous"] is None
    assert last["next"] is None


def test_what_comes_in_while_reading_neither_repeats_nor_hides_a_row(as_supervisor: APIClient) -> None:
    numbers(20)
    first = as_supervisor.get(f"{API}do-not-call/?page_size=10").json()
    DoNotCall.objects.create(number="59899999999")
    second = as_supervisor.get(first["next"]).json()
    ids = [row["id"] for page in (first, second) for row in page["results"]]
    assert len(ids) == len(set(ids)) == 20


def test_a_page_may_be_reached_by_its_number(as_supervisor: APIClient) -> None:
    numbers(25)
    pages = walk(as_supervisor, f"{API}do-not-call/?page_size=10")
    second = as_supervisor.get(f"{API}do-not-call/?page_size=10&page=2").json()
    assert [row["id"] for row in second["results"]] == pages[1]
    assert [row["id"] for row in as_supervisor.get(second["previous"]).json()["results"]] == pages[0]


def test_links_keep_the_filters(as_supervisor: APIClient, provider: Provider) -> None:
    other = make_provider("Second", "5511900000002")
    ours, theirs = make_contact(provider), make_contact(other)
    for contact in (ours, theirs, ours):
        outgoing(contact)
    url = f"{API}messages/?provider={provider.pk}&page_size=1"
    assert [len(page) for page in walk(as_supervisor, url)] == [1, 1]


@pytest.mark.parametrize(
    "query",
    ["page_size=0", "page_size=-1", "page_size=ten", "page=0", "page=x", "before=%00", "after=1.5", "page=٣"],
)
def test_a_page_that_cannot_be_is_told(query: str, as_supervisor: APIClient, problem: Problem) -> None:
    document = problem(as_supervisor.get(f"{API}providers/?{query}"), 400, "invalid")
    assert query.split("=")[0] in document["errors"]


@pytest.mark.parametrize("page", ["3", "9223372036854775807"])
def test_a_page_past_the_end_is_not_found(
    page: str, as_supervisor: APIClient, provider: Provider, problem: Problem
) -> None:
    problem(as_supervisor.get(f"{API}providers/?page={page}"), 404, "not_found")


@pytest.mark.parametrize("path", ["providers", "campaigns", "dialers"])
def test_a_name_filters_exactly(path: str, as_supervisor: APIClient, provider: Provider) -> None:
    make_provider("wavy", "5511900000002")
    for name in ("Wavy", "Wavy2", "wavy"):
        campaign = make_campaign(provider, name)
        make_dialer(provider, campaign, name)
    found = as_supervisor.get(f"{API}{path}/?name=Wavy").json()["results"]
    assert [row["name"] for row in found] == ["Wavy"]


@pytest.mark.parametrize(
    "query",
    [
        "templates/?provider=abc",
        "templates/?state=perhaps",
        "campaigns/?provider=%00",
        "members/?agent=x",
        "dialers/?campaign=1e5",
        "do-not-call/?source=hearsay",
        "do-not-call/?number=nobody",
        "bases/?state=asleep",
        "messages/?provider=abc",
        "messages/?state=lost",
        "messages/?contact=abc",
        "messages/?contact=%00",
        "messages/?batch=1.5",
        "sessions/?state=asleep",
        "sessions/?campaign=99999999999999999999999",
        "providers/?name=%00",
    ],
)
def test_a_filter_that_cannot_be_is_told(query: str, as_supervisor: APIClient, problem: Problem) -> None:
    document = problem(as_supervisor.get(API + query), 400, "invalid")
    assert list(document["errors"]) == [query.split("?")[1].split("=")[0]]


@pytest.mark.parametrize("path", ["providers", "campaigns", "dialers", "messages"])
def test_a_longer_list_asks_no_more_of_the_database(
    path: str, as_supervisor: APIClient, provider: Provider
) -> None:
    """Dialers and providers ask a fixed number for each row; lists of messages and campaigns none."""
    per_row = {"providers": 2, "dialers": 8, "campaigns": 0, "messages": 0}[path]

    def add(n: int) -> None:
        for i in range(n):
            name = f"n{Provider.objects.count()}"
            one = save_provider(make_provider(name, f"55118000{Provider.objects.count():05d}"))
            make_dialer(one, make_campaign(one, name, (one.number,)), name)
            outgoing(make_contact(one, f"598991{i:05d}"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_supervisor.get(f"{API}{path}/").status_code == 200
        return len(captured)

    add(1)
    before = queries()
    add(3)
    assert queries() - before <= 3 * per_row
