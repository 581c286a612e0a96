"""What people (and the workers by themselves) do that is written down, in words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Act(models.TextChoices):
    """The code is stored, the word is shown in the reader's language."""

    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    ROLES = "roles", _("role changed")
    PASSWORD = "password", _("password changed")
    TOKEN_MADE = "token_made", _("API token made")
    TOKEN_REVOKED = "token_revoked", _("API token revoked")
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_FAILED = "sign_in_failed", _("wrong password")
    LOCKED_OUT = "locked_out", _("locked out for a while")
    UPLOADED = "uploaded", _("uploaded")
    STARTED = "started", _("started")
    RESUMED = "resumed", _("gone on")
    PAUSED = "paused", _("paused")
    CANCELLED = "cancelled", _("cancelled")
    DISCARDED = "discarded", _("discarded")
    MADE_AGAIN = "made_again", _("made a new base from it")
    TERMS = "terms", _("dates changed")
    MAPPED = "mapped", _("columns chosen")
    TEST_SENT = "test_sent", _("test sent")
    SENT_AGAIN = "sent_again", _("sent again")
    TAKEN_AS_SENT = "taken_as_sent", _("taken as sent")
    CAP_LIFTED = "cap_lifted", _("daily cap lifted")
    TEMPLATE_OVERRIDDEN = "template_overridden", _("template used without approval")
    SUSPENDED = "suspended", _("suspended")
    IN_SERVICE = "in_service", _("back in service")
    ADDRESSES_MADE = "addresses_made", _("callback addresses made")
    ADDRESSES_RETIRED = "addresses_retired", _("callback addresses retired")
    WATCHED = "watched", _("conversation watched")
    WHISPERED = "whispered", _("whispered to the agent")
    TAKEN_OVER = "taken_over", _("interaction taken over")
    MOVED = "moved", _("interaction moved")
    GIVEN = "given", _("interaction given to an agent")
    SENT_TO_PAUSE = "sent_to_pause", _("sent to pause")
    EXPORTED = "exported", _("conversations exported")
    ERASURE = "erasure", _("erasure of a person's data requested")


class Via(models.TextChoices):
    """How somebody came to do it."""

    PAGE = "page", _("on a page")
    API = "api", _("through the API")
    COMMAND = "command", _("from the command line")
    SYSTEM = "system", _("by itself")
