"""The start page: each role sees what it works on, and every number is what the ledger says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from dialers.models import BaseState
from providers.models import Message, RefusedCallbacks
from providers.states import State
from tests.factories import (
    make_agent,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    make_user,
)
from tests.house.home_scenes import MINUTE, Scene, scene
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
FIGURES = "/admin/figures/"


@pytest.fixture
def here() -> Scene:
    return scene()


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


def start(client: Client) -> str:
    return words(client.get("/", follow=True))


@pytest.mark.parametrize(
    ("make", "seen", "not_seen"),
    [
        (make_supervisor, ["Interactions waiting", "Alerts", "Providers, last hour"], ["Files not loaded"]),
        (
            make_operator,
            ["Bases ready to start", "Files not loaded", "Dialers"],
            ["Interactions waiting", "Answered today"],
        ),
    ],
    ids=["supervisor", "operator"],
)
def test_each_role_sees_what_it_works_on(
    here: Scene, make: Callable[[], User], seen: list[str], not_seen: list[str]
) -> None:
    here.base("monday.csv", BaseState.RUNNING)
    page = start(signed_in(make()))
    assert [word for word in ["monday.csv", *seen] if word not in page] == []
    assert [word for word in not_seen if word in page.replace("Bases and Dialers", "")] == []


def test_who_has_no_role_reads_what_to_ask_for(client: Client) -> None:
    client.force_login(make_user("nobody"))
    page = start(client)
    assert "You have no role yet" in page
    assert "Ask a supervisor or an administrator to add you to one of these groups: Agents" in page


def test_staff_without_a_role_read_it_inside_the_admin_too(client: Client) -> None:
    client.force_login(make_user("nobody", is_staff=True))
    assert "You have no role yet" in words(client.get("/admin/"))


def test_the_tile_counts_what_the_ledger_says_was_taken(here: Scene, supervisor: Client) -> None:
    base = here.base("monday.csv", BaseState.RUNNING, valid=30)
    here.leave(base, 7, State.ACCEPTED, ago=50)
    here.leave(base, 5, State.READ, ago=2)
    here.leave(base, 4, State.REFUSED, ago=2, error="credentials")
    here.leave(base, 6, State.ACCEPTED, ago=75)
    hour = Message.objects.filter(accepted_at__gte=here.now - 60 * MINUTE).exclude(state=State.REFUSED)
    assert hour.count() == 12
    assert "Taken by Wavy in the last hour 12 " in start(supervisor)


def test_what_waits_is_what_the_board_says(here: Scene, supervisor: Client) -> None:
    make_session(make_contact(here.provider), here.campaign, opened_at=here.now - 7 * MINUTE)
    make_session(make_contact(here.provider, "59899000001"), None, opened_at=here.now - 2 * MINUTE)
    page = start(supervisor)
    assert "Interactions waiting 2 longest wait 7:0" in page
    assert "1 campaign above its service level" in page


def test_what_was_answered_today_is_what_the_board_says(here: Scene, supervisor: Client) -> None:
    closed: dict[str, Any] = {"state": "closed", "closed_at": here.now, "opened_at": here.now - 2 * MINUTE}
    for n in range(3):
        contact = make_contact(here.provider, f"5989900000{n}")
        marks: dict[str, Any] = {"answered_at": here.now if n else None, "waited": 120, "in_time": n == 1}
        make_session(contact, here.campaign, **closed, **marks)
    said = "Answered today 2 Service level SL1 50 % · SL2 33 % 1 abandoned · answered after 2:00 on average"
    assert said in start(supervisor)


def test_a_base_has_its_funnel_in_numbers(here: Scene, operator: Client) -> None:
    base = here.base("monday.csv", BaseState.RUNNING, valid=1200)
    here.leave(base, 3, State.ACCEPTED)
    here.leave(base, 2, State.READ)
    here.leave(base, 1, State.UNCERTAIN, error="no_answer")
    said = (
        "monday.csv running WavyDialer 6 of 1,200 taken by Wavy 5 delivered 2 read 2 replied 0 unconfirmed 1"
    )
    assert said in start(operator)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (
            {"state": "paused", "reason": "failure_rate", "reason_figures": {"percent": 42, "limit": 30}},
            "42 %",
        ),
        ({"state": "running", "start_at": timedelta(days=1)}, "Waits for its start date"),
    ],
    ids=["paused by itself", "not yet"],
)
def test_it_says_in_words_why_a_base_stands_still(
    here: Scene, supervisor: Client, fields: dict[str, Any], why: str
) -> None:
    if "start_at" in fields:
        fields = {**fields, "start_at": here.now + fields["start_at"]}
    here.base("monday.csv", **fields)
    assert why in start(supervisor)


def test_what_paused_itself_stands_first(here: Scene, supervisor: Client) -> None:
    here.base("stuck.csv", BaseState.PAUSED, reason="failure_rate")
    for n in range(12):
        here.base(f"fine{n}.csv", BaseState.RUNNING)
    page = start(supervisor)
    assert page.index("stuck.csv") < page.index("fine11.csv")
    assert "fine0.csv" not in page
    assert "and 5 more" in page


@pytest.mark.parametrize(
    ("state", "fields", "said"),
    [
        ("ready", {"valid": 98}, "ready monday.csv WavyDialer · 98 valid lines Preview and start"),
        ("failed", {"reason": "No line."}, "failed monday.csv WavyDialer · No line. Look at it"),
        (
            "failed",
            {"found": {"needs_mapping": True}},
            "choose the columns monday.csv WavyDialer Choose the columns",
        ),
    ],
    ids=["ready", "failed", "columns"],
)
def test_operators_see_what_waits_for_them(
    here: Scene, operator: Client, state: str, fields: dict[str, Any], said: str
) -> None:
    here.base("monday.csv", state, **fields)
    assert said in start(operator)


def test_unconfirmed_messages_are_one_click_away(here: Scene, operator: Client) -> None:
    base = here.base("monday.csv", BaseState.FINISHED)
    here.leave(base, 3, State.UNCERTAIN, error="no_answer")
    page = operator.get("/", follow=True).content.decode()
    assert "3 messages are unconfirmed" in page
    assert f'href="/admin/dialers/dialer/bases/{base.pk}/unconfirmed/"' in page


def test_providers_are_told_apart_by_how_they_do(here: Scene, supervisor: Client) -> None:
    here.leave(here.base("monday.csv", BaseState.RUNNING, valid=30), 3, State.FAILED, error="invalid_number")
    other = make_provider("Second", "5511900000002", suspended_at=here.now, suspended_reason="credentials")
    RefusedCallbacks.objects.create(number=other.number, n=12, last_at=here.now)
    page = start(supervisor)
    assert page.index("Second username or password turned away") < page.index("Wavy in service")
    assert "not delivered The number does not exist or has no WhatsApp. Correct it in the base. 3" in page
    assert "no callback yet · 12 turned away" in page


def test_a_provider_that_calls_nothing_back_is_told(here: Scene, supervisor: Client) -> None:
    here.provider.last_callback_at = None
    here.provider.save()
    here.leave(here.base("monday.csv", BaseState.RUNNING), 3, State.ACCEPTED, ago=20)
    assert "has called nothing back since then" in start(supervisor)


def test_campaigns_of_other_groups_are_no_part_of_it(here: Scene, supervisor: Client) -> None:
    here.leave(here.base("secret.csv", BaseState.RUNNING), 3, State.ACCEPTED)
    make_session(make_contact(here.provider, "59891000001"), here.campaign, opened_at=here.now)
    here.campaign.groups.add(Group.objects.create(name="Others"))
    page = start(supervisor)
    assert "secret.csv" not in page
    assert "Taken by Wavy in the last hour 0 " in page
    assert "Interactions waiting 0 " in page


@pytest.mark.parametrize("make", [make_supervisor, make_operator], ids=["supervisor", "operator"])
def test_its_queries_do_not_grow_with_what_is_there(here: Scene, make: Callable[[], User]) -> None:
    client = signed_in(make())
    here.base("first.csv", BaseState.RUNNING)
    client.get(FIGURES)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(FIGURES)
    for n in range(20):
        dialer = make_dialer(here.provider, here.campaign, f"Dialer{n}")
        make_provider(f"Wavy {n}", f"55119000001{n:02}")
        for state in ("running", "ready", "paused", "failed"):
            here.base(f"{state}{n}.csv", state).dialer = dialer
    with CaptureQueriesContext(connection) as many:
        client.get(FIGURES)
    assert len(many) <= len(few) + 2
    assert len(many) <= 40


def test_the_moving_part_comes_only_when_something_moved(here: Scene, supervisor: Client) -> None:
    page = supervisor.get(FIGURES).content.decode()
    version = page.rsplit('name="v" value="', 1)[1].split('"')[0]
    assert supervisor.get(FIGURES, {"v": version}).status_code == 204
    here.base("monday.csv", BaseState.RUNNING)
    assert "monday.csv" in words(supervisor.get(FIGURES, {"v": version}))


def test_the_moving_part_is_for_supervisors_and_operators() -> None:
    assert signed_in(make_agent("ana")).get(FIGURES).status_code == 403


def test_a_page_left_open_after_signing_out_leads_to_the_sign_in_page(client: Client) -> None:
    answer = client.get(FIGURES, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/"})
    assert answer.headers["HX-Redirect"] == "/login/?next=/admin/"
