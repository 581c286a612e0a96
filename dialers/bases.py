"""The operator's acts: upload, start, pause, cancel and discard a base; the same for a dialer's bases."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from celery import current_app
from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.acts import Act
from accounts.models import User
from dialers import acts
from dialers.approvals import require_sendable
from dialers.endings import skip_waiting
from dialers.failures import latest_message
from dialers.models import Base, BaseState, Dialer, Row
from dialers.recycling import LEFT_OUT, skip_answered
from dialers.sheets import is_sheet, require_sheet
from dialers.texts import refuse_binary
from providers import suspension, tally, unconfirmed
from providers.errors import Refusal
from providers.models import Message
from providers.states import PENDING, State

log = structlog.get_logger(__name__)

LARGEST_FILE = 200 * 1024 * 1024
WAITS_FOR_END = (BaseState.READY, BaseState.RUNNING, BaseState.PAUSED)


def upload(dialer: Dialer, file: File, user: User | None) -> Base:  # type: ignore[type-arg]  # bytes or text alike
    """Stores the file and has it loaded by a worker. Sends nothing. Raises Refusal for what is no text or empty."""
    if not file.size:
        raise Refusal("empty_file", _("The file is empty."), status=400)
    if file.size > LARGEST_FILE:
        raise Refusal(
            "too_large", _("The file is larger than 200 MiB. Split it and upload the parts."), status=400
        )
    head = file.read(65536)
    head = head if isinstance(head, bytes) else head.encode()
    if is_sheet(head):
        require_sheet(file)
    else:
        refuse_binary(head)
    file.seek(0)
    base = Base(dialer=dialer, name=(file.name or "base.csv").rsplit("/", 1)[-1][:255], created_by=user)
    with transaction.atomic():
        base.file.save("base.csv", file, save=False)  # whatever people call theirs
        base.save()
        acts.note(base, Act.UPLOADED, user=user)
        transaction.on_commit(partial(_publish, "dialers.load", base.pk))
    return base


def load_anew(locked: Base) -> None:
    """Sends a locked base that was never started back to its loader, which drops what it loaded before."""
    tally.append({(locked.pk, PENDING): -locked.valid})
    locked.state, locked.reason, locked.found = BaseState.LOADING, "", {}
    locked.lines = locked.valid = locked.invalid = 0
    locked.save()
    transaction.on_commit(partial(_publish, "dialers.load", locked.pk))


def _publish(task: str, base_id: int) -> None:
    """Asks a worker to begin at once; without a broker the next tick finds the base anyway."""
    try:
        current_app.send_task(task, args=[base_id], retry=False)
    except OperationalError as error:
        log.warning("publish_lost", task=task, error=type(error).__name__)


def locked_for_act(base: Base) -> Base:
    """The base as it is now, with its dialer and provider; nobody else acts on it until the transaction's end."""
    return Base.objects.select_related("dialer__provider").select_for_update(of=("self",)).get(pk=base.pk)


def start(base: Base, user: User | None, now: datetime) -> Base:
    """Starts a ready base or resumes a paused one, exactly where it stopped; a running one goes on.

    Raises Refusal `not_ready`, `dialer_disabled`, `valid_until`, `template_not_approved`. A provider whose
    credentials were turned away is tried again.
    """
    with transaction.atomic():
        locked = locked_for_act(base)
        if locked.state not in WAITS_FOR_END:
            raise _cannot(locked, _("only a ready or paused base can be started"))
        if not locked.dialer.enabled:
            raise Refusal(
                "dialer_disabled",
                _("The dialer “%(name)s” is not enabled. Enable it first.") % {"name": locked.dialer.name},
            )
        _require_valid(locked, now)
        _try_again(locked)
        if locked.state == BaseState.RUNNING:
            return locked
        require_sendable(locked, now)
        before = locked.state
        if locked.state == BaseState.READY:
            locked.started_at, locked.started_by = now, user
            locked.found = {**locked.found, LEFT_OUT: skip_answered(locked)}
        locked.state, locked.reason, locked.reason_figures = BaseState.RUNNING, "", {}
        locked.judged_after = latest_message(locked)
        locked.save()
        acts.note(locked, Act.STARTED if before == BaseState.READY else Act.RESUMED, before, user)
        transaction.on_commit(partial(_publish, "dialers.dispatch", locked.pk))
    return locked


def _try_again(base: Base) -> None:
    """Ends a suspension of the provider, and the wait of those that its credentials sent back."""
    provider = base.dialer.provider
    if provider.suspended_at:
        suspension.end(provider)
    sent_back = Message.objects.filter(
        batch=base.pk, listed_state=State.QUEUED, error="credentials"
    ).order_by("id")
    keys = list(sent_back.select_for_update(of=("self",)).values_list("id", flat=True))
    Message.objects.filter(pk__in=keys).update(not_before=None)


