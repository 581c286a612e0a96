"""No list of the admin counts a large table to show a page of it, however it is searched and filtered."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from campaigns.models import Campaign
from dialers.models import Base, Dialer
from providers.models import Contact, DoNotCall, Message, Template
from providers.models.callback import Callback
from sessions.models import ChatSession
from tests.factories import (
    NOW,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_provider,
    make_session,
    make_supervisor,
    outgoing,
)
from tests.pages import signed_in

pytestmark = pytest.mark.django_db
ROWS = 12_000  # more than anybody counts
MOST_QUERIES = 30
COUNT = re.compile(r"SELECT COUNT\(", re.IGNORECASE)


@pytest.fixture
def large() -> None:
    """Of each thing more than anybody counts."""
    provider = make_provider()
    campaign = make_campaign(provider)
    dialer = make_dialer(provider, campaign)
    base = make_base(dialer)
    contact = make_contact(provider)
    outgoing(contact)
    session = make_session(contact, campaign, state="closed")
    template = Template.objects.create(provider=provider, code="one", body="Hello")
    entry = DoNotCall.objects.create(number="59800000000")
    callback = Callback.objects.create(provider=provider, kind="status", body=b"{}", received_at=NOW)
    user = User.objects.create(username="first")
    for row, unique in (
        (campaign, "name"),
        (dialer, "name"),
        (base, "name"),
        (contact, "contact"),
        (Message.objects.get(), "correlation_id"),
        (session, None),
        (template, "code"),
        (entry, "number"),
        (callback, None),
        (user, "username"),
    ):
        multiply(row, unique)


def multiply(row: Any, unique: str | None) -> None:
    """Copies a row ROWS times; what has to differ gets a number of its own."""
    fields = [field for field in row._meta.concrete_fields if not (field.primary_key or field.generated)]
    values = {field.column: f't."{field.column}"' for field in fields}
    if unique == "correlation_id":
        values[unique] = "gen_random_uuid()"
    elif unique:
        values[unique] = f"(10000000 + g)::text || t.{unique}"
    table = row._meta.db_table
    columns = ", ".join(f'"{name}"' for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join(values.values())} "  # noqa: S608 - our own names
            f"FROM generate_series(1, {ROWS}) g, {table} t WHERE t.id = %s",
            [row.pk],
        )
        cursor.execute(f"ANALYZE {table}")


LISTS: dict[str, tuple[Any, list[str]]] = {
    "campaigns": (Campaign, ["q=10000007", "members=without", "o=-1"]),
    "dialers": (Dialer, ["q=10000007", "stands=any", "work=unconfirmed", "work=itself"]),
    "bases": (Base, ["q=10000007", "at=work", "at=itself", "at=unconfirmed"]),
    "contacts": (Contact, ["q=59899123456"]),
    "messages": (Message, ["q=59899123456", "state__exact=50", "direction__exact=2"]),
    "interactions": (ChatSession, ["q=59899123456", "waits=late", "waits=3600", "routing=unrouted"]),
    "templates": (Template, ["q=10000007", "state__exact=approved"]),
    "do not call": (DoNotCall, ["q=598000", "source__exact=customer"]),
    "callbacks": (Callback, ["q=7", "state__exact=2"]),
    "users": (User, ["q=10000007", "role=none"]),
}


def unbounded(statement: str) -> bool:
    """Whether it counts without an end; what a page says of one thing alone has a key."""
    return bool(COUNT.search(statement)) and "LIMIT" not in statement and "GROUP BY" not in statement


def test_no_list_counts_a_large_table(large: None) -> None:
    client = signed_in(make_supervisor())
    told: dict[str, Any] = {}
    for name, (model, queries) in LISTS.items():
        options = model._meta
        address = f"/admin/{options.app_label}/{options.model_name}/"
        for query in ["", *queries]:
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(f"{address}?{query}")
            if answer.status_code != 200:
                told[f"{name} ?{query}"] = f"{answer.status_code} {answer.headers.get('Location')}"
            if len(asked) > MOST_QUERIES:
                told[f"{name} ?{query}"] = f"{len(asked)} queries"
            for one in asked:
                if unbounded(one["sql"]) and f'"{options.db_table}"' in one["sql"]:
                    told[f"{name} ?{query}"] = one["sql"]
    assert told == {}


def test_every_list_is_told_to_count_so_far_only_and_can_be_searched() -> None:
    single = {"sendingrules", "keepingrules", "legalhours", "alertrules", "member"}  # one page each
    lists = [one for model, one in admin.site._registry.items() if model._meta.model_name not in single]
    assert [str(one) for one in lists if one.show_full_result_count] == []
    sentences = {"alert"}  # made when they are read
    assert [str(one) for one in lists if not one.search_fields and one.opts.model_name not in sentences] == []
