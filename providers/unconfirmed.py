"""The operator's two acts on messages of which nobody knows whether they left: one, or many at once."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import record
from accounts.models import User
from providers import ledger, media_sent, reasons, tally
from providers.errors import Refusal
from providers.models import Message, Provider
from providers.states import REPLIED, State
from providers.wake import REPLY_TASK, wake

MOST_BATCHES = 1000
# Leaps from batch to batch along the index of what is unconfirmed, however many messages a batch has there.
BATCHES = """
WITH RECURSIVE found (batch) AS (
    (SELECT batch FROM providers_message WHERE batch IS NOT NULL AND listed_state = {state} ORDER BY batch DESC LIMIT 1)
    UNION ALL
    SELECT (
        SELECT m.batch FROM providers_message m
        WHERE m.batch IS NOT NULL AND m.listed_state = {state} AND m.batch < found.batch ORDER BY m.batch DESC LIMIT 1
    ) FROM found WHERE found.batch IS NOT NULL
)
SELECT batch FROM found WHERE batch IS NOT NULL LIMIT %s
"""


def batches_unconfirmed() -> list[int]:
    """The batches with unconfirmed messages, the newest first, MOST_BATCHES at most. One query."""
    with connection.cursor() as cursor:
        cursor.execute(BATCHES.format(state=int(State.UNCERTAIN)), [MOST_BATCHES])
        return [int(batch) for (batch,) in cursor.fetchall()]


def take_as_sent(message: Message, user: User | None, now: datetime) -> Message:
    """The operator believes that it left: it becomes `accepted`. Raises Refusal `not_uncertain`."""
    with transaction.atomic():
        locked = _locked(message)
        ledger.move([ledger.Move(locked.pk, State.ACCEPTED, {"accepted_at": now})])
        Message.objects.filter(pk=locked.pk).update(decided_by=user, decided_at=now)
        _note(locked, Act.TAKEN_AS_SENT, State.ACCEPTED, user)
    locked.refresh_from_db()
    return locked


def send_again(message: Message, user: User | None, now: datetime) -> Message:
    """A new message with its own correlation id takes the old one's place in its batch; returns the new one.

    Raises Refusal `not_uncertain`, also where it was sent again before.
    """
    with transaction.atomic():
        old = _locked(message)
        (new,) = ledger.queue(old.provider, [_draft_again(old, user)], now)
        media_sent.again(old, new)
        _uncount([old])
        old.batch, old.sent_again_as, old.decided_by, old.decided_at = None, new, user, now
        old.save(update_fields=["batch", "sent_again_as", "decided_by", "decided_at"])
        _note(old, Act.SENT_AGAIN, State.QUEUED, user)
        if new.batch is None:
            transaction.on_commit(partial(wake, REPLY_TASK))
    return new


def _note(message: Message, act: Act, after: State, user: User | None) -> None:
    """Under the message's id alone: who it went to may have to be forgotten."""
    record(message, act, {"state": (int(State.UNCERTAIN), int(after))}, user, name=f"#{message.pk}")


def take_all_as_sent(keys: Collection[int], user: User | None, now: datetime) -> int:
    """The same decision for many: those that are unconfirmed still become `accepted`. Returns how many."""
    with transaction.atomic():
        ready = [message.pk for message in _still_uncertain(keys)]
        ledger.move(ledger.Move(key, State.ACCEPTED, {"accepted_at": now}) for key in ready)
        Message.objects.filter(pk__in=ready).update(decided_by=user, decided_at=now)
    return len(ready)


def send_all_again(keys: Collection[int], user: User | None, now: datetime) -> dict[int, int]:
    """The same decision for many of batches: those that are unconfirmed still. Returns the new ids by the old."""
    with transaction.atomic():
        old = list(_still_uncertain(keys).exclude(batch=None).select_related("contact", "provider"))
        by_provider: dict[Provider, list[Message]] = {}
        for message in old:
            by_provider.setdefault(message.provider, []).append(message)
        placed: dict[int, int] = {}
        for provider, messages in by_provider.items():
            drafts = [_draft_again(message, user) for message in messages]
            for message, new in zip(messages, ledger.queue(provider, drafts, now), strict=True):
                placed[message.pk] = new.pk
        _uncount(old)
        for message in old:
            message.batch, message.sent_again_as_id = None, placed[message.pk]
            message.decided_by, message.decided_at = user, now
        Message.objects.bulk_update(old, ["batch", "sent_again_as", "decided_by", "decided_at"])
    return placed


def take_back(batch: int, queued: Collection[int]) -> dict[int, int]:
    """Those of the queued messages of a batch that were to go again give their places back to the old ones.

    Whether these left is as open as before, unless a status has told since; what was answered stays answered.
    Returns the old ids by the new; the caller removes the new ones, which it has locked.
    """
    old = list(
        Message.objects.filter(sent_again_as__in=queued)
        .select_related("sent_again_as")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    placed = {message.sent_again_as_id or 0: message.pk for message in old}
    deltas = Counter((batch, message.state) for message in old)
    answers = _answers_of([message.sent_again_as for message in old if message.sent_again_as])
    for message in old:
        new = message.sent_again_as
        deltas[batch, REPLIED] -= new is not None and new.replied_at is not None
        times = [at for at in (message.replied_at, new and new.replied_at) if at]
        message.replied_at = min(times, default=None)
        deltas[batch, REPLIED] += message.replied_at is not None
        message.batch, message.sent_again_as = batch, None
        message.decided_by, message.decided_at = None, None
    Message.objects.bulk_update(old, ["batch", "sent_again_as", "decided_by", "decided_at", "replied_at"])
    for answer in answers:
        answer.answers_id = placed[answer.answers_id or 0]
    Message.objects.bulk_update(answers, ["answers"])
    tally.append(deltas)
    reasons.enter((batch, message.state, message.error) for message in old)
    return placed


def _answers_of(messages: Collection[Message]) -> list[Message]:
    """What customers wrote to those that were answered."""
    replied = [message.pk for message in messages if message.replied_at]
    return list(Message.objects.filter(answers__in=replied).order_by("pk")) if replied else []


def _still_uncertain(keys: Collection[int]) -> QuerySet[Message]:
    return (
        Message.objects.filter(pk__in=keys, state=State.UNCERTAIN, sent_again_as=None)
        .order_by("pk")
        .select_for_update(of=("self",))
    )


def _uncount(old: Sequence[Message]) -> None:
    """Takes unconfirmed messages out of the tallies of their batches."""
    deltas: Counter[tuple[int, int]] = Counter()
    for message in old:
        if message.batch is not None:
            deltas[message.batch, int(State.UNCERTAIN)] -= 1
            deltas[message.batch, REPLIED] -= message.replied_at is not None
    tally.append(deltas)
    reasons.leave((one.batch, one.state, one.error) for one in old)


def _draft_again(old: Message, user: User | None) -> ledger.Draft:
    return ledger.Draft(
        old.contact,
        old.kind,
        old.content,
        old.text,
        address=old.address,
        author_id=user.pk if user else None,
        batch=old.batch,
        opt_out=old.opt_out,
    )


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
