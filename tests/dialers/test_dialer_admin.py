"""Dialers → SMS: the form for supervisors; for operators upload, start, pause, cancel and the unconfirmed ones."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dialers import bases, loading
from dialers.models import Base, BaseState, Dialer, Row
from providers import tally
from providers.models import Message
from providers.pages import change_url
from providers.states import PENDING, State
from tests.dialers.files import loaded
from tests.factories import (
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_supervisor,
    outgoing,
)
from tests.pages import filled, labels, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/dialers/dialer/add/"
LIST = "/admin/dialers/dialer/"
TWO_GOOD = (
    b"WavyDialer;59899123456;hsm:chatclub_open_session_v2:Integra:Operation Performed;9999\n"
    b"WavyDialer;59899123457;hsm:chatclub_open_session_v2:Integra:Operation Refused;9999\n"
    b"WavyDialer;59899123458;hsm:unknown_template:Integra;9999\n"
)


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


@pytest.fixture
def page(dialer: Dialer) -> str:
    return reverse("admin:dialers_dialer_change", args=[dialer.pk])


@pytest.fixture
def ready(dialer: Dialer) -> Base:
    """A loaded base with two good lines and a bad one."""
    base = bases.upload(dialer, SimpleUploadedFile("monday.csv", TWO_GOOD), None)
    loading.load(base.pk)
    base.refresh_from_db()
    return base


def upload(client: Client, dialer: Dialer, name: str, body: bytes) -> str:
    """The words of the page after a file was uploaded."""
    address = reverse("admin:dialers_upload", args=[dialer.pk])
    return words(client.post(address, {"file": SimpleUploadedFile(name, body)}, follow=True))


def act(client: Client, base: Base, name: str, **headers: str) -> str:
    """The words of the page after a button of a base was pressed."""
    address = reverse("admin:dialers_base_act", args=[base.pk, name])
    return words(client.post(address, follow=True, **headers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Name",
            "SMS providers",
            "Dialing chain",
            "Time between messages",
            "Schedule",
            "Time zone",
            "Enabled",
        ),
        *("DNCR", "Campaign", "Language", "Default country", "Attempts", "Retry after"),
    ],
)
def test_every_field_of_the_guide_is_found_by_its_words(supervisor: Client, label: str) -> None:
    assert label in labels(supervisor.get(ADD))


def test_without_a_provider_the_page_says_to_create_one_first(supervisor: Client) -> None:
    page = supervisor.get(ADD)

    assert "Create a provider first" in words(page)
    assert reverse("admin:providers_provider_add") in page.content.decode()


def test_minutes_on_the_page_are_seconds_in_the_database(
    supervisor: Client, dialer: Dialer, page: str
) -> None:
    supervisor.post(page, filled(supervisor.get(page), retry_minutes="1.5"))

    dialer.refresh_from_db()
    assert dialer.retry_after == 90
    assert supervisor.get(page).context["adminform"].form["retry_minutes"].value() == Decimal("1.5")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "Wavy Dialer", "Only the letters A–Z and a–z, digits, “_” and “-” are allowed."),
        ("dialing_chain", "(598", "This pattern does not compile"),
        ("schedule", "lun;09:00-17:59", "“lun” is no day."),
        ("time_between_messages", "-1", "greater than or equal to 0"),
        ("provider", "", "create a provider first"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    supervisor: Client, dialer: Dialer, page: str, field: str, value: str, sentence: str
) -> None:
    refused = supervisor.post(page, filled(supervisor.get(page), **{"attempts": 7, field: value}))

    assert sentence in words(refused)
    assert 'value="7"' in refused.content.decode()
    dialer.refresh_from_db()
    assert dialer.attempts == 3


def test_an_upload_is_loaded_and_sends_nothing(operator: Client, dialer: Dialer) -> None:
    text = upload(operator, dialer, "monday.csv", TWO_GOOD)

    assert "“monday.csv” is being loaded. Nothing is sent until you start it." in text
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "photo.jpg: This file is not text."),
        ("empty.csv", b"", "empty.csv: The file is empty."),
    ],
    ids=["not text", "empty"],
)
def test_a_file_that_is_no_base_is_refused_with_its_reason(
    operator: Client, dialer: Dialer, name: str, body: bytes, sentence: str
) -> None:
    assert sentence in upload(operator, dialer, name, body)
    assert not Base.objects.exists()


def test_a_file_that_is_too_large_is_refused(
    operator: Client, dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bases, "LARGEST_FILE", 100)

    assert "The file is larger than 200 MiB." in upload(operator, dialer, "big.csv", TWO_GOOD)


def test_uploading_without_a_file_says_what_to_do(operator: Client, dialer: Dialer) -> None:
    answer = operator.post(reverse("admin:dialers_upload", args=[dialer.pk]), follow=True)

    assert "Choose a file first" in words(answer)


def test_a_loaded_base_shows_what_was_found_and_its_error_report(
    operator: Client, ready: Base, page: str
) -> None:
    text = words(operator.get(page))
    assert "monday.csv ready Start Discard" in text
    assert "UTF-8, separated by semicolons · 2 valid lines · 1 invalid line ( error report )" in text

    report = operator.get(reverse("admin:dialers_base_errors", args=[ready.pk]))
    lines = b"".join(report.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "line,reason,text"
    assert lines[1].startswith("3,")
    assert "unknown_template" in lines[1]


def test_the_preview_shows_messages_as_customers_will_read_them(operator: Client, ready: Base) -> None:
    address = reverse("admin:dialers_base_preview", args=[ready.pk])

    assert "+59899123456 · line 1 Integra reports: Operation Performed" in words(operator.get(address))
    fragment = operator.get(address, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment
    assert "Operation Refused" in fragment


def test_only_the_newest_ready_base_opens_its_preview(operator: Client, ready: Base) -> None:
    newer = loaded(ready.dialer, ["WavyDialer;59899123456;hsm:welcome;1"])
    opened = {card.base.pk: card.opens for card in operator.get(change_url(ready.dialer)).context["cards"]}
    assert opened == {newer.pk: True, ready.pk: False}


def test_while_a_newer_base_loads_the_older_one_stays_folded(operator: Client, ready: Base) -> None:
    make_base(ready.dialer, state=BaseState.LOADING)
    assert not any(card.opens for card in operator.get(change_url(ready.dialer)).context["cards"])


def test_retry_after_is_no_change_where_nobody_changed_it(
    supervisor: Client, page: str, dialer: Dialer
) -> None:
    for seconds in (60, 90, 600, 45):
        Dialer.objects.update(retry_after=seconds)
        form = supervisor.get(page)
        supervisor.post(page, filled(form, failure_limit=seconds % 100))
    told = [str(entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]
    assert len(told) == 4
    assert not [one for one in told if "Retry after" in one]


def test_a_base_is_started_paused_resumed_and_cancelled(operator: Client, ready: Base) -> None:
    assert "monday.csv running Pause Cancel the remaining 2" in act(operator, ready, "start")
    assert "monday.csv paused Go on Cancel the remaining 2" in act(operator, ready, "pause")
    assert "monday.csv running" in act(operator, ready, "start")
    text = act(operator, ready, "cancel")
    assert "monday.csv cancelled" in text
    assert "2 of 2 unprocessed 0 cancelled 2" in text


def test_a_discarded_base_is_gone(operator: Client, ready: Base) -> None:
    assert "No base yet." in act(operator, ready, "discard")
    assert not Base.objects.exists()


def test_an_act_that_cannot_be_says_why(operator: Client, ready: Base, dialer: Dialer) -> None:
    dialer.enabled = False
    dialer.save()

    assert "The dialer “WavyDialer” is not enabled. Enable it first." in act(operator, ready, "start")
    assert "is not enabled" in act(operator, ready, "start", HTTP_HX_REQUEST="true")
    assert "only a running base can be paused" in act(operator, ready, "pause")


def test_the_page_keeps_itself_fresh_while_something_moves(operator: Client, ready: Base, page: str) -> None:
    assert 'data-poll="30"' in operator.get(page).content.decode()

    act(operator, ready, "start")

    assert 'data-poll="2"' in operator.get(page).content.decode()
    fragment = operator.get(reverse("admin:dialers_live", args=[ready.dialer_id])).content.decode()
    assert "<html" not in fragment
    assert 'id="dialer-head"' in fragment
    assert "data-unprocessed>2<" in fragment


def test_it_says_in_words_why_nothing_moves(operator: Client, ready: Base, dialer: Dialer, page: str) -> None:
    act(operator, ready, "start")
    tomorrow = (timezone.now() + timedelta(days=3)).strftime("%a").lower()
    Dialer.objects.update(schedule=f"{tomorrow};09:00-17:59")
    assert "Outside its schedule. It goes on by itself: " in words(operator.get(page))

    Base.objects.update(state=BaseState.PAUSED, reason="credentials")
    assert "The provider turns away the username or password" in words(operator.get(page))


@pytest.fixture
def uncertain(dialer: Dialer) -> Message:
    """A message of a finished base of which nobody knows whether it left."""
    base = make_base(dialer, state=BaseState.FINISHED, valid=1, lines=1)
    message = outgoing(
        make_contact(dialer.provider),
        "Integra reports",
        base=base,
        state=State.UNCERTAIN,
        uncertain_at=timezone.now(),
    )
    tally.append({(base.pk, int(State.QUEUED)): -1, (base.pk, int(State.UNCERTAIN)): 1})
    return message


@pytest.mark.parametrize(
    ("name", "after"),
    [("take-as-sent", "1 of 1 unprocessed 0 taken by Wavy 1"), ("send-again", "0 of 1 unprocessed 1")],
)
def test_an_unconfirmed_message_is_sent_again_or_taken_as_sent(
    operator: Client, uncertain: Message, page: str, name: str, after: str
) -> None:
    assert "Unconfirmed 1" in words(operator.get(page))

    address = reverse("admin:dialers_message_act", args=[uncertain.batch, uncertain.pk, name])
    text = words(operator.post(address, follow=True))

    assert "Unconfirmed 1" not in text
    assert after in text
    assert "not unconfirmed any more" in words(operator.post(address, follow=True))


def test_the_remaining_is_what_has_not_left(operator: Client, dialer: Dialer, page: str) -> None:
    base = make_base(dialer, valid=2000, lines=2000)
    tally.append({(base.pk, PENDING): 1200, (base.pk, int(State.QUEUED)): 4, (base.pk, int(State.READ)): 796})

    assert "Cancel the remaining 1,204" in words(operator.get(page))


def test_an_operator_reads_the_settings_and_cannot_change_them(
    operator: Client, dialer: Dialer, page: str
) -> None:
    assert "Retry after 1 minute" in words(operator.get(page))
    assert operator.post(page, {"name": "Mine"}).status_code == 403
    assert operator.get(ADD).status_code == 403


@pytest.mark.parametrize("name", ["start", "pause", "cancel", "discard"])
def test_an_agent_reaches_none_of_it(ready: Base, page: str, name: str) -> None:
    agent = signed_in(make_agent("agent1", make_campaign(ready.dialer.provider), is_staff=True))

    assert agent.get(page).status_code == 403
    assert agent.post(reverse("admin:dialers_base_act", args=[ready.pk, name])).status_code == 403
    assert agent.get(reverse("admin:dialers_base_errors", args=[ready.pk])).status_code == 403
    ready.refresh_from_db()
    assert ready.state == BaseState.READY


def test_an_act_is_never_done_by_following_a_link(operator: Client, ready: Base) -> None:
    assert operator.get(reverse("admin:dialers_base_act", args=[ready.pk, "start"])).status_code == 405


def test_the_pages_ask_the_database_as_often_for_many_as_for_one(
    operator: Client, dialer: Dialer, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        base = make_base(dialer, f"base{number}.csv", BaseState.FINISHED, valid=10, lines=10)
        tally.append({(base.pk, int(State.READ)): 10})
        make_dialer(dialer.provider, name=f"Dialer{number}")

    with django_assert_max_num_queries(12):
        operator.get(LIST)
    with django_assert_max_num_queries(18):
        operator.get(page)
    with django_assert_max_num_queries(14):
        operator.get(reverse("admin:dialers_live", args=[dialer.pk]))


@pytest.mark.parametrize("state", [BaseState.LOADING, BaseState.READY, BaseState.RUNNING, BaseState.PAUSED])
def test_a_page_of_ten_bases_asks_as_often_whatever_their_rows(
    operator: Client, dialer: Dialer, django_assert_max_num_queries: DjangoAssertNumQueries, state: str
) -> None:
    for number in range(10):
        base = make_base(dialer, f"base{number}.csv", state, valid=1_000_000, lines=1_000_000)
        tally.append({(base.pk, PENDING): 1_000_000})
        Row.objects.create(base=base, line=1, contact="1", address="1", kind="text", content={"text": "Hi"})

    with django_assert_max_num_queries(40):
        operator.get(reverse("admin:dialers_live", args=[dialer.pk]))
