"""Templates read from an imitation of Wavy over HTTP: what is new, changed, gone and kept, and what a bad list does."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers import template_sync
from providers.drivers.base import Listing
from providers.errors import Refusal
from providers.models import Provider, Template, TemplateSync
from providers.template_sync import Synced, other_namespace
from providers.templates import TemplateBook
from tests.factories import NOW, make_base, make_contact, make_dialer, make_provider, make_template, outgoing
from tests.simulator.process import Simulator, running

pytestmark = pytest.mark.django_db
NAMESPACE = "whatsapp:hsm:demo:wavy"


@pytest.fixture(scope="module")
def process() -> Iterator[Simulator]:
    with running() as started:
        yield started


@pytest.fixture
def wavy(process: Simulator, settings: Any) -> Simulator:
    """Wavy, as good as new, without a template."""
    process.ask("POST", "/control/reset", {"faults": True, "callbacks": True})
    process.ask("DELETE", "/control/templates", {})
    settings.WAVY_TEMPLATES_URL = process.url
    return process


@pytest.fixture
def provider() -> Provider:
    return make_provider(sms_from=NAMESPACE)


def lists(
    wavy: Simulator, code: str, text: str = "Hello {{1}}", status: Any = "approved", **more: Any
) -> None:
    """Wavy lists a template in English, or in the languages of `texts`."""
    texts = more.pop("texts", {"en": text})
    wavy.ask("PUT", "/control/templates", {"element_name": code, "texts": texts, "status": status, **more})


def sync(provider: Provider) -> Synced:
    return template_sync.sync(provider, lambda: NOW)


def states(provider: Provider) -> dict[str, str]:
    return {str(one): one.state for one in Template.objects.filter(provider=provider)}


def test_every_language_has_its_own_state(wavy: Simulator, provider: Provider) -> None:
    lists(
        wavy,
        "visit",
        status={"en": "approved", "es": "in_analysis", "pt_BR": "disapproved"},
        texts={"en": "On {{1}}", "es": "El {{1}}", "pt_BR": "No {{1}}"},
    )

    synced = sync(provider)

    assert synced.new == ("visit (en)", "visit (es)", "visit (pt_BR)")
    assert states(provider) == {
        "visit (en)": "approved",
        "visit (es)": "in_analysis",
        "visit (pt_BR)": "disapproved",
    }


def test_text_header_footer_buttons_and_namespace_are_kept(wavy: Simulator, provider: Provider) -> None:
    lists(
        wavy, "visit", "*{{1}}* on {{2}}", header="Your visit", footer="STOP ends it", buttons=["Yes", "No"]
    )

    sync(provider)

    template = Template.objects.get()
    assert (template.body, template.parameters, template.source) == ("*{{1}}* on {{2}}", 2, "wavy")
    assert (template.header, template.footer, template.buttons) == (
        "Your visit",
        "STOP ends it",
        ["Yes", "No"],
    )
    assert (template.namespace, template.synced_at) == (NAMESPACE, NOW)


def test_what_was_entered_by_hand_follows_the_list_and_keeps_its_days(
    wavy: Simulator, provider: Provider
) -> None:
    mine = make_template(provider, "visit", "Hello", ttl=3)
    lists(wavy, "visit", "Hello {{1}}", "in_analysis")

    synced = sync(provider)

    mine.refresh_from_db()
    assert (synced.new, synced.changed) == ((), ("visit (en)",))
    assert (mine.body, mine.parameters, mine.state, mine.ttl) == ("Hello {{1}}", 1, "in_analysis", 3)


def test_the_same_language_in_another_spelling_is_the_same(wavy: Simulator, provider: Provider) -> None:
    make_template(provider, "ola", "Olá", language="pt_BR")
    make_template(provider, "hola", "Hola", language="es")
    lists(wavy, "ola", texts={"pt_BR": "Olá"})
    lists(wavy, "hola", texts={"es": "Hola"})
    wavy.switch(template_languages="capitals")

    assert sync(provider).new == ()
    assert set(states(provider)) == {"ola (pt_BR)", "hola (es)"}


def test_what_is_gone_is_marked_and_comes_back(wavy: Simulator, provider: Provider) -> None:
    lists(wavy, "stays")
    lists(wavy, "goes")
    sync(provider)
    wavy.ask("DELETE", "/control/templates", {"element_name": "goes"})

    assert sync(provider).gone == ("goes (en)",)
    assert Template.objects.get(code="goes").gone_at == NOW

    assert sync(provider).gone == ()
    lists(wavy, "goes")
    assert sync(provider).changed == ("goes (en)",)
    assert Template.objects.get(code="goes").gone_at is None


def test_what_was_entered_by_hand_and_is_not_listed_stays(wavy: Simulator, provider: Provider) -> None:
    make_template(provider, "mine")
    lists(wavy, "listed")

    synced = sync(provider)

    assert (synced.kept, synced.gone) == (1, ())
    assert Template.objects.get(code="mine").approved


def test_reading_it_again_finds_nothing_new(wavy: Simulator, provider: Provider) -> None:
    lists(wavy, "visit", header="Your visit", buttons=["Yes"])
    sync(provider)

    again = sync(provider)

    assert (again.listed, again.new, again.changed, again.gone) == (1, (), (), ())


def test_a_sent_message_keeps_its_text(wavy: Simulator, provider: Provider) -> None:
    lists(wavy, "reminder", "Hello {{1}}")
    sync(provider)
    sent = outgoing(make_contact(provider), "Hello Ana", base=make_base(make_dialer(provider)))
    lists(wavy, "reminder", "Good bye {{1}}")

    sync(provider)

    sent.refresh_from_db()
    assert (sent.text, Template.objects.get().body) == ("Hello Ana", "Good bye {{1}}")


def test_all_pages_are_read_however_short_they_are(wavy: Simulator, provider: Provider) -> None:
    for number in range(7):
        lists(wavy, f"visit{number}")
    wavy.switch(templates_a_page=3)

    assert sync(provider).listed == 7


@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        ({"templates_down": True}, Listing.TROUBLE),
        ({"templates_unreadable": True}, Listing.TROUBLE),
        ({"templates_absent": True}, Listing.ABSENT),
    ],
    ids=["away", "garbled", "no list"],
)
def test_a_list_that_cannot_be_read_changes_nothing(
    wavy: Simulator, provider: Provider, fault: dict[str, Any], ended: Listing
) -> None:
    lists(wavy, "visit")
    sync(provider)
    wavy.switch(**fault)

    assert sync(provider).ended is ended
    assert states(provider) == {"visit (en)": "approved"}
    assert TemplateSync.objects.get().failure == ended.value


def test_wrong_credentials_are_said_and_suspend_nothing(wavy: Simulator) -> None:
    provider = make_provider(password="wrong")

    assert sync(provider).ended is Listing.CREDENTIALS
    provider.refresh_from_db()
    assert provider.suspended_at is None


def test_an_unreachable_wavy_is_said(provider: Provider) -> None:
    assert sync(provider).ended is Listing.UNREACHABLE


def test_an_empty_list_is_no_proof_that_all_are_gone(wavy: Simulator, provider: Provider) -> None:
    lists(wavy, "visit")
    sync(provider)
    wavy.ask("DELETE", "/control/templates", {})

    assert sync(provider).gone == ()
    assert Template.objects.get().approved


def test_another_language_in_the_list_does_not_stop_a_base_that_names_none(
    wavy: Simulator, provider: Provider
) -> None:
    make_template(provider, "visit", "On {{1}}")
    lists(wavy, "visit", texts={"en": "On {{1}}", "es": "El {{1}}"})

    sync(provider)

    book = TemplateBook(provider)
    assert book.find("visit").language == "en"
    assert book.find("visit", "es").body == "El {{1}}"


def test_another_namespace_is_told(wavy: Simulator, provider: Provider) -> None:
    lists(wavy, "visit")
    sync(provider)
    assert other_namespace(provider) == ""

    provider.sms_from = "whatsapp:hsm:mine"
    assert other_namespace(provider) == NAMESPACE


def test_sms_has_no_list(wavy: Simulator) -> None:
    with pytest.raises(Refusal) as refusal:
        sync(make_provider(api_type="WavySMS", number="29001"))

    assert refusal.value.code == "no_templates"


def test_reading_all_goes_on_after_one_that_fails(wavy: Simulator) -> None:
    make_provider("First", "5511900000002", password="wrong")
    second = make_provider("Second", "5511900000003")
    lists(wavy, "visit")

    assert template_sync.sync_all(lambda: NOW) == 1
    assert states(second) == {"visit (en)": "approved"}


def test_a_long_list_takes_no_more_queries_than_a_short_one(wavy: Simulator, provider: Provider) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            sync(provider)
        return len(captured)

    lists(wavy, "visit")
    sync(provider)
    short = queries()
    for number in range(60):
        lists(wavy, f"visit{number}")
    sync(provider)

    assert queries() == short
