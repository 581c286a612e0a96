"""Erasing as people ask for it: the command, the page that asks, the record."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from dialers.models import Dialer
from providers.models import (
    Contact,
    Erasure,
    Provider,
)
from providers.states import State
from tests.factories import (
    make_contact,
    make_operator,
    make_supervisor,
    outgoing,
)
from tests.keeping.erasing_scenes import NUMBER, erase, everywhere
from tests.pages import signed_in, words


@pytest.mark.parametrize("spelling", [NUMBER, "+55 (11) 98765-4321", "55 11 8765-4321", "005511987654321"])
def test_the_command_takes_any_spelling(provider: Provider, spelling: str) -> None:
    outgoing(make_contact(provider, NUMBER), state=State.SENT)
    out = StringIO()
    call_command("erase_contact", spelling, "--yes", stdout=out)
    assert "messages: 1" in out.getvalue()
    assert not Contact.objects.filter(contact=NUMBER).exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(["nonsense", "--yes"], "nonsense", id="no number"),
        pytest.param([NUMBER, "--provider", "Wavi", "--yes"], "There are: Wavy", id="no such provider"),
    ],
)
def test_the_command_says_what_is_wrong(provider: Provider, arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("erase_contact", *arguments)
    assert not Erasure.objects.exists()


def test_the_command_asks_first(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_contact", NUMBER, stdout=StringIO())
    assert not Erasure.objects.exists()


def test_the_page_says_what_goes_and_what_stays_and_asks(provider: Provider, dialer: Dialer) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    contact = Contact.objects.get(contact=NUMBER)
    supervisor = signed_in(make_supervisor())
    assert "Erase this person" in words(supervisor.get(f"/admin/providers/contact/{contact.pk}/change/"))
    page = words(supervisor.get(f"/admin/erase/{contact.pk}/"))
    assert "Erase 2 messages and everything about this person" in page
    assert "The entry in the do-not-call registry stays" in page
    answer = supervisor.post(f"/admin/erase/{contact.pk}/")
    assert answer["Location"] == f"/admin/providers/erasure/{Erasure.objects.get().pk}/change/"


def test_the_record_is_shown_with_its_counts(provider: Provider, dialer: Dialer) -> None:
    everywhere(provider, dialer, NUMBER, NUMBER)
    erasure = erase()
    shown = words(signed_in(make_supervisor()).get(f"/admin/providers/erasure/{erasure.pk}/change/"))
    assert "messages: 2" in shown
    assert NUMBER not in shown


def test_operators_may_not_erase(provider: Provider) -> None:
    contact = make_contact(provider, NUMBER)
    operator = signed_in(make_operator())
    assert operator.post(f"/admin/erase/{contact.pk}/").status_code == 403
    assert not Erasure.objects.exists()


def test_the_pages_of_a_base_show_that_a_row_was_erased(provider: Provider, dialer: Dialer) -> None:
    base = everywhere(provider, dialer, NUMBER, NUMBER)
    erase()
    page = words(signed_in(make_supervisor()).get(f"/admin/dialers/dialer/bases/{base.pk}/rows/"))
    assert "erased on request" in page
