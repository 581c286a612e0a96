"""DIDs belong to one campaign of a provider; members come and go without losing their penalty."""

import pytest

from accounts.roles import Role
from campaigns.models import Member
from campaigns.services import add_members, remove_members, set_dids
from providers.errors import Refusal
from tests.factories import make_agent, make_campaign, make_provider, make_user

pytestmark = pytest.mark.django_db


def test_numbers_in_any_spelling_become_digits_each_once() -> None:
    campaign = make_campaign(make_provider())

    set_dids(campaign, ["+55 11 90000-0001", "5511900000001", "+598 2900 1234"])

    assert set(campaign.dids.values_list("number", flat=True)) == {"5511900000001", "59829001234"}


def test_a_taken_number_names_the_other_campaign_and_changes_nothing() -> None:
    provider = make_provider()
    make_campaign(provider, "Billing", dids=("5511900000001",))
    campaign = make_campaign(provider, "Reminders", dids=("59829001234",))

    with pytest.raises(Refusal, match="belongs to the campaign “Billing”") as refused:
        set_dids(campaign, ["59829001234", "5511900000001"])

    assert (refused.value.code, refused.value.status) == ("did_taken", 400)
    assert [did.number for did in campaign.dids.all()] == ["59829001234"]


def test_another_provider_may_have_the_same_number() -> None:
    make_campaign(make_provider(), "Billing", dids=("5511900000001",))
    other = make_campaign(make_provider("Other", "59829001234"), "Reminders")

    set_dids(other, ["5511900000001"])

    assert other.dids.count() == 1


def test_a_changed_provider_takes_the_numbers_along() -> None:
    campaign = make_campaign(make_provider(), dids=("5511900000001",))
    campaign.provider = make_provider("Other", "59829001234")
    campaign.save()

    set_dids(campaign, ["5511900000001"])

    assert [did.provider for did in campaign.dids.all()] == [campaign.provider]


def test_no_numbers_is_allowed() -> None:
    campaign = make_campaign(make_provider(), dids=("5511900000001",))

    set_dids(campaign, [])

    assert not campaign.dids.exists()


def test_agents_join_several_campaigns_at_once_and_keep_a_penalty_they_have() -> None:
    provider = make_provider()
    first, second = make_campaign(provider, "First"), make_campaign(provider, "Second")
    ana = make_agent("ana", first, penalty=40)
    joao = make_agent("joao")

    assert add_members([first, second], [ana, joao], penalty=5) == 3

    assert set(Member.objects.values_list("campaign__name", "agent__username", "penalty")) == {
        ("First", "ana", 40),
        ("First", "joao", 5),
        ("Second", "ana", 5),
        ("Second", "joao", 5),
    }
    assert remove_members([first, second], [ana]) == 2


def test_nobody_outside_the_agents_group_becomes_a_member() -> None:
    campaign = make_campaign(make_provider())
    operator = make_user("op", Role.OPERATORS)

    with pytest.raises(Refusal, match="op is not in the Agents group"):
        add_members([campaign], [make_agent(), operator])

    assert not Member.objects.exists()
