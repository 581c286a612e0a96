"""Somebody opts out while a base is on its way: their row is held back, in every spelling, whoever told us."""

from collections.abc import Callable

import pytest

from dialers.models import Dialer
from providers import ledger
from providers.models import Direction, DoNotCall, Message, Provider
from providers.models.do_not_call import Source
from tests.dialers.files import settle, started
from tests.dialers.wavy import Wavy
from tests.factories import NOW, make_contact
from tests.providers.scenes import message_item, messages, status_item, statuses

NUMBER = "5511987654321"
SHORTER = "551187654321"


def writes_stop(provider: Provider, spelling: str) -> None:
    messages(provider, message_item(spelling, "SAIR"))


def opted_out_at_wavy(provider: Provider, spelling: str) -> None:
    contact = make_contact(provider, spelling)
    (earlier,) = ledger.queue(provider, [ledger.Draft(contact, "text", {"text": "Hi"}, "Hi")], NOW)
    statuses(provider, status_item(earlier, 204))


@pytest.mark.parametrize("tell", [writes_stop, opted_out_at_wavy])
@pytest.mark.parametrize(
    ("loaded_as", "told_as"),
    [
        pytest.param(NUMBER, SHORTER, id="told without the ninth digit"),
        pytest.param(SHORTER, NUMBER, id="loaded without the ninth digit"),
    ],
)
def test_an_opt_out_after_the_loading_stops_the_row(
    wavy: Wavy,
    provider: Provider,
    dialer: Dialer,
    tell: Callable[[Provider, str], None],
    loaded_as: str,
    told_as: str,
) -> None:
    base = started(dialer, [f"{loaded_as};hsm:welcome", "59899123456;hsm:welcome"])

    tell(provider, told_as)
    counts = settle(base)

    assert (counts["accepted"], counts["refused"]) == (1, 1)
    assert wavy.numbers == ["59899123456"]
    held = Message.objects.get(batch=base.pk, direction=Direction.OUT, contact__contact=NUMBER)
    assert (held.error, held.held_back) == ("do_not_call", True)


@pytest.mark.parametrize(
    ("source", "dncr", "leaves"),
    [
        pytest.param(Source.EXTERNAL, True, False, id="an external registry with DNCR"),
        pytest.param(Source.EXTERNAL, False, True, id="an external registry without DNCR"),
        pytest.param(Source.OPERATOR, False, False, id="an entry of ours without DNCR"),
    ],
)
def test_a_registry_holds_for_both_spellings(
    wavy: Wavy, dialer: Dialer, source: Source, dncr: bool, leaves: bool
) -> None:
    Dialer.objects.update(dncr=dncr)
    dialer.refresh_from_db()
    base = started(dialer, [f"{SHORTER};hsm:welcome"])
    DoNotCall.objects.create(number=NUMBER, source=source)

    settle(base)

    assert len(wavy.arrivals) == leaves
