"""Files that we send: chosen, expected with their message, stored, handed to the provider by bytes or by address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from providers import ledger, media_types
from providers.drivers.base import Sent
from providers.errors import Refusal
from providers.media import folder_of
from providers.models import Direction, Media, MediaState, Message
from providers.models.media import customers_storage
from providers.models.message import FILE_KINDS, Kind
from providers.states import State
from providers.wake import REPLY_TASK, wake

# How long a message waits for its file before the lane looks at it, finds none and ends it.
PATIENCE = timedelta(minutes=5)
_signer = TimestampSigner(salt="providers.media_sent")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that somebody wants to send. `wire_type`: what providers call its format; `size` in bytes."""

    kind: str
    content_type: str
    wire_type: str
    name: str
    size: int


def choose(file: File[Any]) -> Chosen:
    """What a file is, by its bytes. Raises Refusal (400): `file_empty`, `file_type`, `file_too_large`."""
    size = file.size
    if not size:
        raise Refusal("file_empty", _("The file is empty. Choose another."), status=400)
    file.seek(0)
    head = file.read(media_types.HEAD)
    file.seek(0)
    name = media_types.clean_name(file.name or "")
    found = media_types.sendable(head, name)
    if found is None:
        raise Refusal(
            "file_type",
            _(
                "“%(name)s” cannot be sent. Pictures (JPG, PNG), sound (MP3, M4A, OGG, AAC, AMR), films (MP4, 3GP), "
                "PDF, text and office documents can."
            )
            % {"name": name},
            status=400,
        )
    kind, wire_type, content_type = found
    megabytes = settings.MEDIA_MEGABYTES[kind]
    if size > megabytes * 1024 * 1024:
        sentence = _("“%(name)s” has %(n).1f MB; %(most)d MB are allowed for this kind of file.")
        values = {"name": name, "n": size / 1024 / 1024, "most": megabytes}
        raise Refusal("file_too_large", sentence % values, status=400)
    return Chosen(kind, content_type, wire_type, name or kind, size)


def expect(message: Message, chosen: Chosen, now: datetime) -> None:
    """Notes the file of a message that was just queued, in the same transaction: it does not leave before `keep`."""
    Media.objects.create(
        message=message,
        state=MediaState.WAITING,
        content_type=chosen.content_type,
        name=chosen.name,
        size=chosen.size,
    )
    message.not_before = now + PATIENCE
    message.save(update_fields=["not_before"])


def keep(message: Message, file: File[Any], now: datetime) -> bool:
    """Stores the file that a message waits for and lets it leave. Not inside a transaction.

    False where nothing waited for it: it is stored already, or was deleted meanwhile. Where the storage does not take
    it, the message is ended and Refusal `file_missing` raised.
    """
    waiting = Media.objects.filter(message=message, state=MediaState.WAITING)
    media = waiting.first()
    if media is None:
        return False
    ending = media_types.ENDINGS.get(media.content_type, "")
    try:
        file.seek(0)
        stored = customers_storage.save(f"{folder_of(message.pk)}/{uuid4().hex}{ending}", file)
    except (OSError, SuspiciousFileOperation) as error:
        log.warning("media_not_stored", error=type(error).__name__)
        with transaction.atomic():
            waiting.update(state=MediaState.FAILED, error="media_storage")
            ledger.refuse({message.pk: Refusal("file_missing")}, now)
        raise Refusal("file_missing") from error
    with transaction.atomic():
        kept = waiting.update(state=MediaState.STORED, file=stored)
        Message.objects.filter(pk=message.pk, state=State.QUEUED).update(not_before=None)
        transaction.on_commit(partial(wake, REPLY_TASK))
    if not kept:
        customers_storage.delete(stored)
    return bool(kept)


def again(old: Message, new: Message) -> None:
    """The file of a message goes along with the one that takes its place, inside the transaction that makes it so.

    Both name one file, in the folder of the old one: they are the same person's, and about the same age.
    """
    media = Media.objects.filter(message=old, state=MediaState.STORED).first()
    if media is not None:
        media.message = new
        media.save(force_insert=True)


def without_file(messages: Iterable[Message]) -> dict[int, Refusal]:
    """Those that should carry a file which is not there. No query where the media were loaded with them."""
    return {
        message.pk: Refusal("file_missing")
        for message in messages
        if message.kind in FILE_KINDS and _stored(message) is None
    }


def wire_content(message: Message) -> Sent:
    """What leaves of a message whose file is there: a small picture by its bytes, all else by an address of ours."""
    media = message.media
    caption = message.content["caption"]
    if message.kind == Kind.DOCUMENT:
        caption = caption or media.name  # it is what their phone calls the document
    data = _bytes(media) if message.kind == Kind.IMAGE else b""
    url = "" if data else link(media)
    return Sent(message.kind, message.content["type"], url, data, caption)


def link(media: Media) -> str:
    """The address at which the provider, and whoever it tells, may fetch this one file for MEDIA_LINK_HOURS."""
    signed = _signer.sign(str(media.pk))
    return f"{settings.PUBLIC_URL}{reverse('media-sent', args=[signed])}"


def linked(signed: str) -> Media | None:
    """The file of such an address; None where the address is not ours, too old, or its file is gone."""
    try:
        key = _signer.unsign(signed, max_age=timedelta(hours=settings.MEDIA_LINK_HOURS))
    except BadSignature:
        return None
    ours = Media.objects.filter(message__direction=Direction.OUT, state=MediaState.STORED)
    return ours.filter(pk=int(key)).first()


def _stored(message: Message) -> Media | None:
    media = getattr(message, "media", None)
    return media if media is not None and media.state == MediaState.STORED else None


def _bytes(media: Media) -> bytes:
    """A small file's bytes; none of a larger one, or where the storage does not give them."""
    if not media.size or media.size > settings.MEDIA_INLINE_KB * 1024:
        return b""
    try:
        with customers_storage.open(str(media.file.name)) as file:
            return bytes(file.read())
    except OSError as error:
        log.warning("media_not_read", error=type(error).__name__)
        return b""
