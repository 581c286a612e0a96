"""A loaded base as its own preview: what customers will read, what was found, how long it takes, what to mind."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dialers import bases
from dialers.admin.duration import estimate_words
from dialers.admin.findings import invalid_by_reason
from dialers.admin.warnings import before_start
from dialers.models import Base, BaseState, Dialer
from dialers.reader import Flaw
from providers.models import Message, Provider
from tests.dialers.files import hsm_lines, loaded
from tests.factories import NOW, make_base, make_contact, make_operator, make_supervisor
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


def preview(client: Client, base: Base, query: str = "") -> str:
    """The words of the part of the page that shows a base before its start."""
    address = reverse("admin:dialers_base_preview", args=[base.pk]) + query
    return words(client.get(address, HTTP_HX_REQUEST="true"))


def found(base: Base, **figures: object) -> Base:
    """The base with what an import says of it."""
    base.found = {**base.found, **figures}
    base.save()
    return base


def test_it_shows_the_first_three_and_more_on_demand(operator: Client, dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(20, "hsm:notice:number {n}."))
    text = preview(operator, base)
    assert "number 3." in text
    assert "number 4." not in text

    more = operator.get(reverse("admin:dialers_base_bubbles", args=[base.pk]), {"rows": 13})
    assert "number 13. Show more of them" in words(more)


@pytest.mark.parametrize("asked", ["0", "-5", "9" * 30, "many"])
def test_whatever_number_is_asked_for_it_shows_a_few(operator: Client, dialer: Dialer, asked: str) -> None:
    base = loaded(dialer, hsm_lines(120))

    assert 1 <= preview(operator, base, f"?rows={asked}").count("Welcome!") <= 103


def test_it_counts_what_is_wrong_by_reason_in_plain_words(operator: Client, dialer: Dialer) -> None:
    base = loaded(dialer, [*hsm_lines(2), "WavyDialer;1;hsm:welcome", "WavyDialer;59899000001;hsm:none"])
    found(base, reasons={"number_length": 1200, "template_unknown": 1}, duplicates=3, do_not_call=2)
    text = preview(operator, base)

    assert "number too short or too long 1,200" in text
    assert "the same number and message again; goes out once 3" in text
    assert "in the do-not-call registry 2" in text
    assert text.index("too short") < text.index("do-not-call") < text.index("unknown template 1")
    assert "mend its last column and upload it as it is" in text


def test_the_same_number_with_another_message_is_pointed_out(operator: Client, dialer: Dialer) -> None:
    base = found(loaded(dialer, hsm_lines(2)), same_number=7, templates={"welcome": 2})
    text = preview(operator, base)

    assert "to a number that has another message here too they get more than one message" in text
    assert "Templates: welcome 2" in text


def test_free_text_says_who_may_get_it_now(operator: Client, dialer: Dialer, provider: Provider) -> None:
    make_contact(provider, "59899000001", last_incoming_at=timezone.now() - timedelta(hours=1))
    make_contact(provider, "59899000002", last_incoming_at=timezone.now() - timedelta(hours=25))
    base = found(loaded(dialer, hsm_lines(3, "Hello")), free_text=3, window_open=3)
    text = preview(operator, base)

    assert "free text, its 24-hour session open now 1" in text
    assert "free text without an open 24-hour session held back" in text


@pytest.mark.parametrize(
    ("n", "pace", "schedule", "at", "sentences"),
    [
        pytest.param(
            250_000,
            80,
            "",
            (13, 28),
            ["250,000 messages at 80 a second: 53 min", "Done about 14:20."],
            id="always open",
        ),
        pytest.param(
            250_000,
            80,
            "wed;09:00-19:59",
            (13, 28),
            ["250,000 messages at 80 a second: 53 min", "Inside the hours until 20:00, done about 14:20."],
            id="fits",
        ),
        pytest.param(
            250_000,
            80,
            "wed,thu;09:00-19:59",
            (19, 10),
            [
                "250,000 messages at 80 a second: 53 min",
                "Does not fit today: done about tomorrow 09:02.",
            ],
            id="goes on tomorrow",
        ),
        pytest.param(
            8000,
            80,
            "thu;09:00-19:59",
            (19, 10),
            ["8,000 messages at 80 a second: 2 min", "Begins tomorrow 09:00, done about tomorrow 09:01."],
            id="not before tomorrow",
        ),
        pytest.param(
            1,
            0,
            "",
            (12, 0),
            [
                "1 message, no pace set: under a minute at WhatsApp's highest tier, 1,000 a second",
                "Done about 12:00.",
            ],
            id="no pace",
        ),
    ],
)
def test_the_duration_is_told_and_how_it_fits_the_hours(
    dialer: Dialer, n: int, pace: int, schedule: str, at: tuple[int, int], sentences: list[str]
) -> None:
    dialer.schedule, dialer.provider.messages_per_second = schedule, pace
    base = make_base(dialer, valid=n, lines=n, state=BaseState.READY)

    assert estimate_words(base, datetime(2026, 3, 4, *at, tzinfo=UTC)) == sentences


def test_the_slower_of_the_two_paces_holds(dialer: Dialer) -> None:
    dialer.time_between_messages, dialer.provider.messages_per_second = 2500, 80

    (pace, *_rest) = estimate_words(make_base(dialer, valid=3600, lines=3600), NOW)
    assert pace == "3,600 messages at 0.4 a second: 2 h 30 min"


def test_it_says_what_the_daily_limit_holds_back(dialer: Dialer) -> None:
    dialer.provider.daily_limit = 1000
    sentences = estimate_words(make_base(dialer, valid=3600, lines=3600), NOW)

    assert "The provider's daily limit leaves 1,000 new people now; the rest waits" in sentences[-1]


def test_what_ends_before_it_is_done_is_told(dialer: Dialer) -> None:
    dialer.provider.messages_per_second = 1
    base = make_base(dialer, valid=7200, lines=7200, valid_until=NOW + timedelta(hours=1))

    assert "Not done before 16:00, when it is valid no more" in estimate_words(base, NOW)[1]


@pytest.fixture
def twice(dialer: Dialer) -> Base:
    """A ready base whose people Ana has started to write to."""
    ana = make_operator("ana", first_name="Ana")
    first = bases.start(loaded(dialer, hsm_lines(5, "hsm:notice:one"), name="one.csv"), ana, timezone.now())
    Base.objects.filter(pk=first.pk).update(started_at=timezone.now())
    return loaded(dialer, hsm_lines(5, "hsm:notice:two"), name="two.csv")


def start(client: Client, base: Base, hx: str = "", **data: str) -> str:
    address = reverse("admin:dialers_base_act", args=[base.pk, "start"])
    return words(client.post(address, data, follow=True, HTTP_HX_REQUEST=hx))


def test_what_went_out_today_is_told_and_asked_about(operator: Client, twice: Base) -> None:
    told = "about 5, are in what went out today: Ana started “one.csv” on WavyDialer at"
    assert told in preview(operator, twice)

    asked = start(operator, twice)
    twice.refresh_from_db()
    assert told in asked
    assert "Start all the same?" in asked
    assert twice.state == BaseState.READY


@pytest.mark.parametrize("hx", ["", "true"])
def test_the_answer_starts_it(operator: Client, twice: Base, hx: str) -> None:
    assert "Start all the same?" in start(operator, twice, hx=hx)
    assert "two.csv running" in start(operator, twice, sure="1", hx=hx)


def test_start_all_asks_too(operator: Client, twice: Base) -> None:
    address = reverse("admin:dialers_dialer_act", args=[twice.dialer_id, "start"])
    assert "Start all the same?" in words(operator.post(address))
    assert "two.csv running" in words(operator.post(address, {"sure": "1"}, follow=True))


def test_the_same_file_names_who_how_many_when_and_where(dialer: Dialer) -> None:
    ana = make_operator("ana", first_name="Ana")
    at = datetime(2026, 3, 4, 9, 14, tzinfo=UTC)
    make_base(dialer, "lunes.csv", started_at=at, started_by=ana, valid=12430, lines=12430, sha256="ab")
    base = make_base(dialer, state=BaseState.READY, valid=12430, lines=12430, sha256="ab")

    assert before_start(base, NOW) == [
        "Ana sent the same file to 12,430 people at 09:14 (“lunes.csv” on WavyDialer)."
    ]


def test_a_test_send_is_reported_on_the_page(operator: Client, dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(2))
    address = reverse("admin:dialers_test_send", args=[base.pk])
    text = words(operator.post(address, {"to": "+598 99 000 111", "line": "2"}, HTTP_HX_REQUEST="true"))

    assert "· line 2 queued" in text
    assert (
        'value="+598 99 000 111"'
        in operator.get(reverse("admin:dialers_base_preview", args=[base.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("line", "to", "why"),
    [
        ("1", "59899000111", "this one never wrote"),
        ("9", "59899000111", "Line 9 is no valid line"),
        ("one", "59899000111", "“one” is no line"),
        ("1", "", "The number is empty"),
    ],
)
def test_a_test_send_that_cannot_be_says_why(
    operator: Client, dialer: Dialer, line: str, to: str, why: str
) -> None:
    base = loaded(dialer, hsm_lines(2, "Hello"))
    address = reverse("admin:dialers_test_send", args=[base.pk])

    assert why in words(operator.post(address, {"to": to, "line": line}, HTTP_HX_REQUEST="true"))
    assert why in words(operator.post(address, {"to": to, "line": line}, follow=True))
    assert not Message.objects.exists()


def test_the_preview_asks_the_database_as_often_for_many_rows_as_for_few(
    dialer: Dialer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(make_supervisor())
    few, many = loaded(dialer, hsm_lines(3)), loaded(dialer, hsm_lines(3000, "hsm:notice:{n}"))
    bases.start(loaded(dialer, hsm_lines(3000, "hsm:notice:other")), None, timezone.now())
    for base in (few, many):
        with django_assert_max_num_queries(18):
            preview(client, base)


@pytest.mark.parametrize("flaw", list(Flaw), ids=str)
def test_every_flaw_of_a_line_has_a_word_on_the_page(dialer: Dialer, flaw: Flaw) -> None:
    (finding,) = invalid_by_reason(found(make_base(dialer), reasons={str(flaw): 1}))
    assert finding.word != str(flaw)
