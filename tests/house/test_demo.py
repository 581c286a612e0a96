"""manage.py demo: the guide's scenario, ready to try; twice is harmless, and nothing is sent."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Model

from accounts.models import User
from campaigns.models import DID, Campaign, Member
from campaigns.schedules import AROUND_THE_CLOCK
from dialers.models import Base, Dialer
from providers.models import CallbackToken, Message, Provider, Template
from sessions.models import ChatSession
from tests.factories import make_provider
from ucontact_wavy.demo import PASSWORD, is_empty, load_demo

pytestmark = pytest.mark.django_db
COUNTED: tuple[type[Model], ...] = (User, Provider, CallbackToken, Template, Campaign, DID, Member, Dialer)


def counts() -> list[int]:
    return [model._default_manager.count() for model in COUNTED]


def test_it_loads_the_guides_scenario() -> None:
    load_demo()
    provider, campaign, dialer = Provider.objects.get(), Campaign.objects.get(), Dialer.objects.get()
    assert (provider.name, provider.number, provider.default) == ("Wavy", "5511900000001", True)
    assert provider.sms_from
    assert (campaign.name, campaign.enabled, campaign.provider) == ("WhatsApp", True, provider)
    assert list(campaign.dids.values_list("number", flat=True)) == ["5511900000001"]
    assert (dialer.name, dialer.enabled, dialer.provider, dialer.campaign) == (
        "WavyDialer",
        True,
        provider,
        campaign,
    )
    assert sorted(campaign.members.values_list("username", flat=True)) == ["agent1", "agent2", "agent3"]


def test_its_templates_are_the_guides_and_two_more() -> None:
    load_demo()
    guide = Template.objects.get(code="chatclub_open_session_v2")
    assert guide.render(["Integra", "Operation Performed"]) == "Integra reports:\nOperation Performed"
    assert guide.parameters == 2
    assert Template.objects.filter(state="approved").count() >= 3


def test_it_is_open_around_the_clock_and_without_a_pace() -> None:
    load_demo()
    provider, campaign, dialer = Provider.objects.get(), Campaign.objects.get(), Dialer.objects.get()
    assert (campaign.schedule, dialer.schedule) == (AROUND_THE_CLOCK, AROUND_THE_CLOCK)
    assert (provider.messages_per_second, provider.daily_limit, dialer.time_between_messages) == (0, 0, 0)


@pytest.mark.parametrize(
    ("username", "role", "staff"),
    [
        ("supervisor", "Supervisors", True),
        ("operator", "Operators", True),
        ("agent1", "Agents", False),
        ("agent2", "Agents", False),
        ("agent3", "Agents", False),
    ],
)
def test_everybody_signs_in_with_the_printed_password(
    capsys: pytest.CaptureFixture[str], client: Any, username: str, role: str, staff: bool
) -> None:
    call_command("demo")
    line = next(line for line in capsys.readouterr().out.splitlines() if f"  {username} " in line)
    assert line.split() == [username, PASSWORD, role]
    assert client.login(username=username, password=PASSWORD)
    user = User.objects.get(username=username)
    assert (set(user.groups.values_list("name", flat=True)), user.is_staff) == ({role}, staff)


def test_twice_is_harmless() -> None:
    load_demo()
    before = counts()
    load_demo()
    assert counts() == before


def test_what_somebody_changed_stays_as_it_is() -> None:
    load_demo()
    Dialer.objects.update(enabled=False, time_between_messages=500)
    Campaign.objects.update(service_level=20)
    User.objects.get(username="agent1").delete()
    Provider.objects.update(name="Ours")
    load_demo()
    assert (Dialer.objects.get().enabled, Dialer.objects.get().time_between_messages) == (False, 500)
    assert (Campaign.objects.get().service_level, Provider.objects.get().name) == (20, "Ours")
    assert Member.objects.filter(agent__username="agent1").count() == 1


def test_nothing_is_sent() -> None:
    load_demo()
    assert [model._default_manager.count() for model in (Base, Message, ChatSession)] == [0, 0, 0]


def test_it_joins_a_provider_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    make_provider("Other", "5511900000002", default=True)
    assert not is_empty()
    call_command("demo", if_empty=True)
    assert (capsys.readouterr().out, User.objects.count()) == ("", 0)
    call_command("demo")
    assert Provider.objects.get(default=True).name == "Other"
    assert Campaign.objects.get().provider.name == "Wavy"
