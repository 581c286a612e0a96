"""The API of what became of a base: rows, export, recycling; by role, in problem documents where it cannot be."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from dialers.models import Base
from providers.models import Provider
from tests.api.conftest import API
from tests.dialers.files import hsm_lines, loaded
from tests.factories import make_dialer, make_template


@pytest.fixture
def base(provider: Provider, settings: Any, tmp_path: Path) -> Base:
    settings.MEDIA_ROOT = tmp_path
    make_template(provider, "welcome", "Welcome!")
    return loaded(make_dialer(provider, name="Rows"), hsm_lines(3, dialer="Rows"))


def cancelled(client: APIClient, base: Base) -> None:
    assert client.post(f"{API}bases/{base.pk}/cancel/").status_code == 200


def test_rows_come_page_by_page(as_operator: APIClient, base: Base) -> None:
    first = as_operator.get(f"{API}bases/{base.pk}/rows/?page_size=2").json()
    last = as_operator.get(first["next"]).json()
    assert [row["line"] for row in first["results"] + last["results"]] == [1, 2, 3]
    assert (last["next"], first["results"][0]["state"], first["results"][0]["text"]) == (
        None,
        "pending",
        "Welcome!",
    )


def test_rows_are_filtered_by_state(as_operator: APIClient, base: Base) -> None:
    cancelled(as_operator, base)
    counts = {
        state: len(as_operator.get(f"{API}bases/{base.pk}/rows/?state={state}").json()["results"])
        for state in ("pending", "skipped")
    }
    assert counts == {"pending": 0, "skipped": 3}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=nonsense", "state"),
        ("error=no_credit", "state"),
        ("reached=failed", "state"),
        ("after=x", "after"),
        ("after=99999999999999999999999", "after"),
        ("state=failed&after=1", "after"),
        ("state=pending&after=1", "after"),
        ("page_size=0", "page_size"),
        ("page_size=many", "page_size"),
    ],
)
def test_a_filter_that_no_row_can_meet_is_said(
    as_operator: APIClient, base: Base, query: str, field: str
) -> None:
    response = as_operator.get(f"{API}bases/{base.pk}/rows/?{query}")
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_the_export_is_csv_unless_a_workbook_is_asked_for(as_operator: APIClient, base: Base) -> None:
    text: Any = as_operator.get(f"{API}bases/{base.pk}/export/")
    book: Any = as_operator.get(f"{API}bases/{base.pk}/export/?as=xlsx&state=pending")
    assert b"".join(text.streaming_content).decode().count("Welcome!") == 3
    assert b"".join(book.streaming_content)[:2] == b"PK"
    assert (text["Content-Disposition"], book["Content-Disposition"]) == (
        'attachment; filename="base-rows.csv"',
        'attachment; filename="base-pending.xlsx"',
    )


def test_another_format_is_refused(as_operator: APIClient, base: Base) -> None:
    response = as_operator.get(f"{API}bases/{base.pk}/export/?as=pdf")
    assert (response.status_code, response.json()["errors"]) == (400, {"as": ["Give csv or xlsx."]})


def test_a_cancelled_base_makes_a_new_one(as_operator: APIClient, base: Base) -> None:
    cancelled(as_operator, base)
    response = as_operator.post(f"{API}bases/{base.pk}/recycle/", {"outcomes": ["skipped"]}, format="json")
    document = response.json()
    assert (response.status_code, document["state"], document["valid"], document["lines"]) == (
        201,
        "ready",
        3,
        3,
    )
    assert (document["tally"]["pending"], document["recycled_from"]) == (3, base.pk)


@pytest.mark.parametrize(
    ("outcomes", "status", "code"),
    [
        pytest.param(["failed"], 409, "nothing_left", id="nobody failed"),
        pytest.param(["uncertain"], 400, "outcome_unknown", id="the unconfirmed have their own acts"),
        pytest.param([], 400, "outcome_unknown", id="nothing chosen"),
    ],
)
def test_where_it_cannot_be_it_says_why(
    as_operator: APIClient, base: Base, outcomes: list[str], status: int, code: str
) -> None:
    cancelled(as_operator, base)
    response = as_operator.post(f"{API}bases/{base.pk}/recycle/", {"outcomes": outcomes}, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_base_that_is_not_at_its_end_is_not_recycled(as_operator: APIClient, base: Base) -> None:
    response = as_operator.post(f"{API}bases/{base.pk}/recycle/", {"outcomes": ["skipped"]}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "not_ready")


@pytest.mark.parametrize("act", ["rows", "export"])
def test_agents_see_no_rows(as_agent: APIClient, base: Base, act: str) -> None:
    assert as_agent.get(f"{API}bases/{base.pk}/{act}/").status_code == 403


def test_agents_make_no_base(as_agent: APIClient, base: Base) -> None:
    assert as_agent.post(f"{API}bases/{base.pk}/recycle/", {"outcomes": ["skipped"]}).status_code == 403
