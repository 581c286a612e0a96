"""A base that ended long ago, in every table and with its file."""

from datetime import datetime, timedelta

from dialers.models import Base, BaseState, Dialer, Row
from providers import ledger, tally
from providers.ledger import Move
from providers.states import State
from tests.dialers.files import loaded
from tests.factories import (
    NOW,
    make_contact,
    outgoing,
)

OLD = NOW - timedelta(days=400)


def ended(dialer: Dialer, n: int = 3, at: datetime = OLD) -> Base:
    """A base of `n` valid lines and one invalid one, of which all but the last went out; then it was cancelled."""
    lines = [f"WavyDialer;{59_899_000_000 + k};hsm:notice:row {k};9999" for k in range(n)]
    base = loaded(dialer, [*lines, "WavyDialer;12;hsm:notice:bad;9999"])
    for row in list(Row.objects.filter(base=base).order_by("line"))[:-1]:
        contact = make_contact(dialer.provider, row.contact)
        row.message, row.state = outgoing(contact, at=at, base=base), 1
        row.save()
        tally.append({(base.pk, 1): -1})
        ledger.move([Move(row.message.pk, State.DELIVERED, {"delivered_at": at})])
    Row.objects.filter(base=base, message=None).update(state=2)
    tally.append({(base.pk, 1): -1, (base.pk, 2): 1})
    Base.objects.filter(pk=base.pk).update(state=BaseState.CANCELLED, finished_at=at, created_at=at)
    base.refresh_from_db()
    return base
