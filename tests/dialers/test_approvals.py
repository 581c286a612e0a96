"""A base whose templates may not be sent: its import says so, it is not started, and with an override it is."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dialers import approvals, bases, loading
from dialers.models import Base, BaseState, Dialer
from providers import template_override
from providers.errors import Refusal
from providers.models import Template
from tests.factories import NOW, make_operator, make_supervisor
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
LINE = "WavyDialer;5989912{n:04};hsm:welcome;1\n"


@pytest.fixture
def base(dialer: Dialer, uploads: Path) -> Base:
    return loaded(dialer)


def loaded(dialer: Dialer, lines: int = 3, line: str = LINE) -> Base:
    text = "".join(line.format(n=n) for n in range(3000, 3000 + lines))
    base = bases.upload(dialer, ContentFile(text.encode(), "monday.csv"), None)
    loading.load(base.pk)
    base.refresh_from_db()
    return base


def disapprove() -> None:
    Template.objects.filter(code="welcome").update(state="disapproved")


def let_through() -> None:
    template = Template.objects.get(code="welcome")
    template_override.let_through(template, make_supervisor(), NOW + timedelta(days=1), "promised", NOW)


def test_it_is_not_started_and_the_refusal_names_base_and_template(base: Base) -> None:
    disapprove()

    with pytest.raises(Refusal) as refusal:
        bases.start(base, None, NOW)

    assert (refusal.value.code, refusal.value.status) == ("template_not_approved", 409)
    assert "monday.csv" in str(refusal.value)
    assert "welcome" in str(refusal.value)


def test_with_an_override_it_starts(base: Base) -> None:
    disapprove()
    let_through()

    assert bases.start(base, None, NOW).state == BaseState.RUNNING


def test_a_paused_one_is_not_resumed_either(base: Base) -> None:
    bases.start(base, None, NOW)
    bases.pause(base, NOW)
    disapprove()

    with pytest.raises(Refusal):
        bases.start(base, None, NOW)


def test_the_import_says_why_its_lines_are_invalid(dialer: Dialer) -> None:
    disapprove()

    base = loaded(dialer)

    assert (base.valid, base.found["reasons"]) == (0, {"template_not_approved": 3})
    assert "not approved (disapproved)" in base.invalid_lines.all()[0].reason


def test_what_is_let_through_is_loaded(dialer: Dialer) -> None:
    disapprove()
    template = Template.objects.get(code="welcome")
    template.override_until = NOW + timedelta(days=3650)
    template.save()

    assert loaded(dialer).valid == 3


def test_the_page_says_before_the_start_why_it_cannot_be(base: Base) -> None:
    disapprove()

    page = words(signed_in(make_operator()).get(f"/admin/dialers/dialer/bases/{base.pk}/preview/"))

    assert "“welcome” is not approved (disapproved)" in page


def test_free_texts_ask_for_no_template(dialer: Dialer) -> None:
    disapprove()

    assert approvals.why_not(loaded(dialer, line="WavyDialer;5989912{n:04};Hello;1\n"), NOW) == ""


def test_a_long_base_takes_no_more_queries(dialer: Dialer) -> None:
    def queries(base: Base) -> int:
        with CaptureQueriesContext(connection) as captured:
            approvals.why_not(Base.objects.select_related("dialer__provider").get(pk=base.pk), NOW)
        return len(captured)

    assert queries(loaded(dialer, 2)) == queries(loaded(dialer, 900))
