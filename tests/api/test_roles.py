"""Who may do what: each role at each address with each method."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Campaign, Member
from providers.do_not_call import add
from providers.models import Provider
from providers.states import State
from tests.api.conftest import API, client_of
from tests.factories import (
    NOW,
    make_base,
    make_contact,
    make_dialer,
    make_session,
    make_template,
    make_user,
    outgoing,
)

# method, address, body, then the answers to: supervisor, operator, agent. Nobody always gets 401.
TABLE: list[tuple[str, str, Any, int, int, int]] = [
    ("get", "providers/", None, 200, 200, 403),
    ("post", "providers/", {}, 400, 403, 403),
    ("get", "providers/{provider}/", None, 200, 200, 403),
    ("patch", "providers/{provider}/", {"sms_from": "x"}, 200, 403, 403),
    ("put", "providers/{provider}/", {}, 405, 405, 405),
    ("delete", "providers/{provider}/", None, 409, 403, 403),
    ("get", "templates/", None, 200, 200, 403),
    ("post", "templates/", {}, 400, 403, 403),
    ("get", "templates/{template}/", None, 200, 200, 403),
    ("patch", "templates/{template}/", {"state": "error"}, 200, 403, 403),
    ("delete", "templates/{template}/", None, 204, 403, 403),
    ("get", "campaigns/", None, 200, 200, 403),
    ("post", "campaigns/", {}, 400, 403, 403),
    ("get", "campaigns/{campaign}/", None, 200, 200, 403),
    ("patch", "campaigns/{campaign}/", {"enabled": False}, 200, 403, 403),
    ("delete", "campaigns/{campaign}/", None, 409, 403, 403),
    ("get", "members/", None, 200, 200, 403),
    ("post", "members/", {}, 400, 403, 403),
    ("get", "members/{member}/", None, 200, 200, 403),
    ("patch", "members/{member}/", {"penalty": 5}, 200, 403, 403),
    ("delete", "members/{member}/", None, 204, 403, 403),
    ("get", "dialers/", None, 200, 200, 403),
    ("post", "dialers/", {}, 400, 403, 403),
    ("get", "dialers/{dialer}/", None, 200, 200, 403),
    ("patch", "dialers/{dialer}/", {"attempts": 2}, 200, 403, 403),
    ("delete", "dialers/{dialer}/", None, 409, 403, 403),
    ("get", "dialers/{dialer}/bases/", None, 200, 200, 403),
    ("post", "dialers/{dialer}/bases/", "file", 202, 202, 403),
    ("post", "dialers/{dialer}/start/", None, 200, 200, 403),
    ("post", "dialers/{dialer}/pause/", None, 200, 200, 403),
    ("post", "dialers/{dialer}/stop/", None, 200, 200, 403),
    ("get", "dialers/{dialer}/start/", None, 405, 405, 405),
    ("get", "do-not-call/", None, 200, 200, 403),
    ("post", "do-not-call/", {}, 400, 400, 403),
    ("get", "do-not-call/{entry}/", None, 200, 200, 403),
    ("patch", "do-not-call/{entry}/", {"reason": "asked"}, 200, 403, 403),
    ("delete", "do-not-call/{entry}/", None, 204, 403, 403),
    ("get", "bases/", None, 200, 200, 403),
    ("post", "bases/", {}, 405, 405, 405),
    ("get", "bases/{base}/", None, 200, 200, 403),
    ("patch", "bases/{base}/", {}, 200, 200, 403),
    ("delete", "bases/{base}/", None, 409, 409, 403),
    ("get", "bases/{base}/errors/", None, 200, 200, 403),
    ("get", "bases/{base}/uncertain/", None, 200, 200, 403),
    ("post", "bases/{base}/start/", None, 200, 200, 403),
    ("post", "bases/{base}/pause/", None, 200, 200, 403),
    ("post", "bases/{base}/cancel/", None, 200, 200, 403),
    ("post", "bases/{base}/test-send/", {}, 400, 400, 403),
    ("post", "bases/{base}/lift-cap/", {}, 400, 400, 403),
    ("get", "messages/", None, 200, 200, 200),
    ("post", "messages/", {}, 400, 400, 403),
    ("get", "messages/{message}/", None, 200, 200, 404),
    ("get", "messages/{own_message}/", None, 200, 200, 200),
    ("delete", "messages/{message}/", None, 405, 405, 405),
    ("post", "messages/{message}/send-again/", None, 200, 200, 403),
    ("post", "messages/{message}/take-as-sent/", None, 200, 200, 403),
    ("get", "sessions/", None, 200, 403, 200),
    ("get", "sessions/{session}/", None, 200, 403, 200),
    ("get", "sessions/{foreign_session}/", None, 200, 403, 404),
    ("post", "sessions/{session}/take/", None, 200, 403, 200),
    ("post", "sessions/{foreign_session}/take/", None, 200, 403, 404),
    ("post", "sessions/{session}/messages/", {}, 400, 403, 400),
    ("post", "sessions/{session}/close/", None, 200, 403, 403),
    ("post", "sessions/", {}, 400, 403, 400),
]
ROWS = [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in TABLE]


@pytest.fixture
def ids(provider: Provider, campaign: Campaign, agent: User, tmp_path: Path, settings: Any) -> dict[str, int]:
    """One row of everything; the agent is a member of one campaign and not of the other."""
    settings.MEDIA_ROOT = tmp_path
    other = Campaign.objects.create(name="Other", provider=provider)
    dialer = make_dialer(provider, campaign)
    base = make_base(dialer, valid=1, lines=1)
    stranger = make_contact(provider, "59899000001")
    own, foreign = make_contact(provider, "59899000002"), make_contact(provider, "59899000003")
    message = outgoing(stranger, base=base, state=State.UNCERTAIN, uncertain_at=NOW)
    return {
        "provider": provider.pk,
        "template": make_template(provider).pk,
        "campaign": campaign.pk,
        "member": Member.objects.get(agent=agent).pk,
        "dialer": dialer.pk,
        "base": base.pk,
        "entry": add("59899000009", None).pk,
        "message": message.pk,
        "own_message": outgoing(own).pk,
        "session": make_session(own, campaign).pk,
        "foreign_session": make_session(foreign, other).pk,
    }


@pytest.fixture
def clients(as_supervisor: APIClient, as_operator: APIClient, as_agent: APIClient) -> dict[str, APIClient]:
    people = {"supervisor": as_supervisor, "operator": as_operator, "agent": as_agent}
    return {**people, "nobody": APIClient()}


def call(client: APIClient, method: str, address: str, body: Any) -> Any:
    if body == "file":
        file = SimpleUploadedFile("monday.csv", b"WavyDialer;59899123456;Hello;1\n")
        return client.post(address, {"file": file}, format="multipart")
    return getattr(client, method)(address, body) if body is not None else getattr(client, method)(address)


@pytest.mark.parametrize("role", ["supervisor", "operator", "agent", "nobody"])
@pytest.mark.parametrize(("method", "path", "body", "to_supervisor", "to_operator", "to_agent"), ROWS)
def test_each_role_gets_what_the_contract_grants(
    role: str,
    method: str,
    path: str,
    body: Any,
    to_supervisor: int,
    to_operator: int,
    to_agent: int,
    ids: dict[str, int],
    clients: dict[str, APIClient],
) -> None:
    expected = {"supervisor": to_supervisor, "operator": to_operator, "agent": to_agent, "nobody": 401}
    response = call(clients[role], method, API + path.format(**ids), body)
    assert response.status_code == expected[role], response.content
    assert (response.status_code < 400) or response["Content-Type"] == "application/problem+json"


def test_who_is_not_signed_in_reads_which_way_to_sign_in(nobody: APIClient, db: None) -> None:
    assert nobody.get(API + "providers/")["WWW-Authenticate"] == "Token"


def test_a_disabled_user_is_out(supervisor: User, as_supervisor: APIClient) -> None:
    supervisor.is_active = False
    supervisor.save()
    assert as_supervisor.get(API + "providers/").status_code == 401


def test_a_superuser_may_do_everything(provider: Provider) -> None:
    client = client_of(make_user("root", is_superuser=True))
    assert client.post(f"{API}providers/", {}).status_code == 400
    assert client.get(f"{API}sessions/").status_code == 200


def test_somebody_without_a_role_may_do_nothing(provider: Provider) -> None:
    client = client_of(make_user("newcomer"))
    answers = {
        client.get(API + path).status_code for path in ("providers/", "messages/", "sessions/", "bases/")
    }
    assert answers == {403}
