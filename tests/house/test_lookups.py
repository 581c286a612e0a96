"""A form offers few things as a list and looks one of many up, of those alone that it would take."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts import choices
from accounts.models import Team, User
from campaigns.models import Campaign, Member
from providers.models import Provider, Template
from tests.factories import (
    make_agent,
    make_campaign,
    make_operator,
    make_provider,
    make_supervisor,
    make_template,
)
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
MANY = choices.FEW + 1
LOOKUP = "admin-autocomplete"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def many_providers() -> None:
    Provider.objects.bulk_create(
        Provider(name=f"Provider {n}", number=str(5511900100000 + n), username="x") for n in range(MANY)
    )


def many_agents() -> None:
    """Agents that end with a number, and one operator among them."""
    people = User.objects.bulk_create(User(username=f"agent-{n}") for n in range(MANY))
    make_agent("agent-own").groups.get().user_set.add(*people)
    make_operator("agent-not")


def offered(client: Client, word: str, **field: str) -> list[str]:
    answer = client.get("/admin/autocomplete/", {"term": word, **field})
    return [one["text"] for one in json.loads(answer.content)["results"]]


@pytest.mark.parametrize(
    "path", ["providers/template", "campaigns/campaign", "dialers/dialer", "providers/donotcall"]
)
def test_one_of_many_providers_is_looked_up(supervisor: Client, path: str) -> None:
    make_provider()
    address = f"/admin/{path}/add/"
    assert LOOKUP not in supervisor.get(address).content.decode()

    many_providers()

    page = supervisor.get(address).content.decode()
    assert LOOKUP in page
    assert "Provider 170" not in page


def test_what_was_looked_up_is_saved(supervisor: Client) -> None:
    template = make_template(make_provider())
    many_providers()
    other = Provider.objects.get(name="Provider 170")
    asked = {"app_label": "providers", "model_name": "template", "field_name": "provider"}
    address = f"/admin/providers/template/{template.pk}/change/"

    assert offered(supervisor, "Provider 170", **asked) == ["Provider 170"]
    supervisor.post(address, filled(supervisor.get(address), provider=other.pk))
    assert Template.objects.get().provider == other


def test_a_campaign_among_many_passes_interactions_on(supervisor: Client) -> None:
    campaign = make_campaign(make_provider())
    Campaign.objects.bulk_create(Campaign(name=f"C {n}", provider=campaign.provider) for n in range(MANY))
    other = Campaign.objects.get(name="C 7")
    address = f"/admin/campaigns/campaign/{campaign.pk}/change/"

    supervisor.post(address, filled(supervisor.get(address), overflow=other.pk))

    assert Campaign.objects.get(pk=campaign.pk).overflow == other
    assert "C 7" in words(supervisor.get(address))


def test_only_agents_are_looked_up_as_members(supervisor: Client) -> None:
    many_agents()
    campaign = make_campaign(make_provider())
    address = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    page = supervisor.get(address)
    row: dict[str, Any] = {"member_set-0-agent": User.objects.get(username="agent-7").pk}
    asked = {"app_label": "campaigns", "model_name": "member", "field_name": "agent"}

    assert offered(supervisor, "agent-own", **asked) == ["agent-own"]
    assert offered(supervisor, "agent-not", **asked) == []
    supervisor.post(address, filled(page, **row, **{"member_set-0-penalty": 3}))
    assert Member.objects.get().agent.username == "agent-7"


def test_people_are_looked_up_for_a_team(supervisor: Client) -> None:
    many_agents()
    team = Team.objects.create(name="North")
    User.objects.get(username="supervisor").groups.add(team)
    address = f"/admin/accounts/team/{team.pk}/change/"
    asked = {"app_label": "campaigns", "model_name": "campaign", "field_name": "members"}

    assert LOOKUP in supervisor.get(address).content.decode()
    assert offered(supervisor, "agent-own", **asked) == ["agent-own"]
    assert offered(supervisor, "supervisor", **asked) == []
    supervisor.post(
        address, filled(supervisor.get(address), people=[User.objects.get(username="agent-7").pk])
    )
    assert set(team.user_set.values_list("username", flat=True)) == {"agent-7", "supervisor"}
