"""An interaction between a customer and an agent, and the messages it holds."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.drivers import driver_for


class SessionState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    ACTIVE = "active", _("active")
    CLOSED = "closed", _("closed")


class ChatSession(models.Model):
    """At most one open per contact.

    Waiting without an agent: in the queue; waiting with one: offered to them; active: taken. Without a
    campaign it is unrouted and waits for a supervisor to assign one.
    """

    contact = models.ForeignKey(
        "providers.Contact", on_delete=models.PROTECT, related_name="sessions", verbose_name=_("contact")
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.PROTECT,
        null=True,
        related_name="sessions",
        verbose_name=_("campaign"),
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="sessions",
        verbose_name=_("agent"),
    )
    state = models.CharField(
        _("state"), max_length=8, choices=SessionState.choices, default=SessionState.WAITING
    )
    opened_at = models.DateTimeField(_("opened"))
    assigned_at = models.DateTimeField(_("assigned"), null=True)
    taken_at = models.DateTimeField(_("taken"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    out_of_time_at = models.DateTimeField(_("out of time text sent"), null=True)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=~models.Q(state=SessionState.CLOSED),
                name="one_open_session_per_contact",
            )
        ]
        indexes = [
            models.Index(
                fields=["campaign", "opened_at"],
                condition=models.Q(state=SessionState.WAITING, agent__isnull=True),
                name="sessions_in_queue",
            ),
            models.Index(
                fields=["agent", "state"],
                condition=~models.Q(state=SessionState.CLOSED),
                name="sessions_of_agent",
            ),
            # The board asks for today's every few seconds.
            models.Index(
                fields=["answered_at"],
                condition=models.Q(answered_at__isnull=False),
                name="sessions_answered",
            ),
            models.Index(
                fields=["closed_at"], condition=models.Q(answered_at__isnull=True), name="sessions_unanswered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.get_state_display()}"

    @property
    def windowed(self) -> bool:
        """Whether free text may leave only within 24 hours of the customer's last message: not over SMS."""
        return driver_for(self.contact.provider.api_type).windowed

    @property
    def window_expires_at(self) -> datetime | None:
        """When the 24-hour session ends or ended; None where the customer never wrote, or nothing ends."""
        return self.contact.window_expires_at if self.windowed else None


class Turn(models.Model):
    """One message of an interaction; no message is in two."""

    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="turns")
    message = models.OneToOneField("providers.Message", on_delete=models.CASCADE, related_name="turn")
    # Made once per composed answer by the page, so that the same answer, posted again, is not sent again.
    submission = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints = [
            models.UniqueConstraint(fields=["session", "submission"], name="one_turn_per_submission")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} ← {self.message_id}"


class Presence(models.Model):
    """When an agent was last at the desk, or acted through the API."""

    agent = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presence")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")

    def __str__(self) -> str:
        return f"{self.agent} {self.seen_at:%H:%M:%S}"