def pause(base: Base, now: datetime) -> Base:
    """Holds a running base back; what is in flight still gets its answer. Pausing twice is harmless."""
    with transaction.atomic():
        locked = locked_for_act(base)
        if locked.state not in (BaseState.RUNNING, BaseState.PAUSED):
            raise _cannot(locked, _("only a running base can be paused"))
        if locked.state == BaseState.RUNNING:
            locked.state, locked.reason = BaseState.PAUSED, ""
            locked.save(update_fields=["state", "reason"])
            acts.note(locked, Act.PAUSED, BaseState.RUNNING)
    return locked


def cancel(base: Base, now: datetime) -> Base:
    """Turns what has not left, and waits, into `skipped`; what has left keeps its state."""
    with transaction.atomic():
        locked = locked_for_act(base)
        if locked.state == BaseState.CANCELLED:
            return locked
        if locked.state not in WAITS_FOR_END:
            raise _cannot(locked, _("there is nothing left to cancel"))
        before = locked.state
        skip_waiting(locked)
        locked.state, locked.finished_at, locked.reason = BaseState.CANCELLED, now, ""
        locked.save(update_fields=["state", "finished_at", "reason"])
        acts.note(locked, Act.CANCELLED, before)
    return locked


def discard(base: Base) -> None:
    """Removes a base of which nothing was ever sent, with its file. Raises Refusal otherwise."""
    with transaction.atomic():
        locked = locked_for_act(base)
        if locked.state not in (BaseState.READY, BaseState.FAILED):
            raise _cannot(locked, _("only a base that was never started can be discarded"))
        storage, stored = locked.file.storage, str(locked.file.name)
        tally.append({(locked.pk, PENDING): -locked.valid})
        locked.invalid_lines.all().delete()
        locked.rows.all().delete()
        acts.note(locked, Act.DISCARDED)
        locked.delete()
        if stored:  # one that was made out of another has no file
            transaction.on_commit(partial(storage.delete, stored))


def _require_valid(base: Base, now: datetime) -> None:
    if base.valid_until and base.valid_until <= now:
        raise Refusal("valid_until", _("The base is valid no more: nothing of it is sent any more."))


def _cannot(base: Base, why: str) -> Refusal:
    return Refusal(
        "not_ready",
        _("The base is %(state)s: %(why)s.") % {"state": base.get_state_display(), "why": why},
    )


OnBase = Callable[[Base], object]


def _each(dialer: Dialer, wanted: Q, act: OnBase, nothing: str) -> None:
    with transaction.atomic():
        bases = list(
            Base.objects.filter(wanted, dialer=dialer).order_by("id").select_for_update(of=("self",))
        )
        if not bases:
            raise Refusal("nothing_to_do", nothing)
        for base in bases:
            act(base)


def start_dialer(dialer: Dialer, user: User | None, now: datetime) -> None:
    """Starts its ready bases and resumes the paused ones; what is uploaded afterwards does not start with them."""
    _each(
        dialer,
        Q(state__in=WAITS_FOR_END) & (Q(valid_until=None) | Q(valid_until__gt=now)),
        lambda base: start(base, user, now),
        _("No base is ready. Upload one first."),
    )


def pause_dialer(dialer: Dialer, now: datetime) -> None:
    """Pauses all of its running bases."""
    _each(
        dialer,
        Q(state__in=[BaseState.RUNNING, BaseState.PAUSED]),
        lambda base: pause(base, now),
        _("No base of this dialer is running."),
    )


def stop_dialer(dialer: Dialer, now: datetime) -> None:
    """Cancels what is left of all of its bases that were started."""
    _each(
        dialer,
        Q(state__in=[BaseState.RUNNING, BaseState.PAUSED]),
        lambda base: cancel(base, now),
        _("No base of this dialer is running or paused."),
    )


def send_again(message: Message, user: User | None, now: datetime) -> Message:
    """The operator's decision to send an unconfirmed message once more: its row follows, its base runs again."""
    with transaction.atomic():
        base = Base.objects.select_for_update().filter(pk=message.batch).first() if message.batch else None
        new = unconfirmed.send_again(message, user, now)
        if base is not None:
            Row.objects.filter(message=message).update(message=new)
            run_again(base, now)
    return new


def run_again(base: Base, now: datetime) -> None:
    """A locked base has something to send again, also after its end. Raises Refusal `valid_until`."""
    _require_valid(base, now)
    if base.state in (BaseState.FINISHED, BaseState.CANCELLED):
        base.state, base.finished_at = BaseState.RUNNING, None
        base.save(update_fields=["state", "finished_at"])
    transaction.on_commit(partial(_publish, "dialers.dispatch", base.pk))


def take_as_sent(message: Message, user: User | None, now: datetime) -> Message:
    """The operator's decision that an unconfirmed message did leave."""
    return unconfirmed.take_as_sent(message, user, now)
