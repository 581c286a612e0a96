"""The file of a message as the conversation shows it: in place, as a download, or why it is not here."""

from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers import media_errors, media_types
from providers.models import Direction, Media, MediaState, Message

# What a driver calls the kinds that carry no text of their own, in words.
KINDS: dict[str, str | Promise] = {
    "IMAGE": _("Picture"),
    "AUDIO": _("Audio"),
    "VIDEO": _("Video"),
    "DOCUMENT": _("Document"),
    "STICKER": _("Sticker"),
    "LOCATION": _("Location"),
    "CONTACTS": _("Contact card"),
    "ORDER": _("Order"),
    "ERASED": _("erased on request"),
}


# How a file of ours stands, where that is not as with a customer's.
_OURS: dict[int, Promise] = {
    MediaState.WAITING: _("being stored"),
    MediaState.FAILED: _("could not be stored"),
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """`ours`: whether we sent it. `label`: what it was sent as, in words, and `word` how it stands. `shown_as`: image,
    audio or video, "" for a download; `small`: a sticker. `reason`: why it is not here, where that is known.

    `again`: whether somebody may ask for it again. `version` changes with whatever the page shows of it.
    """

    message_id: int
    ours: bool
    label: str
    state: str
    word: str
    shown_as: str
    small: bool
    name: str
    size: int
    reason: str
    again: bool
    version: str


def attachment(message: Message) -> Attachment | None:
    """Of a message whose media was loaded with it; None where it came with none."""
    try:
        return of(message.media, message)
    except ObjectDoesNotExist:
        return None


def of(media: Media, message: Message) -> Attachment:
    """One row as the page shows it."""
    kind, ours = message.kind, message.direction == Direction.OUT
    failed = media.state == MediaState.FAILED
    return Attachment(
        message_id=media.pk,
        ours=ours,
        label=kind_word(kind),
        state=media.state_key,
        word=str((ours and _OURS.get(media.state)) or MediaState(media.state).label),
        shown_as=media_types.family(media.content_type),
        small=kind == "sticker",
        name=media.name,
        size=media.size or 0,
        reason=str(media_errors.kind_of(media.error).sentence) if media.error else "",
        again=failed and bool(media.url),
        version=f"{media.state}-{media.error}",
    )


def kind_word(kind: str) -> str:
    """What a message without text is, in words."""
    return str(KINDS.get(kind.upper(), kind))
