"""Whether an agent is at the desk, and in what state."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PauseReason(models.Model):
    """Why an agent pauses; supervisors say which reasons there are."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    enabled = models.BooleanField(_("Enable"), default=True)

    class Meta:
        verbose_name = _("pause reason")
        verbose_name_plural = _("pause reasons")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class PresenceState(models.TextChoices):
    """What an agent chose, or a supervisor for them. Offline is no state: it is not having been seen lately."""

    AVAILABLE = "available", pgettext_lazy("agent", "available")
    PAUSED = "paused", pgettext_lazy("agent", "paused")


class Presence(models.Model):
    """When an agent was last at the desk, or acted through the API, and whether they take interactions."""

    agent = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presence")
    seen_at = models.DateTimeField()
    state = models.CharField(
        max_length=9,
        choices=PresenceState.choices,
        default=PresenceState.AVAILABLE,
        db_default=PresenceState.AVAILABLE,
    )
    since = models.DateTimeField(db_default=Now())
    reason = models.ForeignKey(PauseReason, on_delete=models.SET_NULL, null=True, related_name="+")
    # The supervisor who sent the agent to pause; None where the agent did.
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # Until then the agent is given nothing, after an interaction of a campaign with wrap-up time.
    wrap_up_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")

    def __str__(self) -> str:
        return f"{self.agent} {self.seen_at:%H:%M:%S}"
