"""A campaign is limited to teams on its page: to one's own, never so that one shuts oneself out."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign
from tests.factories import make_campaign, make_operator, make_provider, make_supervisor, make_user
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> User:
    return make_supervisor()


@pytest.fixture
def browser(supervisor: User) -> Client:
    return signed_in(supervisor)


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign(make_provider())


@pytest.fixture
def own(supervisor: User) -> Group:
    team = Group.objects.create(name="North")
    supervisor.groups.add(team)
    return team


@pytest.fixture
def foreign() -> Group:
    return Group.objects.create(name="South")


def save(browser: Client, campaign: Campaign, *teams: Group) -> str:
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    page = browser.get(address)
    return words(browser.post(address, filled(page, groups=[team.pk for team in teams]), follow=True))


def limits(campaign: Campaign) -> set[str]:
    return set(campaign.groups.values_list("name", flat=True))


def test_a_supervisor_limits_a_campaign_to_their_team(
    browser: Client, campaign: Campaign, own: Group
) -> None:
    save(browser, campaign, own)

    assert limits(campaign) == {"North"}


@pytest.mark.parametrize("name", ["South", "Supervisors"])
def test_a_group_that_is_no_team_of_theirs_is_not_taken(
    browser: Client, campaign: Campaign, own: Group, name: str
) -> None:
    other = Group.objects.get_or_create(name=name)[0]

    assert "is not one of the available choices" in save(browser, campaign, own, other)
    assert limits(campaign) == set()


def test_teams_of_others_stay_and_may_be_taken_off(
    browser: Client, campaign: Campaign, own: Group, foreign: Group
) -> None:
    campaign.groups.set([own, foreign])

    save(browser, campaign, own, foreign)
    assert limits(campaign) == {"North", "South"}

    save(browser, campaign, own)
    assert limits(campaign) == {"North"}


def test_nobody_shuts_themselves_out(browser: Client, campaign: Campaign, own: Group, foreign: Group) -> None:
    campaign.groups.set([own, foreign])

    assert "you would not see the campaign any more" in save(browser, campaign, foreign)
    assert limits(campaign) == {"North", "South"}


def test_a_campaign_that_one_may_not_see_is_not_named_by_its_number(
    browser: Client, campaign: Campaign, foreign: Group
) -> None:
    secret = make_campaign(campaign.provider, "Secret", dids=("5511900000001",))
    secret.groups.add(foreign)
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    typed = {"provider": campaign.provider_id, "did_numbers": "+55 11 90000-0001"}

    saved = browser.post(address, filled(browser.get(address), **typed))
    beside = browser.post(
        f"{reverse('admin:campaigns_campaign_check_numbers')}?campaign={campaign.pk}", typed
    )

    for page in (saved, beside):
        assert "belongs to a campaign of another group" in words(page)
        assert "Secret" not in page.content.decode()


def test_superusers_limit_to_any_team(campaign: Campaign, foreign: Group) -> None:
    save(signed_in(make_user("root", is_staff=True, is_superuser=True)), campaign, foreign)

    assert limits(campaign) == {"South"}


def test_an_operator_reads_the_limit(campaign: Campaign, foreign: Group) -> None:
    campaign.groups.add(foreign)
    operator = make_operator()
    operator.groups.add(foreign)

    page = signed_in(operator).get(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))

    assert "South" in words(page)


def test_a_team_that_limits_a_campaign_is_not_deleted(
    browser: Client, campaign: Campaign, own: Group
) -> None:
    campaign.groups.add(own)
    address = f"/admin/accounts/team/{own.pk}/delete/"

    refused = browser.post(address, {"post": "yes"}, follow=True)
    assert "Campaigns are limited to “North”: WhatsApp. Change those first." in words(refused)
    assert Group.objects.filter(pk=own.pk).exists()

    campaign.groups.clear()
    browser.post(address, {"post": "yes"})
    assert not Group.objects.filter(pk=own.pk).exists()


def test_the_list_of_teams_holds_ones_own_with_their_people(
    browser: Client, campaign: Campaign, own: Group, foreign: Group
) -> None:
    campaign.groups.add(own)

    page = words(browser.get("/admin/accounts/team/"))

    assert "North 1 WhatsApp" in page
    assert "South" not in page
