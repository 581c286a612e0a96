"""The file of a message as the conversation shows it: in place, as a download, or why it is not here."""

from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist

from providers import media_errors, media_types
from providers.models import Media, MediaState, Message


@dataclass(frozen=True, slots=True)
class Attachment:
    """`shown_as`: image, audio or video, "" for a download. `reason`: why it is not here, where that is known.

    `again`: whether somebody may ask for it again. `version` changes with whatever the page shows of it.
    """

    message_id: int
    state: str
    shown_as: str
    name: str
    size: int
    reason: str
    again: bool
    version: str


def attachment(message: Message) -> Attachment | None:
    """Of a message whose media was loaded with it; None where it came with none."""
    try:
        return of(message.media)
    except ObjectDoesNotExist:
        return None


def of(media: Media) -> Attachment:
    """One row as the page shows it."""
    failed = media.state == MediaState.FAILED
    return Attachment(
        message_id=media.pk,
        state=media.state_key,
        shown_as=media_types.family(media.content_type),
        name=media.name,
        size=media.size or 0,
        reason=str(media_errors.kind_of(media.error).sentence) if media.error else "",
        again=failed and bool(media.url),
        version=f"{media.state}-{media.error}",
    )
