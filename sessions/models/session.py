"""An interaction between a customer and an agent: whose it is, how far it came, how it ended."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from providers.drivers import driver_for


class SessionState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    ACTIVE = "active", _("active")
    CLOSED = "closed", pgettext_lazy("interaction", "closed")


class Origin(models.TextChoices):
    """Who began it. Only what a customer began is offered, and counts for the service level."""

    CUSTOMER = "customer", _("the customer wrote")
    AGENT = "agent", _("an agent wrote first")
    RESCHEDULED = "rescheduled", _("rescheduled")


class Ending(models.TextChoices):
    """How it was closed."""

    PERSON = "person", _("by a person")
    KEYWORD = "keyword", _("by a keyword answer")
    IDLE = "idle", _("for want of messages")
    ERASED = "erased", _("its data were erased")


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
    opened_at = models.DateTimeField(pgettext_lazy("interaction", "opened"))
    assigned_at = models.DateTimeField(_("assigned"), null=True)
    taken_at = models.DateTimeField(_("taken"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    closed_at = models.DateTimeField(pgettext_lazy("interaction", "closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    out_of_time_at = models.DateTimeField(_("out of time text sent"), null=True)
    origin = models.CharField(
        _("begun by"),
        max_length=12,
        choices=Origin.choices,
        default=Origin.CUSTOMER,
        db_default=Origin.CUSTOMER,
    )
    # Since when it stands in this campaign's queue; `opened_at` stays, also when it moves on to another one.
    queued_at = models.DateTimeField(_("in the queue since"), db_default=Now())
    queue_text_at = models.DateTimeField(_("queue text sent"), null=True)
    # Of the last message in it, whoever wrote it.
    active_at = models.DateTimeField(_("last message"), db_default=Now())
    # The last message that its agent has seen.
    read_up_to = models.BigIntegerField(default=0, db_default=0, editable=False)
    # The service level as it was when the interaction was answered or abandoned: which campaign's, whose first
    # message, how many seconds of the campaign's open hours it took, and whether that was within the limit.
    served_in = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("served in"),
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("answered by"),
    )
    waited = models.PositiveIntegerField(_("seconds waited"), null=True)
    in_time = models.BooleanField(_("within the service level"), null=True)
    ending = models.CharField(
        _("ended"), max_length=8, choices=Ending.choices, blank=True, default="", db_default=""
    )
    disposition = models.ForeignKey(
        "campaigns.Disposition",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("disposition"),
    )
    comment = models.TextField(_("comment"), blank=True, default="", db_default="")
    # When the customer is to be written to again; `reminded_at`: when an interaction was opened for it.
    reschedule_at = models.DateTimeField(_("rescheduled for"), null=True)
    reminded_at = models.DateTimeField(null=True, editable=False)

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
            # The service level of a span of time is that of the interactions which came in it.
            models.Index(fields=["opened_at"], name="sessions_by_day"),
            models.Index(
                fields=["active_at"],
                condition=models.Q(state=SessionState.ACTIVE),
                name="sessions_by_activity",
            ),
            models.Index(
                fields=["reschedule_at"],
                condition=models.Q(reschedule_at__isnull=False, reminded_at__isnull=True),
                name="sessions_to_reopen",
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
