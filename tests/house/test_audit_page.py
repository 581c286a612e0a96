"""The page of who did what: found by person, act, kind, time and name; in the reader's words; never changed."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.acts import Act, Via
from accounts.audit import record
from accounts.models import Entry, User
from campaigns.models import Strategy
from dialers.models import Dialer
from providers.keeping.rules import before
from providers.models import KeepingRules
from tests.factories import (
    NOW,
    make_agent,
    make_base,
    make_campaign,
    make_dialer,
    make_operator,
    make_provider,
    make_supervisor,
)
from tests.pages import signed_in, words
from ucontact_wavy.pruning import prune

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/entry/"


@pytest.fixture
def supervisor() -> User:
    return make_supervisor("maria", language="en", time_zone="America/Montevideo")


@pytest.fixture
def client(supervisor: User) -> Client:
    return signed_in(supervisor)


@pytest.fixture
def dialer() -> Dialer:
    provider = make_provider()
    return make_dialer(provider, make_campaign(provider))


def entries(dialer: Dialer, n: int, **fields: Any) -> None:
    kind = ContentType.objects.get_for_model(Dialer)
    given = {
        "content_type": kind, "object_pk": str(dialer.pk), "object_id": dialer.pk, "object_repr": "WavyDialer",
        "action": 1, "act": Act.CHANGED, "changes": {"attempts": [3, 4]}, **fields,
    }  # fmt: skip
    Entry.objects.bulk_create(Entry(**given) for _one in range(n))


def rows(response: Any) -> list[str]:
    return [one.object_repr for one in response.context["cl"].result_list]


def test_it_reads_in_words_not_in_columns(client: Client, dialer: Dialer) -> None:
    campaign = dialer.campaign
    assert campaign is not None
    campaign.strategy = Strategy.RINGALL
    campaign.max_interactions = 7
    campaign.save()
    said = words(client.get(f"{LIST}?act=changed"))
    assert f"Strategy {Strategy.NOPAUSE.label} → {Strategy.RINGALL.label}" in said
    assert "max_interactions" not in said


def test_it_reads_in_the_readers_language(supervisor: User, dialer: Dialer) -> None:
    dialer.enabled = False
    dialer.save()
    supervisor.language = "es"
    supervisor.save()
    said = words(signed_in(supervisor).get(f"{LIST}?act=changed"))
    assert "Habilitado" in said
    assert "enabled" not in said.lower().split()


def test_an_entry_shows_all_that_changed_with_the_exact_time(client: Client, dialer: Dialer) -> None:
    entries(dialer, 1, timestamp=NOW, via=Via.PAGE, actor_name="pedro", remote_addr="192.0.2.1")
    entry = Entry.objects.latest("pk")
    said = words(client.get(f"{LIST}{entry.pk}/change/"))
    for expected in ("March 4, 2026, noon", "pedro", "on a page, from 192.0.2.1", "Attempts 3 4"):
        assert expected in said


def test_a_time_that_changed_is_in_the_readers_zone(client: Client, dialer: Dialer) -> None:
    record(make_base(dialer), Act.TERMS, {"start_at": (None, NOW.isoformat())})
    assert "Start date – → March 4, 2026, noon" in words(client.get(f"{LIST}?act=terms"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("who=system", ["by itself"], id="the program"),
        pytest.param("who={maria}", ["by maria"], id="a person"),
        pytest.param("act=paused", ["paused one"], id="an act"),
        pytest.param("q=paused", ["paused one"], id="a name"),
        pytest.param("q=MARIA", ["by maria"], id="a doer's name"),
        pytest.param("timestamp__gte={today}", ["today's"], id="a time"),
    ],
)
def test_it_is_found_by(
    client: Client, supervisor: User, dialer: Dialer, query: str, found: list[str]
) -> None:
    Entry.objects.all().delete()
    old = {"timestamp": timezone.now() - timedelta(days=30)}
    entries(dialer, 1, object_repr="by itself", via=Via.SYSTEM, **old)
    entries(dialer, 1, object_repr="by maria", via=Via.PAGE, actor=supervisor, actor_name="maria", **old)
    entries(dialer, 1, object_repr="paused one", act=Act.PAUSED, via=Via.API, actor_name="x", **old)
    entries(dialer, 1, object_repr="today's", via=Via.API, actor_name="x")
    wanted = query.format(maria=supervisor.pk, today=quote(f"{timezone.now():%Y-%m-%d} 00:00:00+00:00"))
    assert rows(client.get(f"{LIST}?{wanted}")) == found


def test_it_is_found_by_kind(client: Client, dialer: Dialer) -> None:
    kind = ContentType.objects.get_for_model(Dialer)
    assert rows(client.get(f"{LIST}?what={kind.pk}")) == ["WavyDialer"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/admin/providers/provider/{provider}/history/", "Wavy", id="a provider"),
        pytest.param("/admin/dialers/dialer/{dialer}/history/", "WavyDialer", id="a dialer"),
        pytest.param("/admin/accounts/user/{user}/history/", "maria", id="a person"),
    ],
)
def test_the_history_of_an_object_leads_there(
    client: Client, supervisor: User, dialer: Dialer, path: str, name: str
) -> None:
    address = path.format(provider=dialer.provider_id, dialer=dialer.pk, user=supervisor.pk)
    assert set(rows(client.get(address, follow=True))) == {name}


def test_the_history_of_a_dialer_tells_of_its_bases(client: Client, dialer: Dialer) -> None:
    record(make_base(dialer), Act.PAUSED, name="WavyDialer · monday.csv")
    page = client.get(f"/admin/dialers/dialer/{dialer.pk}/history/", follow=True)
    assert "WavyDialer · monday.csv" in rows(page)


def test_an_entry_leads_to_its_object(client: Client, dialer: Dialer) -> None:
    page = client.get(f"{LIST}?act=created&q=WavyDialer").content.decode()
    assert f'href="/admin/dialers/dialer/{dialer.pk}/change/"' in page


@pytest.mark.parametrize("method", ["post", "delete"])
def test_nobody_changes_an_entry(client: Client, dialer: Dialer, method: str) -> None:
    entry = Entry.objects.latest("pk")
    root = signed_in(User.objects.create_superuser("root"))
    for path in (f"{LIST}{entry.pk}/change/", f"{LIST}{entry.pk}/delete/", f"{LIST}add/"):
        assert root.post(path, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("make", "status"),
    [
        pytest.param(make_supervisor, 200, id="supervisor"),
        pytest.param(make_operator, 403, id="operator"),
        pytest.param(make_agent, 302, id="agent"),
    ],
)
def test_only_supervisors_read_it(make: Any, status: int) -> None:
    assert signed_in(make("somebody")).get(LIST).status_code == status


def test_the_page_asks_the_same_however_many_there_are(client: Client, dialer: Dialer) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(LIST)
        return len(queries)

    client.get(LIST)
    few = asked()
    entries(dialer, 120)
    assert asked() == few
    assert few < 80


@pytest.mark.parametrize(
    ("where", "index"),
    [
        pytest.param({"object_id": 1, "content_type": 1}, "entries_of_object", id="an object's"),
        pytest.param({"actor": 1}, "entries_of_person", id="a person's"),
        pytest.param({"act": "paused"}, "entries_of_act", id="an act's"),
        pytest.param({"timestamp__lt": NOW - timedelta(days=9)}, "timestamp", id="the old ones"),
    ],
)
def test_they_are_read_by_an_index(dialer: Dialer, where: dict[str, Any], index: str) -> None:
    entries(dialer, 3000, timestamp=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_entry")
    order = "timestamp" if "timestamp__lt" in where else "-pk"
    plan = Entry.objects.filter(**where).order_by(order)[:50].explain()
    assert index in plan
    assert "Seq Scan" not in plan


def test_old_entries_go_by_the_keeping_rules(dialer: Dialer) -> None:
    now = timezone.now()
    Entry.objects.update(timestamp=now - timedelta(days=11))
    newer = Entry.objects.latest("pk")
    Entry.objects.filter(pk=newer.pk).update(timestamp=now - timedelta(days=9))
    KeepingRules.objects.create(pk=1, entry_days=10)
    made = Entry.objects.latest("pk")
    prune(now)
    assert set(Entry.objects.values_list("pk", flat=True)) == {newer.pk, made.pk}


def test_they_are_kept_for_three_years_where_nobody_says_otherwise() -> None:
    assert before(NOW).entries == NOW - timedelta(days=1095)
