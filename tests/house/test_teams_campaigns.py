"""A campaign limited to groups is there for the supervisors and operators of these alone, on every page and call."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.authtoken.models import Token

from accounts.models import User
from campaigns.models import Campaign, Member
from dialers.admin.dialer import VIEWS
from dialers.models import Dialer
from providers.states import State
from sessions.models import ChatSession
from tests.factories import (
    NOW,
    OUR_NUMBER,
    incoming,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    make_user,
    outgoing,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
V1 = "/api/v1/"

# method, address, body; then what who is outside gets, and, inside, supervisor and operator.
# `hidden`: one of a list, which has to leave it out.
ONE: list[tuple[str, str, Any, int, int]] = [
    ("get", "/admin/campaigns/campaign/{campaign}/change/", None, 200, 200),
    ("get", "/admin/campaigns/campaign/{campaign}/delete/", None, 302, 403),
    ("get", "/admin/dialers/dialer/{dialer}/change/", None, 200, 200),
    ("get", "/admin/dialers/dialer/{dialer}/live/", None, 200, 200),
    ("get", "/admin/dialers/dialer/{dialer}/funnel/", None, 200, 200),
    ("post", "/admin/dialers/dialer/{dialer}/upload/", {}, 302, 302),
    ("post", "/admin/dialers/dialer/{dialer}/all/pause/", {}, 302, 302),
    ("get", "/admin/dialers/dialer/bases/{base}/", None, 200, 200),
    ("get", "/admin/dialers/dialer/bases/{base}/rows/", None, 200, 200),
    ("get", "/admin/dialers/dialer/bases/{base}/export/", None, 200, 200),
    ("get", "/admin/dialers/dialer/bases/{base}/errors/", None, 200, 200),
    ("get", "/admin/dialers/dialer/bases/{base}/preview/", None, 200, 200),
    ("get", "/admin/dialers/dialer/bases/{base}/unconfirmed/", None, 200, 200),
    ("post", "/admin/dialers/dialer/bases/{base}/act/pause/", {}, 302, 302),
    ("post", "/admin/dialers/dialer/bases/{base}/dates/", {}, 302, 302),
    ("get", "/admin/chat_sessions/chatsession/{session}/change/", None, 200, 403),
    ("get", "/admin/providers/message/{sent}/change/", None, 200, 200),
    ("get", "/admin/providers/message/{received}/change/", None, 200, 200),
    ("get", "/desk/{session}/", None, 200, 403),
    ("get", "/desk/{session}/updates/", None, 200, 403),
    ("post", "/desk/{session}/take/", {}, 200, 403),
    ("get", "/api/v1/campaigns/{campaign}/", None, 200, 200),
    ("patch", "/api/v1/campaigns/{campaign}/", {"enabled": True}, 200, 403),
    ("get", "/api/v1/members/{member}/", None, 200, 200),
    ("patch", "/api/v1/members/{member}/", {"penalty": 3}, 200, 403),
    ("delete", "/api/v1/members/{member}/", None, 204, 403),
    ("get", "/api/v1/dialers/{dialer}/", None, 200, 200),
    ("get", "/api/v1/dialers/{dialer}/bases/", None, 200, 200),
    ("post", "/api/v1/dialers/{dialer}/pause/", {}, 200, 200),
    ("get", "/api/v1/bases/{base}/", None, 200, 200),
    ("get", "/api/v1/bases/{base}/rows/", None, 200, 200),
    ("get", "/api/v1/bases/{base}/errors/", None, 200, 200),
    ("get", "/api/v1/bases/{base}/uncertain/", None, 200, 200),
    ("post", "/api/v1/bases/{base}/pause/", {}, 200, 200),
    ("get", "/api/v1/messages/{sent}/", None, 200, 200),
    ("post", "/api/v1/messages/{sent}/take-as-sent/", {}, 200, 200),
    ("get", "/api/v1/messages/{received}/", None, 200, 200),
    ("get", "/api/v1/sessions/{session}/", None, 200, 403),
    ("post", "/api/v1/sessions/{session}/take/", {}, 200, 403),
    ("post", "/api/v1/sessions/{session}/close/", {}, 200, 403),
]
LISTS: list[
    tuple[str, str, bool]
] = [  # address, what tells that the campaign is there, whether operators come in
    ("/admin/campaigns/campaign/", "Quiet", True),
    ("/admin/campaigns/campaign/add/", "Quiet", False),
    ("/admin/campaigns/member/", "Quiet", False),
    ("/admin/campaigns/member/?c={campaign}", "Ana", False),
    ("/admin/campaigns/member/lists/?c={campaign}&qa=zzz", "Ana", False),
    ("/admin/dialers/dialer/", "QuietDialer", True),
    ("/admin/dialers/dialer/add/", "Quiet", False),
    ("/admin/chat_sessions/chatsession/", "Quiet", False),
    ("/admin/chat_sessions/chatsession/assign/?ids={unrouted}", "Quiet", False),
    ("/admin/providers/message/", "We remind you", True),
    ("/admin/accounts/entry/", "Quiet", False),
    ("/admin/dialers/base/", "quiet.csv", True),
    ("/admin/story/59899000003/", "We remind you", True),
    ("/admin/", "Quiet", True),
    ("/board/", "Quiet", False),
    ("/board/figures/", "Quiet", False),
    ("/desk/", "99 000 003", False),
    ("/api/v1/campaigns/", "Quiet", True),
    ("/api/v1/members/", "ana", True),
    ("/api/v1/dialers/", "QuietDialer", True),
    ("/api/v1/bases/", "quiet.csv", True),
    ("/api/v1/messages/", "We remind you", True),
    ("/api/v1/sessions/", "59899000003", False),
]


@pytest.fixture
def north() -> Group:
    return Group.objects.create(name="North")


@pytest.fixture
def ids(north: Group, tmp_path: Path, settings: Any) -> dict[str, int]:
    """A campaign of the group North with everything that hangs on it."""
    settings.MEDIA_ROOT = tmp_path
    provider = make_provider()
    campaign = make_campaign(provider, "Quiet")
    campaign.groups.add(north)
    make_agent("ana", campaign, first_name="Ana")
    dialer = make_dialer(provider, campaign, name="QuietDialer")
    base = make_base(dialer, "quiet.csv", valid=1, lines=1)
    customer = make_contact(provider, "59899000003")
    sent = outgoing(customer, base=base, state=State.UNCERTAIN, uncertain_at=NOW)
    session = make_session(customer, campaign)
    received = incoming(customer, answers=sent)
    session.turns.create(message=received)
    return {
        "provider": provider.pk,
        "campaign": campaign.pk,
        "member": Member.objects.get(campaign=campaign).pk,
        "dialer": dialer.pk,
        "base": base.pk,
        "sent": sent.pk,
        "received": received.pk,
        "session": session.pk,
        "unrouted": make_session(make_contact(provider, "59899000004"), None).pk,
    }


def person(role: str, group: Group | None) -> User:
    make = {"supervisor": make_supervisor, "operator": make_operator}[role]
    user = make(role)
    if group:
        user.groups.add(group)
    return user


def ask(user: User, method: str, address: str, body: Any) -> Any:
    """A page by the session, the API by the token."""
    if address.startswith("/api/"):
        client = Client(headers={"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"})
        more = {"content_type": "application/json"} if body is not None else {}
        return getattr(client, method)(address, *(() if body is None else (body,)), **more)
    return getattr(signed_in(user), method)(address, *(() if body is None else (body,)))


@pytest.mark.parametrize("inside", [True, False], ids=["in the group", "outside"])
@pytest.mark.parametrize("role", ["supervisor", "operator"])
@pytest.mark.parametrize(
    ("method", "address", "body", "supervisor", "operator"),
    [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in ONE],
)
def test_what_belongs_to_a_limited_campaign_is_not_there_for_outsiders(
    role: str,
    inside: bool,
    method: str,
    address: str,
    body: Any,
    supervisor: int,
    operator: int,
    ids: dict[str, int],
    north: Group,
) -> None:
    expected = {"supervisor": supervisor, "operator": operator}[role]
    missing = 302 if address.endswith(("/change/", "/history/", "/delete/")) else 404  # the admin leads home
    answer = ask(person(role, north if inside else None), method, address.format(**ids), body)

    assert answer.status_code == (expected if inside or expected == 403 else missing), answer.content
    if not inside and missing == 302 and answer.status_code == 302:
        assert answer["Location"] == "/admin/"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", [route for views in VIEWS for route, _view, _name in views(None).routes()])
def test_no_address_of_a_dialer_or_base_is_there_for_outsiders(
    route: str, method: str, ids: dict[str, int]
) -> None:
    known = {"dialer_id": ids["dialer"], "base_id": ids["base"], "message_id": ids["sent"], "act": "pause"}
    address = re.sub(r"<\w+:(\w+)>", lambda found: str(known[found[1]]), route)

    answer = ask(person("supervisor", None), method, f"/admin/dialers/dialer/{address}", {"sure": "1"})

    assert answer.status_code in (404, 405)
    assert method == "get" or answer.status_code == 404 or answer["Allow"] == "GET"


@pytest.mark.parametrize("inside", [True, False], ids=["in the group", "outside"])
@pytest.mark.parametrize("role", ["supervisor", "operator"])
@pytest.mark.parametrize(("address", "sign", "operators"), [pytest.param(*row, id=row[0]) for row in LISTS])
def test_lists_and_choices_leave_a_limited_campaign_out(
    role: str, inside: bool, address: str, sign: str, operators: bool, ids: dict[str, int], north: Group
) -> None:
    answer = ask(person(role, north if inside else None), "get", address.format(**ids), None)

    if role == "operator" and not operators:
        assert answer.status_code == 403
    else:
        assert answer.status_code == 200
        assert (sign in answer.content.decode()) is inside


def test_superusers_see_every_campaign(ids: dict[str, int]) -> None:
    root = make_user("root", is_staff=True, is_superuser=True)

    assert "Quiet" in ask(root, "get", f"{V1}campaigns/", None).content.decode()
    assert "We remind you" in ask(root, "get", f"{V1}messages/", None).content.decode()
    assert "Quiet" in words(ask(root, "get", "/board/", None))


def test_a_campaign_without_groups_is_everybodys(ids: dict[str, int]) -> None:
    Campaign.objects.get().groups.clear()

    assert ask(person("operator", None), "get", f"{V1}campaigns/{ids['campaign']}/", None).status_code == 200


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("dialers/", {"name": "Mine", "provider": "{provider}", "campaign": "{campaign}"}),
        ("members/", {"campaign": "{campaign}", "agent": "{agent}"}),
    ],
    ids=["a dialer", "a member"],
)
def test_the_api_puts_nothing_into_a_campaign_that_its_caller_does_not_see(
    address: str, body: dict[str, str], ids: dict[str, int]
) -> None:
    known = {**ids, "agent": make_agent("joao").pk}
    given = {name: value.format(**known) for name, value in body.items()}

    answer = ask(person("supervisor", None), "post", V1 + address, given)

    assert answer.status_code == 400, answer.content
    assert "object does not exist" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/admin/chat_sessions/chatsession/assign/?ids={unrouted}", "/desk/{unrouted}/campaign/"],
    ids=["in the admin", "on the desk"],
)
def test_an_interaction_is_not_assigned_to_a_hidden_campaign(address: str, ids: dict[str, int]) -> None:
    ask(person("supervisor", None), "post", address.format(**ids), {"campaign": ids["campaign"]})

    assert ChatSession.objects.get(pk=ids["unrouted"]).campaign is None


def test_a_dialer_without_campaign_is_everybodys(ids: dict[str, int]) -> None:
    Dialer.objects.update(campaign=None)

    assert ask(person("operator", None), "get", f"{V1}bases/{ids['base']}/", None).status_code == 200


def test_a_supervisor_who_is_a_member_answers_there_all_the_same(ids: dict[str, int]) -> None:
    supervisor = person("supervisor", None)
    Member.objects.create(campaign_id=ids["campaign"], agent=supervisor)

    assert ask(supervisor, "post", f"/desk/{ids['session']}/take/", {}).status_code == 200
    assert ChatSession.objects.get(pk=ids["session"]).agent == supervisor


def test_an_agent_answers_in_their_own_campaigns_whatever_its_groups(ids: dict[str, int]) -> None:
    ana, stranger = User.objects.get(username="ana"), make_agent("joao")

    assert ask(ana, "get", f"/desk/{ids['session']}/", None).status_code == 200
    assert ask(ana, "get", f"{V1}messages/{ids['received']}/", None).status_code == 200
    assert ask(stranger, "get", f"/desk/{ids['session']}/", None).status_code == 404
    assert ask(stranger, "get", f"{V1}messages/{ids['received']}/", None).status_code == 404


@pytest.mark.parametrize(
    "call", ["campaigns/{campaign}/", "dialers/{dialer}/", "bases/{base}/", "members/{member}/"]
)
def test_an_agent_reads_no_configuration_not_even_of_their_own_campaign(
    call: str, ids: dict[str, int]
) -> None:
    assert ask(User.objects.get(username="ana"), "get", V1 + call.format(**ids), None).status_code == 403


def test_the_other_number_of_the_customer_stays_readable(ids: dict[str, int]) -> None:
    """Only what the campaign itself said and heard is kept."""
    other = make_provider("Other", "59829001234")
    outgoing(make_contact(other, "59899000003"), "Something else")

    page = ask(person("operator", None), "get", f"{V1}messages/", None).content.decode()
    assert "Something else" in page
    assert OUR_NUMBER not in page
