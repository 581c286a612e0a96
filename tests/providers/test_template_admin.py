"""Templates: the HSM codes, their parameters counted, a preview, and where new ones come from."""

import pytest
from django.test import Client
from django.urls import reverse

from providers.models import Template
from tests.factories import make_operator, make_provider, make_supervisor, make_template
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/providers/template/add/"
LIST = "/admin/providers/template/"
REPORTS = "{{1}} reports:\n{{2}}"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def page_of(template: Template) -> str:
    return reverse("admin:providers_template_change", args=[template.pk])


def test_the_list_shows_code_language_body_parameters_and_state(supervisor: Client) -> None:
    make_template(make_provider(), "chatclub_open_session_v2", REPORTS, state="in_analysis")

    assert "chatclub_open_session_v2 Wavy en {{1}} reports: {{2}} 2 in analysis" in words(
        supervisor.get(LIST)
    )


@pytest.mark.parametrize("address", [LIST, ADD])
def test_it_says_where_new_ones_are_approved(supervisor: Client, address: str) -> None:
    text = words(supervisor.get(address))

    assert "New templates are approved in Wavy, under WhatsApp → HSM." in text
    assert "ask your provider" in text


def test_the_parameters_are_counted_in_the_body(supervisor: Client) -> None:
    provider = make_provider()

    supervisor.post(
        ADD, filled(supervisor.get(ADD), provider=provider.pk, code="reminder", language="es", body=REPORTS)
    )

    assert Template.objects.get().parameters == 2


def test_it_may_say_how_many_days_it_is_worth_delivering(supervisor: Client) -> None:
    template = make_template(make_provider(), "reminder", REPORTS)

    supervisor.post(page_of(template), filled(supervisor.get(page_of(template)), ttl=2))

    assert Template.objects.get().ttl == 2


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "two words", "A code has no blanks, colons or semicolons."),
        ("body", "{{1}} and {{3}}", "Number the parameters {{1}}, {{2}} … without a gap."),
        ("language", "Spanish", "Use a code such as es, es_AR or pt_BR."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    supervisor: Client, field: str, value: str, sentence: str
) -> None:
    typed = {"provider": make_provider().pk, "code": "reminder", "language": "es", "body": REPORTS}

    refused = supervisor.post(ADD, filled(supervisor.get(ADD), **{**typed, field: value}))

    assert sentence in words(refused)
    assert not Template.objects.exists()


def test_the_preview_is_filled_with_samples(supervisor: Client) -> None:
    template = make_template(make_provider(), "chatclub_open_session_v2", REPORTS)

    page = supervisor.get(page_of(template), {"sample": ["Integra", "Operation Performed"]})

    assert "Integra reports:\nOperation Performed</div>" in page.content.decode()
    assert "hsm:chatclub_open_session_v2:Integra:Operation Performed" in words(page)


def test_an_operator_sees_the_preview_and_changes_nothing() -> None:
    template = make_template(make_provider(), "reminder", REPORTS)
    operator = signed_in(make_operator())

    assert "data1 reports: data2" in words(operator.get(page_of(template)))
    assert operator.post(page_of(template), {"code": "mine"}).status_code == 403
