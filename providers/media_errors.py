"""Why a customer's file could not be fetched: each reason in words, and whether another attempt may help."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Before the second attempt, the third, and so on; after the last of them there is none.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))


@dataclass(frozen=True, slots=True)
class MediaError:
    """`again`: whether it may pass by itself."""

    again: bool
    sentence: Promise


MEDIA_ERRORS: dict[str, MediaError] = {
    "media_url": MediaError(False, _("The address of the file is no address.")),
    "media_address": MediaError(
        False, _("The address of the file leads into a private network, where nothing is fetched from.")
    ),
    "media_unreachable": MediaError(True, _("The server that holds the file cannot be reached.")),
    "media_timeout": MediaError(True, _("The server that holds the file was too slow.")),
    "media_trouble": MediaError(True, _("The server that holds the file reported trouble of its own.")),
    "media_refused": MediaError(
        False,
        _("The server that holds the file does not hand it out, with or without the account's password."),
    ),
    "media_missing": MediaError(True, _("The file is not at its address.")),
    "media_gone": MediaError(False, _("The file is no longer offered.")),
    "media_redirects": MediaError(False, _("The address of the file leads from one address to the next.")),
    "media_cut": MediaError(True, _("The file came in part only.")),
    "media_empty": MediaError(True, _("The file is empty.")),
    "media_too_large": MediaError(False, _("The file is larger than this kind of file may be.")),
    "media_encoded": MediaError(False, _("The file came compressed, which was not asked for.")),
    "media_storage": MediaError(True, _("Our own storage did not take the file.")),
    "media_interrupted": MediaError(False, _("Fetching the file was cut off each time.")),
}
UNKNOWN = MediaError(False, _("The file could not be fetched."))


def kind_of(key: str) -> MediaError:
    """The named reason; UNKNOWN for a key that is not in the table."""
    return MEDIA_ERRORS.get(key, UNKNOWN)


def again_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts, at least one; None when there were enough."""
    return WAITS[max(attempts, 1) - 1] if attempts <= len(WAITS) else None
