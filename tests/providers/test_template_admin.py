"""Templates: the HSM codes, their parameters counted, a preview, and where new ones come from."""

import json
from typing import Any

import pytest
import responses
from django.test import Client
from django.urls import reverse

from providers.models import Provider, Template
from tests.factories import NOW, make_operator, make_provider, make_supervisor, make_template
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


def wavy_lists(*codes: str, status: int = 200, text: str = "Hello *{{1}}*", namespace: str = "mine") -> None:
    """Wavy's list of templates, one page of it."""
    message = {"language": "EN", "status": "approved", "text": text, "placeholders": ["name"]}
    entries = [{"element_name": code, "namespace": namespace, "messages": [message]} for code in codes]
    address = "http://templates.wavy.invalid/api/v1/whatsapp_message_templates"
    responses.get(address, body=json.dumps({"data": entries}), status=status)


def sync(client: Client, **given: Any) -> str:
    return words(client.post("/admin/providers/template/sync/", given, follow=True))


@responses.activate
def test_sync_now_says_what_it_found(supervisor: Client) -> None:
    make_template(make_provider(), "mine")
    wavy_lists("visit", "reminder")

    text = sync(supervisor)

    assert "Wavy: Wavy lists 2 templates. New: reminder (en), visit (en)." in text
    assert "Entered by hand and kept: 1." in text


@responses.activate
@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "turns away this username or password"),
        (404, "Enter them by hand"),
        (503, "Nothing was changed"),
    ],
)
def test_sync_now_says_why_there_is_no_list(supervisor: Client, status: int, told: str) -> None:
    make_provider()
    wavy_lists(status=status)

    assert told in sync(supervisor)


@responses.activate
def test_from_the_providers_page_it_reads_that_one_and_hints_at_the_namespace(supervisor: Client) -> None:
    make_provider("Other", "5511900000002")
    provider = make_provider(sms_from="yours")
    wavy_lists("visit", namespace="whatsapp:hsm:mine")

    text = sync(supervisor, provider=provider.pk, back="provider")

    assert Provider.objects.filter(templates__code="visit").get() == provider
    assert "under the namespace whatsapp:hsm:mine, which is not what SMSFrom says" in text


def test_an_operator_may_not_sync_and_is_not_offered_it() -> None:
    make_provider()
    operator = signed_in(make_operator())

    assert operator.post("/admin/providers/template/sync/").status_code == 403
    assert "Sync now" not in words(operator.get(LIST))


@responses.activate
def test_of_what_wavy_lists_only_the_days_are_changed(supervisor: Client) -> None:
    make_provider()
    wavy_lists("visit")
    sync(supervisor)
    template = Template.objects.get()

    supervisor.post(page_of(template), {"ttl": "3", "code": "mine", "state": "error", "body": "Mine"})

    template.refresh_from_db()
    assert (template.ttl, template.code, template.state, template.body) == (
        3,
        "visit",
        "approved",
        "Hello *{{1}}*",
    )


@responses.activate
def test_the_preview_names_the_parameters_and_shows_the_format(supervisor: Client) -> None:
    make_provider()
    wavy_lists("visit")
    sync(supervisor)

    page = supervisor.get(page_of(Template.objects.get()), {"sample": ["<Ana>"]})

    assert "Hello <strong>&lt;Ana&gt;</strong>" in page.content.decode()
    assert "Parameter 1 name" in words(page)


def test_header_footer_and_buttons_are_entered_by_hand(supervisor: Client) -> None:
    typed = {"code": "visit", "language": "es", "body": "Hola", "header": "Aviso", "footer": "STOP"}

    supervisor.post(
        ADD,
        filled(supervisor.get(ADD), provider=make_provider().pk, button_lines="Yes\n\n No ", **typed),
    )

    template = Template.objects.get()
    assert (template.header, template.header_type, template.footer) == ("Aviso", "text", "STOP")
    assert template.buttons == ["Yes", "No"]


@pytest.mark.parametrize(
    ("may", "found"), [("yes", "fine"), ("no", "waits"), ("gone", "away")], ids=["yes", "no", "gone"]
)
def test_the_list_finds_what_may_be_sent(supervisor: Client, may: str, found: str) -> None:
    provider = make_provider()
    make_template(provider, "fine")
    make_template(provider, "waits", state="in_analysis")
    make_template(provider, "away", state="approved")
    Template.objects.filter(code="away").update(gone_at=NOW, override_until=NOW)

    listed = [one.code for one in supervisor.get(LIST, {"may": may}).context["cl"].queryset]

    assert found in listed
    assert ("fine" in listed) == (may == "yes")
