"""What pages read of the alerts that are open now."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from tests.factories import NOW, make_agent, make_campaign, make_operator, make_provider, make_supervisor
from ucontact_wavy.alerts import how_many, open_alerts, rules
from ucontact_wavy.alerts.keeping import prune_alerts
from ucontact_wavy.models import Alert, AlertKind

pytestmark = pytest.mark.django_db


def make_alert(kind: AlertKind = AlertKind.SILENT, **fields: Any) -> Alert:
    defaults = {"subject": "provider:1", "since": NOW, "opened_at": NOW, "values": {"provider": "Wavy"}}
    return Alert.objects.create(kind=kind, **{**defaults, **fields})


def test_an_open_alert_is_a_sentence_with_its_act() -> None:
    provider = make_provider()
    make_alert(
        AlertKind.CREDENTIALS, subject=f"provider:{provider.pk}", values={"provider": "Wavy", "bases": 2}
    )
    (found,) = open_alerts(make_supervisor(), NOW)
    assert found.sentence == "Wavy turns away the username or password since 15:00. 2 bases stand still."
    assert (found.act, found.url) == ("Open the provider", f"/admin/providers/provider/{provider.pk}/change/")


def test_the_worst_and_oldest_come_first() -> None:
    make_alert(level="amber", subject="provider:1", since=NOW - timedelta(hours=2))
    make_alert(subject="provider:2")
    make_alert(subject="provider:3", since=NOW - timedelta(hours=1))
    urls = [one.url for one in open_alerts(make_supervisor(), NOW)]
    assert [url.split("/")[-3] for url in urls] == ["3", "2", "1"]


@pytest.mark.parametrize(
    "fields",
    [pytest.param({"until": NOW}, id="over"), pytest.param({"opened_at": None}, id="only watched so far")],
)
def test_what_is_over_or_only_watched_is_not_listed(fields: dict[str, Any]) -> None:
    make_alert(**fields)
    supervisor = make_supervisor()
    assert (open_alerts(supervisor, NOW), how_many(supervisor, NOW)) == ([], 0)


@pytest.mark.parametrize("make", [make_operator, make_agent])
def test_alerts_are_for_supervisors(make: Any) -> None:
    make_alert()
    assert open_alerts(make(), NOW) == []


def test_that_nobody_watches_is_an_alert_too() -> None:
    rules.note_sweep(rules.current(), NOW - timedelta(minutes=5))
    supervisor = make_supervisor()
    (found,) = open_alerts(supervisor, NOW)
    assert found.sentence.startswith("No worker was heard from since 14:55")
    assert how_many(supervisor, NOW) == 1


def test_alerts_of_a_campaign_kept_from_somebody_are_kept_from_them_too() -> None:
    campaign = make_campaign(make_provider())
    campaign.groups.add(Group.objects.create(name="Montevideo"))
    values = {"campaign": "WhatsApp", "n": 1, "most": 1}
    make_alert(AlertKind.QUEUE_FULL, subject="campaign:1", campaign=campaign.pk, values=values)
    insider = make_supervisor("insider")
    insider.groups.add(Group.objects.get(name="Montevideo"))
    assert (how_many(insider, NOW), how_many(make_supervisor(), NOW)) == (1, 0)


def test_what_has_been_over_for_as_long_as_messages_are_kept_goes() -> None:
    year = timedelta(days=365)
    make_alert(subject="provider:1", since=NOW - 2 * year)
    make_alert(subject="provider:2", until=NOW - timedelta(days=1))
    make_alert(subject="provider:3", until=NOW - year - timedelta(days=1))
    prune_alerts(NOW)
    assert set(Alert.objects.values_list("subject", flat=True)) == {"provider:1", "provider:2"}
