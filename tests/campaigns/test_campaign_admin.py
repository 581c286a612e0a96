"""Campaigns → SMS: General in the guide's words, the Members tab, and what supervisors look for in the list."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign
from tests.factories import make_agent, make_campaign, make_operator, make_provider, make_supervisor
from tests.pages import filled, labels, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/campaign/add/"
LIST = "/admin/campaigns/campaign/"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor(time_zone="America/Montevideo"))


def page_of(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


@pytest.mark.parametrize(
    "label",
    [
        *("Name", "Service level", "SMS providers", "DIDs - Ports", "Schedule", "Time zone", "Out of time"),
        *("Strategy", "Distribution", "Max interactions", "Enable"),
    ],
)
def test_every_field_of_the_guide_is_found_by_its_words(supervisor: Client, label: str) -> None:
    assert label in labels(supervisor.get(ADD))


def test_without_a_provider_the_page_says_to_create_one_first(supervisor: Client) -> None:
    page = supervisor.get(ADD)

    assert "Create a provider first" in words(page)
    assert reverse("admin:providers_provider_add") in page.content.decode()


def test_the_providers_number_and_the_persons_zone_are_offered(supervisor: Client) -> None:
    make_provider()

    form = supervisor.get(ADD).context["adminform"].form
    assert form["did_numbers"].value() == "+5511900000001"
    assert form["time_zone"].value() == "America/Montevideo"


def test_a_campaign_is_saved_with_its_numbers_and_members(supervisor: Client) -> None:
    make_provider()
    agent = make_agent("ana")
    member = {"member_set-0-agent": agent.pk, "member_set-0-penalty": 20}

    saved = supervisor.post(
        ADD,
        filled(supervisor.get(ADD), name="WhatsApp", did_numbers="+55 11 90000-0001", **member),
        follow=True,
    )

    campaign = Campaign.objects.get()
    assert "“WhatsApp” was saved. Now add its agents in the Members tab." in words(saved)
    assert [did.number for did in campaign.dids.all()] == ["5511900000001"]
    assert [(row.agent, row.penalty) for row in campaign.member_set.all()] == [(agent, 20)]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("did_numbers", "+55 11 90000-0001", "+55 11 90000-0001 belongs to the campaign “Billing”."),
        ("did_numbers", "no number", "The number has letters or signs in it."),
        ("schedule", "mon;9-17", "“9-17” is no span. Write it as 09:00-17:59."),
        ("time_zone", "Montevideo", "“Montevideo” is no time zone."),
        ("provider", "", "Without one, create a provider first."),
    ],
    ids=["a taken number", "letters", "a span without minutes", "half a zone", "no provider"],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    supervisor: Client, field: str, value: str, sentence: str
) -> None:
    make_campaign(make_provider(), "Billing", dids=("5511900000001",))
    typed = {"name": "Reminders", "out_of_time": "We are closed", "did_numbers": "+59829001234"}

    refused = supervisor.post(ADD, filled(supervisor.get(ADD), **{**typed, field: value}))

    assert sentence in words(refused)
    assert 'value="Reminders"' in refused.content.decode()
    assert "We are closed" in words(refused)
    assert Campaign.objects.count() == 1


def test_only_agents_are_offered_as_members(supervisor: Client) -> None:
    campaign = make_campaign(make_provider())
    make_agent("ana", first_name="Ana", last_name="Silva")
    make_operator()

    text = words(supervisor.get(page_of(campaign)))
    assert "Members" in text
    assert "Ana Silva (ana)" in text
    assert "(operator)" not in text


def test_a_member_is_added_only_once(supervisor: Client) -> None:
    campaign = make_campaign(make_provider())
    agent = make_agent("ana")
    twice = {
        "member_set-TOTAL_FORMS": 2,
        **{f"member_set-{row}-agent": agent.pk for row in (0, 1)},
        **{f"member_set-{row}-penalty": 0 for row in (0, 1)},
    }

    refused = supervisor.post(page_of(campaign), filled(supervisor.get(page_of(campaign)), **twice))

    assert refused.status_code == 200
    assert not campaign.member_set.exists()


def test_the_list_points_at_campaigns_without_members(supervisor: Client) -> None:
    provider = make_provider()
    make_agent("ana", make_campaign(provider, "Staffed"))
    make_campaign(provider, "Lonely")

    assert "Lonely Wavy without members" in words(supervisor.get(LIST))
    assert "Staffed" not in words(supervisor.get(LIST, {"members": "without"}))
    assert "Lonely" not in words(supervisor.get(LIST, {"members": "with"}))


def test_the_pages_ask_the_database_as_often_for_many_as_for_one(
    supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    provider = make_provider()
    campaigns = [make_campaign(provider, f"Campaign {n}", dids=(f"5511900000{n:03}",)) for n in range(30)]
    for n in range(30):
        make_agent(f"agent{n}", *campaigns)

    with django_assert_max_num_queries(12):
        supervisor.get(LIST)
    with django_assert_max_num_queries(22):
        supervisor.get(page_of(campaigns[0]))


def test_an_operator_reads_a_campaign_and_changes_nothing() -> None:
    campaign = make_campaign(make_provider(), dids=("5511900000001",))
    make_agent("ana", campaign)
    operator = signed_in(make_operator())

    text = words(operator.get(page_of(campaign)))
    assert "DIDs - Ports +55 11 90000-0001" in text
    assert "ana" in text
    assert operator.post(page_of(campaign), {"name": "Mine"}).status_code == 403
    assert operator.get(ADD).status_code == 403
