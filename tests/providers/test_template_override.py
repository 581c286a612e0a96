"""A template that is not approved: who may let it be sent, until when, what is recorded, and what it changes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from providers import gate, template_override
from providers.errors import Refusal
from providers.models import Template, TemplateOverride
from providers.models.message import Kind
from tests.factories import NOW, make_contact, make_operator, make_provider, make_supervisor, make_template
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def template() -> Template:
    return make_template(make_provider(), "waiting", "Hello {{1}}", state="in_analysis")


def page(template: Template, act: str) -> str:
    return f"/admin/providers/template/{template.pk}/{act}/"


def typed(days: int = 2, reason: str = "Wavy promised it for tonight") -> dict[str, str]:
    until = timezone.localtime(timezone.now() + days * DAY)
    return {"until": until.strftime("%Y-%m-%dT%H:%M"), "reason": reason}


def refused(template: Template, at: object = NOW) -> str:
    """Why the gate holds a message with it back; "" where it may leave."""
    content = {"code": template.code, "language": template.language, "parameters": ["Ana"]}
    contact = make_contact(template.provider, "59899123457")
    candidate = gate.Candidate(0, contact, contact.address, Kind.HSM, content)
    found = gate.check(template.provider, [candidate], at)  # type: ignore[arg-type]
    return found[0].code if found else ""


def test_a_supervisor_lets_it_through_and_it_is_recorded(template: Template) -> None:
    supervisor = make_supervisor()

    signed_in(supervisor).post(page(template, "override"), typed())

    record = TemplateOverride.objects.get()
    assert (record.by, record.reason, record.state) == (
        supervisor,
        "Wavy promised it for tonight",
        "in_analysis",
    )
    template.refresh_from_db()
    assert record.until == template.override_until


def test_the_page_says_who_until_when_and_why(template: Template) -> None:
    client = signed_in(make_supervisor())
    client.post(page(template, "override"), typed())

    text = words(client.get(page(template, "change")))

    assert "It may be sent all the same until" in text
    assert "supervisor" in text
    assert "Wavy promised it for tonight" in text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (typed(reason=" "), "required"),
        (typed(days=-1), "Choose a moment in the future"),
        (typed(days=31), "at most 30 days"),
        ({"until": "soon", "reason": "why"}, "Enter a valid date/time."),
    ],
    ids=["no reason", "past", "too long", "no moment"],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    template: Template, given: dict[str, str], told: str
) -> None:
    answer = signed_in(make_supervisor()).post(page(template, "override"), given)

    assert told in words(answer)
    assert not TemplateOverride.objects.exists()


def test_what_was_typed_is_kept(template: Template) -> None:
    answer = signed_in(make_supervisor()).post(page(template, "override"), typed(days=31))

    assert "Wavy promised it for tonight" in answer.content.decode()


def test_an_operator_may_neither_let_it_through_nor_is_offered_it(template: Template) -> None:
    client = signed_in(make_operator())

    assert client.post(page(template, "override"), typed()).status_code == 403
    assert "Send it although" not in words(client.get(page(template, "change")))


def test_it_leaves_until_then_and_no_longer(template: Template) -> None:
    template_override.let_through(template, make_supervisor(), NOW + DAY, "promised", NOW)

    assert refused(template, NOW + DAY - timedelta(seconds=1)) == ""


def test_after_that_it_is_held_back(template: Template) -> None:
    template_override.let_through(template, make_supervisor(), NOW + DAY, "promised", NOW)

    assert refused(template, NOW + DAY) == "template_not_approved"


def test_it_can_be_held_back_again_which_is_recorded_too(template: Template) -> None:
    client = signed_in(make_supervisor())
    client.post(page(template, "override"), typed())

    client.post(page(template, "override"), {"end": "1"})

    assert TemplateOverride.objects.get().ended_by is not None
    assert refused(Template.objects.get(), timezone.now()) == "template_not_approved"


def test_a_second_one_ends_the_first(template: Template) -> None:
    supervisor = make_supervisor()
    template_override.let_through(template, supervisor, NOW + DAY, "promised", NOW)
    template_override.let_through(template, supervisor, NOW + 2 * DAY, "promised again", NOW)

    first, second = TemplateOverride.objects.order_by("pk")
    assert (first.ended_at, second.ended_at) == (NOW, None)


def test_an_approved_one_needs_none(template: Template) -> None:
    Template.objects.update(state="approved")

    with pytest.raises(Refusal) as refusal:
        template_override.let_through(template, make_supervisor(), NOW + DAY, "why not", NOW)
    assert refusal.value.code == "template_approved"


def test_what_is_gone_at_wavy_is_held_back_with_its_own_words() -> None:
    template = make_template(make_provider(), "waiting", "Hello {{1}}")
    Template.objects.update(gone_at=NOW)

    assert refused(Template.objects.get()) == "template_not_approved"
    client: Client = signed_in(make_operator())
    assert "No longer in Wavy's list since" in words(client.get(page(template, "change")))
