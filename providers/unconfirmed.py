"""The operator's two acts on a message of which nobody knows whether it left."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from providers import ledger, reasons, tally
from providers.errors import Refusal
from providers.models import Message
from providers.outbox import REPLY_TASK
from providers.states import REPLIED, State
from providers.wake import wake


def take_as_sent(message: Message, user: User | None, now: datetime) -> Message:
    """The operator believes that it left: it becomes `accepted`. Raises Refusal `not_uncertain`."""
    with transaction.atomic():
        locked = _locked(message)
        ledger.move([ledger.Move(locked.pk, State.ACCEPTED, {"accepted_at": now})])
        Message.objects.filter(pk=locked.pk).update(decided_by=user, decided_at=now)
    locked.refresh_from_db()
    return locked


def send_again(message: Message, user: User | None, now: datetime) -> Message:
    """A new message with its own correlation id takes the old one's place in its batch; returns the new one.

    Raises Refusal `not_uncertain`, also where it was sent again before.
    """
    with transaction.atomic():
        old = _locked(message)
        draft = ledger.Draft(
            old.contact,
            old.kind,
            old.content,
            old.text,
            address=old.address,
            author_id=user.pk if user else None,
            batch=old.batch,
            opt_out=old.opt_out,
        )
        (new,) = ledger.queue(old.provider, [draft], now)
        if old.batch is not None:
            answered = {(old.batch, REPLIED): -1} if old.replied_at else {}
            tally.append({(old.batch, int(State.UNCERTAIN)): -1, **answered})
            reasons.leave(old.batch, old.state, old.error)
        old.batch, old.sent_again_as, old.decided_by, old.decided_at = None, new, user, now
        old.save(update_fields=["batch", "sent_again_as", "decided_by", "decided_at"])
        if new.batch is None:
            transaction.on_commit(partial(wake, REPLY_TASK))
    return new


def _locked(message: Message) -> Message:
    locked = (
        Message.objects.select_related("provider", "contact")
        .select_for_update(of=("self",))
        .get(pk=message.pk)
    )
    if locked.state != State.UNCERTAIN or locked.sent_again_as_id is not None:
        raise Refusal(
            "not_uncertain",
            _("This message is not unconfirmed any more: it is %(state)s.")
            % {"state": locked.get_state_display()},
        )
    return locked
