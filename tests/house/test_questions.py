"""The lists answer a supervisor's questions: who fails, who stands still and why, who waits, who has no role."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dialers.models import BaseState
from providers.models import RefusedCallbacks
from providers.states import State
from tests.factories import (
    make_agent,
    make_base,
    make_contact,
    make_dialer,
    make_provider,
    make_session,
    make_supervisor,
    make_user,
)
from tests.house.home_scenes import Scene, scene
from tests.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def listed(client: Client, address: str) -> list[str]:
    """What a list shows, by its first words."""
    return sorted(str(row) for row in client.get(f"/admin/{address}").context["cl"].result_list)


@pytest.mark.parametrize(
    ("health", "found"),
    [
        ("failing", ["Quiet", "Refused", "Stopped"]),
        ("suspended", ["Stopped"]),
        ("silent", ["Quiet"]),
        ("refused", ["Refused"]),
    ],
)
def test_failing_providers_are_found_by_how_they_fail(
    supervisor: Client, health: str, found: list[str]
) -> None:
    now = timezone.now()
    make_provider("Well", "5511900000005", last_callback_at=now)
    make_provider("Stopped", "5511900000002", suspended_at=now, suspended_reason="credentials")
    make_provider("Refused", "5511900000003")
    RefusedCallbacks.objects.create(number="5511900000003", n=1, last_at=now)
    quiet = make_provider("Quiet", "5511900000004")
    silent = Scene(now, quiet, None, make_dialer(quiet))  # type: ignore[arg-type]  # needs no campaign
    silent.leave(silent.base("monday.csv", BaseState.RUNNING), 1, State.ACCEPTED, ago=20)
    assert listed(supervisor, f"providers/provider/?health={health}") == found


@pytest.mark.parametrize(
    ("stands", "found"),
    [
        ("any", ["NoKey", "Shut", "Stuck"]),
        ("schedule", ["Shut"]),
        ("failure_rate", ["Stuck"]),
        ("credentials", ["NoKey"]),
        ("daily_limit", []),
    ],
)
def test_dialers_that_stand_still_are_found_by_why(
    here: Scene, supervisor: Client, stands: str, found: list[str]
) -> None:
    locked = make_provider("Locked", "5511900000002", suspended_at=here.now, suspended_reason="credentials")
    scenes: list[tuple[Any, str, dict[str, Any]]] = [
        (here.provider, "Shut", {"start_at": here.now + timedelta(days=1)}),
        (here.provider, "Stuck", {"state": "paused", "reason": "failure_rate"}),
        (locked, "NoKey", {}),
        (here.provider, "Done", {"state": "finished"}),
    ]
    for provider, name, fields in scenes:
        make_base(make_dialer(provider, name=name), **fields)
    assert listed(supervisor, f"dialers/dialer/?stands={stands}") == found


def test_the_list_of_dialers_says_why_each_stands_still(here: Scene, supervisor: Client) -> None:
    here.base(
        "monday.csv", BaseState.PAUSED, reason="failure_rate", reason_figures={"percent": 42, "limit": 30}
    )
    assert "42 % of the latest messages failed" in supervisor.get("/admin/dialers/dialer/").content.decode()


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("work", ["doubtful.csv", "stuck.csv"]),
        ("itself", ["stuck.csv"]),
        ("unconfirmed", ["doubtful.csv"]),
        ("ready", ["new.csv"]),
    ],
)
def test_bases_are_found_by_what_somebody_has_to_do(
    here: Scene, supervisor: Client, at: str, found: list[str]
) -> None:
    here.leave(here.base("doubtful.csv", BaseState.RUNNING), 1, State.UNCERTAIN, error="no_answer")
    here.base("stuck.csv", BaseState.PAUSED, reason="failure_rate")
    here.base("new.csv", BaseState.READY)
    assert listed(supervisor, f"dialers/base/?at={at}") == found
    assert supervisor.get("/admin/dialers/dialer/?work=unconfirmed").context["cl"].result_count == 1


def test_customers_who_wait_for_too_long_are_found(here: Scene, supervisor: Client) -> None:
    for n, seconds in enumerate((30, 120, 7200)):
        contact = make_contact(here.provider, f"5989910000{n}")
        make_session(contact, here.campaign, opened_at=here.now - timedelta(seconds=seconds))
    found = {
        waits: len(listed(supervisor, f"chat_sessions/chatsession/?waits={waits}"))
        for waits in ("late", "300", "3600")
    }
    assert found == {"late": 2, "300": 1, "3600": 1}


def test_people_without_a_role_are_found(supervisor: Client) -> None:
    make_agent("ana")
    make_user("lost")
    assert listed(supervisor, "accounts/user/?role=none") == ["lost"]
