"""Test sends: a row of a base to a phone of one's own, beside the base, in none of its counts."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from dialers import acts
from dialers.models import Base, Row
from dialers.reports import in_order
from providers import outbox
from providers.contacts import contact_for
from providers.drivers import driver_for
from providers.errors import Refusal
from providers.models import Message
from providers.models.message import TEST_OF, Kind
from providers.numbers import parse_destination
from providers.segments import Segments, segments


def test_send(base: Base, line: int | None, number: str, user: User | None, now: datetime) -> Message:
    """Queues what a line says (None: that of the row which leaves first) for `number`, in the lane of single messages.

    It has the user as its author and no batch. Raises Refusal `no_such_line`, `number_…`, and what the gate says.
    """
    row = _row(base, line)
    address = parse_destination(number, base.dialer.default_country or None)
    composed = _composed(base, row)
    marked = replace(composed, content={**composed.content, TEST_OF: {"base": base.pk, "line": row.line}})
    with transaction.atomic():
        acts.note(base, Act.TEST_SENT, user=user, changes={"line": (None, row.line)})
        return outbox.send(contact_for(base.dialer.provider, address), marked, user, now)


def segments_of(base: Base, line: int | None) -> Segments | None:
    """How many SMS a line takes (None: that of the row which leaves first); None where it is no SMS.

    Raises Refusal `no_such_line`.
    """
    if not driver_for(base.dialer.provider.api_type).segmented:
        return None
    return segments(_row(base, line).content.get("text", ""))


def _row(base: Base, line: int | None) -> Row:
    row = in_order(base).first() if line is None else Row.objects.filter(base=base, line=line).first()
    if row is None and line is None:
        raise Refusal("no_such_line", _("This base has no valid line to test."))
    if row is None:
        raise Refusal(
            "no_such_line",
            _("Line %(line)d is no valid line of this base. Choose another one.") % {"line": line},
            status=400,
        )
    return row


def _composed(base: Base, row: Row) -> outbox.Composed:
    if row.kind != Kind.HSM:
        return outbox.compose_text(row.content["text"])
    content = row.content
    return outbox.compose_template(
        base.dialer.provider, content["code"], content["parameters"], content.get("language", "")
    )
