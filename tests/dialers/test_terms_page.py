"""The terms of a base on its page: from when, until when, and the daily cap lifted for it with a reason."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dialers.admin.warnings import capped_words
from dialers.models import Base, BaseState, Dialer
from providers.models import SendingRules
from tests.dialers.files import hsm_lines, loaded
from tests.factories import make_base, make_contact, make_operator, outgoing
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


def preview(client: Client, base: Base) -> str:
    """The words of the part of the page that shows a base before its start."""
    address = reverse("admin:dialers_base_preview", args=[base.pk])
    return words(client.get(address, HTTP_HX_REQUEST="true"))


def dates(client: Client, base: Base, **fields: str) -> str:
    address = reverse("admin:dialers_base_dates", args=[base.pk])
    return words(client.post(address, fields, HTTP_HX_REQUEST="true"))


def test_the_dates_are_saved_in_the_dialers_zone(operator: Client, dialer: Dialer) -> None:
    Dialer.objects.update(time_zone="America/Montevideo")
    base = loaded(dialer, hsm_lines(2))
    text = dates(operator, base, start_at="2099-03-05T09:00", valid_until="2099-03-06T18:30")
    page = words(operator.get(reverse("admin:dialers_base_preview", args=[base.pk])))

    base.refresh_from_db()
    assert base.start_at == datetime(2099, 3, 5, 12, 0, tzinfo=UTC)
    assert "The dates are saved." in text
    assert "not before Thu 5 Mar 09:00 · valid until Fri 6 Mar 18:30" in page
    dates(operator, base, start_at="", valid_until="")
    assert Base.objects.filter(pk=base.pk, start_at=None, valid_until=None).exists()


@pytest.mark.parametrize(
    ("start_at", "valid_until", "why"),
    [
        ("2099-03-06T09:00", "2099-03-05T09:00", "must be later than the start date"),
        ("2001-03-06T09:00", "", "lies in the past"),
        ("tomorrow", "", "“tomorrow” is no date with a time"),
        ("2099-02-30T09:00", "", "“2099-02-30T09:00” is no date with a time"),
        ("0001-01-01T00:00", "", "“0001-01-01T00:00” is no date with a time"),
    ],
)
def test_dates_that_cannot_be_say_why_and_stay(
    operator: Client, dialer: Dialer, start_at: str, valid_until: str, why: str
) -> None:
    base = loaded(dialer, hsm_lines(2))
    address = reverse("admin:dialers_base_dates", args=[base.pk])
    page = operator.post(address, {"start_at": start_at, "valid_until": valid_until}, HTTP_HX_REQUEST="true")

    assert why in words(page)
    assert f'value="{start_at}"' in page.content.decode()
    base.refresh_from_db()
    assert base.start_at is None


def test_dates_around_a_turned_clock_are_compared_as_moments(operator: Client, dialer: Dialer) -> None:
    """The hour from one to two is left out that night: both fields name the same moment."""
    Dialer.objects.update(time_zone="Europe/Lisbon")
    base = loaded(dialer, hsm_lines(2))
    text = dates(operator, base, start_at="2099-03-29T01:30", valid_until="2099-03-29T02:30")
    assert "must be later than the start date" in text


@pytest.fixture
def capped(dialer: Dialer) -> Base:
    """A ready base; two of its five people have had their only message of today."""
    SendingRules.objects.create(pk=1, messages_per_day=1)
    earlier = make_base(dialer, state=BaseState.FINISHED)
    for n in (1, 2):
        contact = make_contact(dialer.provider, str(59_899_000_000 + n))
        outgoing(contact, at=timezone.now(), base=earlier)
    return loaded(dialer, hsm_lines(5))


def test_the_people_whom_the_daily_cap_holds_back_are_told(operator: Client, capped: Base) -> None:
    assert "2 people have had as many messages today as the rules allow" in preview(operator, capped)


def test_the_cap_is_lifted_with_a_reason_that_stays_to_be_seen(operator: Client, capped: Base) -> None:
    address = reverse("admin:dialers_base_lift_cap", args=[capped.pk])
    refused = words(operator.post(address, {"reason": " "}, HTTP_HX_REQUEST="true"))
    assert "Write why people may get more messages than the rules allow." in refused

    text = words(operator.post(address, {"reason": "The clinic is on fire"}, HTTP_HX_REQUEST="true"))
    assert "as the rules allow" not in text
    page = words(operator.get(reverse("admin:dialers_dialer_change", args=[capped.dialer_id])))
    assert "daily cap lifted by operator," in page
    assert ": The clinic is on fire" in page


def test_a_large_base_is_told_about_how_many_from_a_sample(
    dialer: Dialer, capped: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialers.samples.TRIES", 2)
    two = loaded(dialer, hsm_lines(2, "hsm:notice:other"))
    Base.objects.filter(pk=two.pk).update(valid=100_000)
    two.rows.filter(line=2).update(line=3)  # more lines than are looked up
    two.refresh_from_db()

    assert capped_words(two, timezone.now()).startswith("About 100,000 people have had")
