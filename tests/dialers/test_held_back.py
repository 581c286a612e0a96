"""What our own gate held back: a thing of its own on every page, told in the language of whoever reads it."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from dialers.exports import as_csv
from dialers.models import Base, Dialer
from dialers.rows import Wanted
from providers import tally
from providers.explained import explained
from providers.models import DoNotCall, Message, Template
from providers.states import State
from tests.dialers.files import settle, started
from tests.dialers.wavy import Reply, Wavy, accept, trouble
from tests.factories import NOW, make_contact, make_operator, make_supervisor
from tests.pages import signed_in, words

BASES = "/admin/dialers/dialer/bases/"
TEXT = "Your appointment is coming up on tomorrow at 12:00 PM"
TAKEN, TURNED_AWAY, ENDED, NEVER, STOPPED = (f"5989912346{n}" for n in range(5))


def all_but_one(body: dict[str, Any]) -> Reply:
    """Turns one number away, and every group that it is in."""
    numbers = {one["destination"] for one in body["destinations"]}
    return trouble(400)(body) if TURNED_AWAY in numbers else accept(body)


@pytest.fixture
def base(wavy: Wavy, dialer: Dialer) -> Base:
    """Five rows: one taken, one turned away by Wavy, three held back: a session ended, one never begun, opted out."""
    for number in (TAKEN, TURNED_AWAY, STOPPED):
        make_contact(dialer.provider, number, NOW - timedelta(hours=1))
    make_contact(dialer.provider, ENDED, NOW - timedelta(hours=25))
    numbers = (TAKEN, TURNED_AWAY, ENDED, NEVER, STOPPED)
    base = started(dialer, [f"{number};{TEXT}" for number in numbers])
    wavy.behave = all_but_one
    DoNotCall.objects.create(number=STOPPED, provider=dialer.provider)
    settle(base)
    settle(base)
    return base


@pytest.fixture
def operator(db: None) -> Client:
    return signed_in(make_operator("Olga"))


def held(base: Base, number: str) -> Message:
    return Message.objects.get(batch=base.pk, address=number)


def test_the_tally_counts_all_of_them_as_refused(base: Base) -> None:
    counts = tally.read([base.pk])[base.pk]
    assert (counts["accepted"], counts["refused"]) == (1, 4)


def test_the_card_tells_them_from_what_wavy_turned_away(base: Base, operator: Client) -> None:
    page = words(operator.get(f"/admin/dialers/dialer/{base.dialer_id}/change/"))
    assert "turned away by Wavy 1 held back by us 3" in page


def test_the_funnel_tells_them_apart_and_says_by_what(base: Base, operator: Client) -> None:
    page = words(operator.get(f"{BASES}{base.pk}/"))
    assert "turned away by Wavy 1 20.0 % held back by us 3 60.0 %" in page
    assert "held back by us The number is on the do-not-call list. Nothing is sent to it. 1" in page


@pytest.mark.parametrize(
    ("which", "numbers", "title"),
    [
        ("yes", {ENDED, NEVER, STOPPED}, "held back by us"),
        ("no", {TURNED_AWAY}, "turned away by Wavy"),
        ("", {ENDED, NEVER, STOPPED, TURNED_AWAY}, "Turned away by Wavy, or held back by us"),
    ],
    ids=["ours", "Wavy's", "both"],
)
def test_each_number_leads_to_its_own_rows(
    base: Base, operator: Client, which: str, numbers: set[str], title: str
) -> None:
    response = operator.get(f"{BASES}{base.pk}/rows/?state=refused&held_back={which}")
    shown = {row.number.replace(" ", "").lstrip("+") for row in response.context["rows"]}
    assert (shown, response.context["headline"]) == (numbers, title)


@pytest.mark.parametrize(
    "query", ["held_back=yes", "state=failed&held_back=yes", "state=refused&held_back=x"]
)
def test_only_refused_rows_can_be_asked_for_by_who_refused_them(
    base: Base, operator: Client, query: str
) -> None:
    assert operator.get(f"{BASES}{base.pk}/rows/?{query}").status_code == 404


def test_the_export_says_so_too(base: Base) -> None:
    text = "".join(as_csv(base, Wanted("refused"))).removeprefix("\ufeff")
    states = {row["number"]: row["state"] for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    assert states == {
        TURNED_AWAY: "turned away by Wavy",
        ENDED: "held back by us",
        NEVER: "held back by us",
        STOPPED: "held back by us",
    }


def test_they_go_again_apart_from_what_wavy_turned_away(base: Base, operator: Client) -> None:
    page = words(operator.get(f"{BASES}{base.pk}/again/"))
    assert page.index("Held back by us") != page.index("Turned away by Wavy")
    assert (
        "Held back by us 1 The number is on the do-not-call list" not in page
    )  # nobody who opted out goes again


# Who reads it decides the language, whatever the worker spoke


def test_a_reader_in_spanish_reads_spanish_and_since_when(base: Base) -> None:
    reader = signed_in(make_supervisor("Sofía", language="es"))
    page = words(reader.get(f"{BASES}{base.pk}/rows/?state=refused"))
    assert "La sesión de 24 horas terminó el 4 de marzo de 2026 a las 14:00" in page
    assert "este nunca escribió" in page
    assert "session" not in page


def test_the_export_is_in_the_language_of_who_asked_for_it(base: Base) -> None:
    with translation.override("pt-br"):
        text = "".join(as_csv(base, Wanted("refused")))
    assert "4 de Março de 2026" in text
    assert "never wrote" not in text


def test_the_moment_is_told_in_the_readers_own_zone(base: Base) -> None:
    reader = signed_in(make_supervisor("Sofía", time_zone="America/Montevideo"))
    page = words(reader.get(f"{BASES}{base.pk}/rows/?state=refused"))
    assert "The 24-hour session ended on March 4, 2026, 11 a.m." in page


def test_the_api_explains_it_and_gives_no_words_of_the_provider(base: Base) -> None:
    client = signed_in(make_supervisor("Sofía"))
    told = client.get(f"/api/v1/messages/{held(base, NEVER).pk}/").json()
    assert (told["error"], told["held_back"], told["error_detail"]) == ("window_closed", True, "")
    assert "this one never wrote" in told["explanation"]


def test_a_reason_that_was_written_down_before_still_reads(base: Base) -> None:
    Message.objects.filter(pk=held(base, ENDED).pk).update(error_detail="The session ended on March 1.")
    assert explained(held(base, ENDED)) == "The session ended on March 1."


@pytest.mark.parametrize(
    "kept", ['{"told": "window_en', '{"told": "nobody_knows"}', '{"told": "window_ended"}', ""]
)
def test_what_cannot_be_read_any_more_leaves_the_errors_own_sentence(base: Base, kept: str) -> None:
    Message.objects.filter(pk=held(base, ENDED).pk).update(error_detail=kept)
    assert explained(held(base, ENDED)).startswith("The 24-hour session of this customer is closed.")


def test_a_template_that_lost_its_approval_is_named_with_its_state(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, [f"{TAKEN};hsm:notice:x"])
    Template.objects.filter(code="notice").update(state="disapproved")
    settle(base)
    message = Message.objects.get(batch=base.pk, state=State.REFUSED)
    with translation.override("es"):
        assert "La plantilla “notice” no está aprobada (rechazada)" in explained(message)
