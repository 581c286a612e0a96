"""A base's dates and its lifted cap through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from dialers.models import Base
from providers.models import Provider
from tests.api.conftest import API
from tests.factories import make_base, make_dialer


@pytest.fixture
def base(provider: Provider) -> Base:
    return make_base(make_dialer(provider), state="ready")


def change(client: APIClient, base: Base, **body: Any) -> Any:
    return client.patch(f"{API}bases/{base.pk}/", body, format="json")


def test_an_operator_sets_one_date_after_the_other(as_operator: APIClient, base: Base) -> None:
    start_at = timezone.now() + timedelta(hours=1)

    assert change(as_operator, base, start_at=start_at.isoformat()).status_code == 200
    document = change(as_operator, base, valid_until=(start_at + timedelta(hours=1)).isoformat()).json()
    assert document["start_at"]
    assert document["valid_until"]
    assert change(as_operator, base, start_at=None).json()["start_at"] is None


def test_a_date_that_makes_no_sense_says_why(as_operator: APIClient, base: Base) -> None:
    refused = change(as_operator, base, valid_until="2020-01-01T00:00:00Z")

    assert (refused.status_code, refused.json()["code"]) == (400, "until_past")
    assert "lies in the past" in refused.json()["detail"]


def test_the_dates_of_an_ended_base_are_a_conflict(as_operator: APIClient, base: Base) -> None:
    Base.objects.update(state="finished")

    assert change(as_operator, base, start_at=None).status_code == 409


def test_a_cap_is_lifted_with_a_reason_and_says_by_whom(as_operator: APIClient, base: Base) -> None:
    address = f"{API}bases/{base.pk}/lift-cap/"

    assert as_operator.post(address, {"reason": " "}, format="json").status_code == 400
    document = as_operator.post(address, {"reason": "A recall"}, format="json").json()
    assert document["cap_override_reason"] == "A recall"
    assert document["cap_override_at"]
    assert document["cap_override_by"]


def test_agents_change_no_dates(as_agent: APIClient, base: Base) -> None:
    assert change(as_agent, base, start_at=None).status_code in (403, 404)
