"""Choosing the template and the columns on the page: preselected, looked at, taken, remembered."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dialers.column_guess import guess
from dialers.models import Base, BaseState, Dialer
from providers.models import Provider, Template
from tests.factories import make_base, make_operator, make_template
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
HEADER = ["Nombre", "Teléfono móvil", "Fecha", "Hora", "Prioridad"]
SAMPLE = [
    ["María José", "59899123456", "tomorrow", "12:00 PM", "1"],
    ["João", "59899123457", "Monday", "9:00 AM", "2"],
]


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


@pytest.fixture
def base(dialer: Dialer) -> Base:
    """A file whose header names no column that is known."""
    found = {"needs_mapping": True, "header": HEADER, "sample": SAMPLE}
    return make_base(dialer, "turnos.csv", BaseState.FAILED, found=found, reason="Choose the columns.")


@pytest.fixture
def appointment(provider: Provider) -> Template:
    return Template.objects.get(code="appointment")


def columns(client: Client, base: Base, **data: Any) -> Any:
    address = reverse("admin:dialers_base_columns", args=[base.pk])
    return client.post(address, data, follow=True) if data else client.get(address)


def chosen(response: Any) -> dict[str, str]:
    return {choice.name: choice.chosen for choice in response.context["choices"]}


def test_it_asks_for_the_columns_instead_of_failing(operator: Client, base: Base, dialer: Dialer) -> None:
    page = words(operator.get(reverse("admin:dialers_dialer_change", args=[dialer.pk])))

    assert "turnos.csv choose the columns Discard Choose the columns. Say once" in page
    assert "failed" not in page


def test_it_shows_the_first_lines_and_the_templates(operator: Client, base: Base) -> None:
    text = words(columns(operator, base))

    assert "Nombre Teléfono móvil Fecha Hora Prioridad María José 59899123456 tomorrow 12:00 PM 1" in text
    assert "appointment (en)" in text
    assert "Use these columns" not in text


def test_a_look_shows_the_body_and_the_first_message(
    operator: Client, base: Base, appointment: Template
) -> None:
    key = appointment.pk
    page = columns(operator, base, look="1", template=key)
    assert "coming up on {{1}} at {{2}}" in words(page)
    named = {"destination": "Teléfono móvil", "priority": "Prioridad"}
    assert chosen(page) == {**named, "parameter1": "", "parameter2": ""}

    choice = {**named, "parameter1": "Nombre", "parameter2": "Fecha"}
    page = columns(operator, base, look="1", template=key, shown=key, **choice)
    assert chosen(page) == choice
    assert "59899123456 · the first line Your appointment is coming up on María José at tomorrow" in words(
        page
    )
    base.refresh_from_db()
    assert base.state == BaseState.FAILED


def test_what_was_chosen_stays_while_one_looks(operator: Client, base: Base, appointment: Template) -> None:
    key = appointment.pk
    choice = {"destination": "Teléfono móvil", "parameter1": "Fecha", "parameter2": "Hora", "priority": ""}
    page = columns(operator, base, look="1", template=key, shown=key, **choice)

    assert chosen(page) == choice
    assert "Your appointment is coming up on tomorrow at 12:00 PM" in words(page)


def test_the_choice_is_taken_and_the_base_is_loaded_with_it(
    operator: Client, base: Base, dialer: Dialer, appointment: Template
) -> None:
    choice = {"destination": "Teléfono móvil", "parameter1": "Fecha", "parameter2": "Hora", "priority": ""}
    text = words(columns(operator, base, template=appointment.pk, **choice))

    assert "“turnos.csv” is being loaded with these columns." in text
    base.refresh_from_db()
    assert base.state == BaseState.LOADING
    assert base.mapping == {
        "template": "appointment",
        "language": "en",
        "destination": "Teléfono móvil",
        "parameters": ["Fecha", "Hora"],
        "priority": None,
    }


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"destination": ""}, "Choose the column that holds the number."),
        ({"parameter2": ""}, "Choose a column for each parameter of the template."),
        ({"parameter1": "Apellido"}, "The file has no column “Apellido”."),
        ({"template": ""}, "has no template “”"),
    ],
)
def test_a_choice_that_will_not_do_says_why_and_stays(
    operator: Client, base: Base, appointment: Template, change: dict[str, str], why: str
) -> None:
    choice = {"destination": "Teléfono móvil", "parameter1": "Fecha", "parameter2": "Hora", "priority": ""}
    page = columns(operator, base, **{"template": appointment.pk, **choice, **change})

    assert why in words(page)
    assert page.context["choices"][-1].chosen == ""
    base.refresh_from_db()
    assert base.state == BaseState.FAILED


def test_a_ready_base_with_a_header_offers_its_columns_as_they_are(
    operator: Client, base: Base, dialer: Dialer, appointment: Template
) -> None:
    base.state, base.valid, base.lines, base.found = (
        BaseState.READY,
        2,
        2,
        {"header": HEADER, "sample": SAMPLE},
    )
    base.mapping = {
        "template": "appointment",
        "language": "en",
        "destination": "Teléfono móvil",
        "parameters": ["Hora", "Fecha"],
        "priority": None,
    }
    base.save()
    page = operator.get(reverse("admin:dialers_dialer_change", args=[dialer.pk]))

    assert "Change the columns" in words(page)
    assert chosen(columns(operator, base))["parameter1"] == "Hora"
    preview = words(operator.get(reverse("admin:dialers_base_preview", args=[base.pk])))
    assert "remembered, for files like this: number from “Teléfono móvil”, {{1}} from “Hora”" in preview


def test_a_base_that_was_started_is_not_mapped_any_more(operator: Client, base: Base) -> None:
    Base.objects.update(state=BaseState.RUNNING)
    address = reverse("admin:dialers_base_columns", args=[base.pk])

    assert "cannot be chosen any more" in words(operator.get(address, follow=True))


@pytest.mark.parametrize(
    ("header", "parameters"),
    [
        pytest.param(["tel", "a", "b", "c"], ["", ""], id="none where names say nothing"),
        pytest.param(["celular", "data2", "data1"], ["data1", "data2"], id="by number"),
        pytest.param(["phone", "name", "at", "appointment"], ["appointment", ""], id="by words of the body"),
        pytest.param(["phone"], ["", ""], id="too few columns"),
    ],
)
def test_parameters_are_guessed_by_name_or_left_to_choose(
    dialer: Dialer, appointment: Template, header: list[str], parameters: list[str]
) -> None:
    assert guess(dialer, header, appointment)["parameters"] == parameters


@pytest.mark.parametrize(
    ("column", "body", "guessed"),
    [
        pytest.param("hora", "Hola {{1}}", False, id="short words with another letter"),
        pytest.param("fecha", "Ficha {{1}}", False, id="five letters, one another"),
        pytest.param("hora", "Hora {{1}}", True, id="the same word"),
        pytest.param("sald", "Saldo {{1}}", True, id="the beginning of a word"),
        pytest.param("horas", "Hora {{1}}", True, id="a word and more"),
        pytest.param("vencimiento", "Vencimento {{1}}", True, id="a long word but for a letter"),
    ],
)
def test_only_a_name_like_the_bodys_word_is_guessed(
    provider: Provider, dialer: Dialer, column: str, body: str, guessed: bool
) -> None:
    template = make_template(provider, "own", body)

    assert guess(dialer, ["tel", column], template)["parameters"] == [column if guessed else ""]


def test_what_was_chosen_for_another_header_is_offered_again(dialer: Dialer, appointment: Template) -> None:
    dialer.mappings = {"x": {"template": "appointment", "parameters": ["dia", "hora"]}}

    assert guess(dialer, ["hora", "tel", "dia"], appointment)["parameters"] == ["dia", "hora"]


def test_a_column_of_numbers_is_the_destination_whatever_its_name(dialer: Dialer) -> None:
    sample = [["59899123456", "12"], ["+598 99 123 457", "13"]]

    assert guess(dialer, ["x", "y"], None, sample)["destination"] == "x"
