"""Bases over SMS: what is a valid line, how many segments it takes, and what people are told before the start."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from dialers import loading
from dialers.mapping import apply_mapping, as_mapping
from dialers.models import Base, BaseState, Dialer, Row
from dialers.recycling import recycle
from dialers.reports import error_report
from dialers.segment_count import found_of
from providers import ledger
from providers.callbacks import drain as draining
from providers.models import Message, Provider
from providers.models.callback import CallbackKind
from providers.models.provider import ApiType
from providers.states import State
from tests.api.conftest import API
from tests.dialers.files import check_tally, in_flight, invalid_lines, loaded, settle, started, state_of
from tests.dialers.outcomes import become, messages_of
from tests.dialers.wavy import Wavy, trouble
from tests.factories import NOW, make_contact, make_operator
from tests.pages import signed_in, words
from tests.providers.scenes import stored

pytestmark = pytest.mark.django_db
ANA, EVA, JOE = "59899123456", "59899123457", "59899123458"


@pytest.fixture
def provider(provider: Provider) -> Provider:
    """The same provider, with its templates still there, over SMS."""
    provider.api_type, provider.number = ApiType.WAVY_SMS, "28149"
    provider.save()
    return provider


def lines(*messages: str) -> list[str]:
    return [f"WavyDialer;{59899123456 + n};{message};9999" for n, message in enumerate(messages)]


@pytest.fixture
def base(dialer: Dialer) -> Base:
    """One segment, two of the GSM alphabet, one and three of UCS-2; a duplicate."""
    texts = ["Hello", "a" * 161, "Olá", "ç" * 140]
    return loaded(dialer, [*lines(*texts), lines("Hello")[0]])


@pytest.mark.parametrize(
    ("message", "code", "part"),
    [
        pytest.param("hsm:welcome", "no_templates", "SMS knows no templates", id="a template"),
        pytest.param("HSM:notice:x", "no_templates", "Write the message itself", id="in capitals"),
        pytest.param("hsm:nonesuch", "no_templates", "SMS knows no templates", id="one that does not exist"),
        pytest.param("x" * 1281, "too_long", "1281 characters; 1,280 are allowed", id="too long"),
    ],
)
def test_a_line_that_sms_does_not_take_is_reported(
    dialer: Dialer, message: str, code: str, part: str
) -> None:
    base = loaded(dialer, lines(message, "Hello"))
    assert invalid_lines(base) == {1: (code, lines(message)[0])}
    assert part in base.invalid_lines.get().reason


def test_an_error_report_says_how_to_mend_it(dialer: Dialer) -> None:
    page = words(preview(signed_in(make_operator()), loaded(dialer, lines("hsm:welcome", "Hello"))))
    assert "a template, which SMS does not know 1" in page


def preview(client: Client, base: Base) -> Any:
    return client.get(reverse("admin:dialers_base_preview", args=[base.pk]), HTTP_HX_REQUEST="true")


def test_segments_are_counted_as_the_base_is_loaded(base: Base) -> None:
    assert found_of(base) == {
        "total": 1 + 2 + 1 + 3,
        "longest": 3,
        "several": 2,
        "ucs2": 2,
        "forced_by": {"á": 1, "ç": 1},
    }


def test_whatsapp_counts_none(dialer: Dialer) -> None:
    dialer.provider.api_type = ApiType.WAVY_WHATSAPP
    dialer.provider.save()
    assert found_of(loaded(dialer, lines("Hello"))) is None


def test_the_preview_says_how_many_segments_before_the_start(base: Base) -> None:
    page = words(preview(signed_in(make_operator()), base))
    assert "SMS segments in total the longest message takes 3 7" in page
    assert "take more than one segment" in page
    assert "because of “á”, “ç” 2" in page


def test_each_bubble_says_what_it_takes(base: Base) -> None:
    page = words(preview(signed_in(make_operator()), base))
    assert "line 2 · 2 SMS" in page
    assert "line 3 · 1 SMS · UCS-2 because of “á”" in page


def test_one_segment_each_without_a_foreign_character_warns_of_nothing(dialer: Dialer) -> None:
    page = words(preview(signed_in(make_operator()), loaded(dialer, lines("Hello", "Bye"))))
    assert "SMS segments in total each message takes 1 2" in page
    assert "more than one segment" not in page
    assert "UCS-2" not in page


def test_a_window_is_not_spoken_of(base: Base) -> None:
    assert "24-hour session" not in words(preview(signed_in(make_operator()), base))


def test_the_api_shows_the_segments(base: Base) -> None:
    client = APIClient()
    client.force_authenticate(make_operator())
    assert client.get(f"{API}bases/{base.pk}/").json()["segments"]["total"] == 7


def test_a_test_send_says_what_it_takes(base: Base) -> None:
    operator = signed_in(make_operator())
    address = reverse("admin:dialers_test_send", args=[base.pk])
    sent = operator.post(address, {"line": "2", "to": "+598 99 000 111"}, HTTP_HX_REQUEST="true")
    assert "line 2 · 2 SMS" in words(sent)
    assert Message.objects.get().state_key == "queued"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("", "1 SMS", id="the first"),
        pytest.param("2", "2 SMS", id="a line"),
        pytest.param("4", "3 SMS · UCS-2 because of “ç”", id="one of UCS-2"),
        pytest.param("99", "", id="no line"),
        pytest.param("x", "", id="no number"),
    ],
)
def test_before_a_test_send_the_page_says_what_the_line_takes(base: Base, line: str, said: str) -> None:
    address = reverse("admin:dialers_test_segments", args=[base.pk])
    assert words(signed_in(make_operator()).get(address, {"line": line})) == said


HEADER = "Nombre;Cel cliente;Aviso"


def test_a_header_of_ones_own_waits_for_the_column_of_the_text(dialer: Dialer) -> None:
    base = loaded(dialer, f"{HEADER}\nAna;{ANA};Hola Ana\n")
    assert (base.state, base.reason) == (
        BaseState.FAILED,
        "Choose the columns that hold the number and the message.",
    )


def test_the_columns_are_chosen_on_the_page_and_remembered(dialer: Dialer) -> None:
    operator = signed_in(make_operator())
    base = loaded(dialer, f"{HEADER}\nAna;{ANA};Hola Ana\n")
    address = reverse("admin:dialers_base_columns", args=[base.pk])
    asked = words(operator.get(address))
    assert "Message choose a column" in asked
    assert "choose a template" not in asked

    operator.post(address, {"destination": "Cel cliente", "message": "Aviso", "priority": ""})
    loading.load(base.pk)
    again = loaded(dialer, f"{HEADER}\nEva;{EVA};Hola Eva\n", name="again.csv")
    assert [row.content["text"] for row in Row.objects.order_by("base")] == ["Hola Ana", "Hola Eva"]
    assert (again.state, Row.objects.get(base=again).extra) == (BaseState.READY, {"Nombre": "Eva"})


def test_the_page_of_a_dialer_shows_a_line_as_sms_takes_it(dialer: Dialer) -> None:
    loaded(dialer, f"{HEADER}\nAna;{ANA};Hola Ana\n")
    page = words(signed_in(make_operator()).get(reverse("admin:dialers_dialer_change", args=[dialer.pk])))
    assert f"WavyDialer;{ANA};Your appointment is tomorrow at 9:00;9999" in page
    assert "hsm:" not in page
    assert "which template" not in page


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"destination": "Cel cliente", "message": "Aviso"}, None, id="a column of texts"),
        pytest.param({"destination": "Cel cliente"}, "mapping_column", id="none"),
        pytest.param({"destination": "Cel cliente", "message": "Texto"}, "mapping_column", id="one that is not there"),
        pytest.param({"template": "notice", "destination": "Cel cliente"}, "no_templates", id="a template"),
    ],
)  # fmt: skip
def test_the_columns_are_chosen_through_the_api(
    dialer: Dialer, body: dict[str, Any], code: str | None
) -> None:
    base = loaded(dialer, f"{HEADER}\nAna;{ANA};Hola Ana\nEva;5;Hola\n")
    client = APIClient()
    client.force_authenticate(make_operator())
    answer = client.post(f"{API}bases/{base.pk}/mapping/", body, format="json")
    assert (answer.status_code, answer.json().get("code")) == ((400, code) if code else (202, None))


def test_the_error_report_of_chosen_columns_may_be_mended(dialer: Dialer) -> None:
    base = loaded(dialer, f"{HEADER}\nAna;{ANA};Hola Ana\nEva;5;Hola Eva\n")
    apply_mapping(base, as_mapping({"destination": "Cel cliente", "message": "Aviso"}), None)
    loading.load(base.pk)
    report = "".join(error_report(Base.objects.select_related("dialer__provider").get(pk=base.pk)))
    mended = loaded(dialer, report.replace(";5;", f";{EVA};"), name="mended.csv")
    assert (mended.state, mended.valid) == (BaseState.READY, 1)
    assert Row.objects.get(base=mended).content == {"text": "Hola Eva"}


def test_no_word_of_whatsapps_tiers(base: Base) -> None:
    page = words(preview(signed_in(make_operator()), base))
    assert "4 messages, no pace set: under a minute at 1,000 a second" in page
    assert "WhatsApp" not in page


def test_a_base_leaves_in_requests_of_messages_that_differ(dialer: Dialer, wavy: Wavy) -> None:
    base = started(dialer, lines("Hello Ana", "Hello Eva", "Hello Joe"))
    assert settle(base)["accepted"] == 3
    (arrival,) = wavy.arrivals
    assert sorted(arrival.numbers) == [ANA, EVA, JOE]


def test_a_request_of_a_base_holds_as_many_as_the_provider_says(dialer: Dialer, wavy: Wavy) -> None:
    dialer.provider.recipients_per_request = 2
    dialer.provider.save()
    assert settle(started(dialer, lines(*(f"Hello {n}" for n in range(5)))))["accepted"] == 5
    assert sorted(len(arrival.numbers) for arrival in wavy.arrivals) == [1, 2, 2]


@pytest.mark.parametrize(
    ("status", "state", "base_state"),
    [
        pytest.param(400, "refused", BaseState.FINISHED, id="400: each is named by halves"),
        pytest.param(401, "queued", BaseState.PAUSED, id="401: the rows wait, the base is paused"),
        pytest.param(429, "queued", BaseState.RUNNING, id="429: the rows wait"),
        pytest.param(503, "queued", BaseState.RUNNING, id="503 with JSON: tried again later"),
        pytest.param(504, "uncertain", BaseState.FINISHED, id="504: nobody can know"),
    ],
)
def test_an_answer_means_the_same_over_sms(
    dialer: Dialer, wavy: Wavy, status: int, state: str, base_state: str
) -> None:
    wavy.behave = trouble(status)
    base = started(dialer, lines("Hello Ana", "Hello Eva", "Hello Joe"))
    settle(base)
    assert (settle(base)[state], state_of(base)[0]) == (3, base_state)


def test_what_was_in_flight_when_everything_died_is_unconfirmed_and_a_late_status_settles_it(
    dialer: Dialer, wavy: Wavy
) -> None:
    base = started(dialer, lines("Hello Ana", "Hello Eva"))
    in_flight(base, 2)
    later = NOW + timedelta(minutes=5)
    ledger.expire_leases(later)
    assert settle(base, later)["uncertain"] == 2
    assert not wavy.arrivals

    message = messages_of(base)[0]
    report = {"correlationId": str(message.correlation_id), "id": "w-1", "deliveredStatusCode": "4"}
    stored(base.dialer.provider, CallbackKind.STATUS, report)
    draining.drain(CallbackKind.STATUS, lambda: later)
    counts = check_tally(base)
    assert (counts["delivered"], counts["uncertain"]) == (1, 1)


def test_a_base_recycled_over_sms_counts_anew(dialer: Dialer, wavy: Wavy) -> None:
    base = started(dialer, lines("Hello", "a" * 161))
    settle(base)
    for message in messages_of(base):
        become(message, State.FAILED if len(message.text) > 160 else State.DELIVERED)
    base.refresh_from_db()
    found = found_of(recycle(base, ["failed"], None, NOW))
    assert found is not None
    assert (found["total"], found["several"]) == (2, 1)


def test_a_template_of_an_older_base_is_turned_away_at_the_gate(
    dialer: Dialer, provider: Provider, wavy: Wavy
) -> None:
    """A base that was loaded while the provider was still WhatsApp's."""
    Provider.objects.update(api_type=ApiType.WAVY_WHATSAPP)
    base = started(Dialer.objects.get(), lines("hsm:welcome"))
    Provider.objects.update(api_type=ApiType.WAVY_SMS)
    assert settle(base)["refused"] == 1
    assert messages_of(base)[0].error == "no_templates"
    assert not wavy.arrivals


def test_who_is_on_do_not_call_is_an_invalid_line(dialer: Dialer, provider: Provider) -> None:
    make_contact(provider, ANA)
    provider.donotcall_set.create(number=ANA)
    base = loaded(dialer, lines("Hello", "Bye"))
    assert invalid_lines(base)[1][0] == "do_not_call"
    assert found_of(base) == {"total": 1, "longest": 1, "several": 0, "ucs2": 0, "forced_by": {}}
    check_tally(base)
