"""Alerts: what needs a person, since when and until when; whom it was told, and what is watched."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.audit import watch
from providers.fields import EncryptedTextField

THE_ROW = 1


class AlertKind(models.TextChoices):
    """What may need a person."""

    CREDENTIALS = "credentials", _("username or password turned away")
    BASE_PAUSED = "base_paused", _("base paused by itself")
    FAILURE_RATE = "failure_rate", _("too much fails")
    QUEUE_WAIT = "queue_wait", _("customers wait too long")
    QUEUE_FULL = "queue_full", _("queue full")
    SILENT = "silent", _("callbacks silent")
    QUARANTINE = "quarantine", _("quarantine fills")
    SET_ASIDE = "set_aside", _("callbacks set aside")
    UNMATCHED = "unmatched", _("statuses of unknown messages")
    WORKERS = "workers", _("workers not heard from")


class AlertLevel(models.TextChoices):
    """How bad it is."""

    AMBER = "amber", _("soon")
    RED = "red", _("now")


class Alert(models.Model):
    """One thing that is wrong with one subject (`provider:3`, `base:7`, `campaign:2`, `queue:bases`, `inbox`).

    `values` are what its sentence says, as JSON. Until `opened_at` it is only watched: it may be over before
    it counts. `clear_since`: since when it looks over; `until`: since when it is. Without a foreign key, as an
    alert outlives what it is about; `campaign` is whose supervisors may see it, none = all of them.
    """

    kind = models.CharField(_("kind"), max_length=32, choices=AlertKind.choices)
    subject = models.CharField(_("subject"), max_length=64)
    level = models.CharField(_("level"), max_length=8, choices=AlertLevel.choices, default=AlertLevel.RED)
    values = models.JSONField(default=dict)
    # What the condition counts from: a change ends it, as the callback does that came after a silence.
    mark = models.CharField(max_length=64, blank=True)
    campaign = models.BigIntegerField(null=True)
    since = models.DateTimeField(_("since"))
    opened_at = models.DateTimeField(pgettext_lazy("alert", "opened"), null=True)
    clear_since = models.DateTimeField(null=True)
    until = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(until__isnull=True),
                name="one_open_alert_per_subject",
            )
        ]
        indexes = [
            models.Index(
                models.F("until").desc(nulls_first=True), models.F("id").desc(), name="alerts_open_first"
            )
        ]

    def __str__(self) -> str:
        name = self.name
        return f"{self.get_kind_display()} · {name}" if name else str(self.get_kind_display())

    @property
    def name(self) -> str:
        """What it is about, as people call it; "" where its kind says it all."""
        named = (self.values.get(key) for key in ("provider", "base", "campaign", "queue"))
        return str(next(filter(None, named), ""))

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.until is None


class AlertRules(models.Model):
    """One row at most; none = the defaults. What is watched, where the limits are, and whom it is told."""

    off: "models.JSONField[Any, Any]" = models.JSONField(default=list, blank=True)  # keys of AlertKind
    failure_percent = models.PositiveSmallIntegerField(
        _("Failures"),
        default=30,
        help_text=_("Percent of a base's latest messages that fail; an alert, not a pause. 0 = never."),
    )
    silent_minutes = models.PositiveSmallIntegerField(
        _("Callbacks silent"),
        default=15,
        help_text=_("Minutes in which messages were sent and nothing came back. 0 = never."),
    )
    quarantine_items = models.PositiveIntegerField(
        _("Quarantine"), default=10, help_text=_("Items within an hour that could not be applied. 0 = never.")
    )
    set_aside_callbacks = models.PositiveIntegerField(
        _("Callbacks set aside"),
        default=1,
        help_text=_("Callbacks within an hour that failed as a whole. 0 = never."),
    )
    unmatched_statuses = models.PositiveIntegerField(
        _("Statuses of unknown messages"),
        default=1000,
        help_text=_("Statuses within an hour that belong to no message of ours. 0 = never."),
    )
    worker_seconds = models.PositiveSmallIntegerField(
        _("Workers silent"), default=60, help_text=_("Seconds without a sign of life of a worker. 0 = never.")
    )
    emails = models.TextField(
        _("E-mail addresses"),
        blank=True,
        help_text=_("One a line. Who signs in with that address here reads it in their own language."),
    )
    webhook_url = models.CharField(
        _("Webhook"),
        max_length=1000,
        blank=True,
        help_text=_("An address to which each alert is posted as JSON, and its end. Empty = none."),
    )
    webhook_secret = EncryptedTextField(
        _("Webhook secret"),
        blank=True,
        help_text=_("What each request is signed with (HMAC-SHA256). Stored encrypted, never shown again."),
    )
    swept_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("alert rules")
        verbose_name_plural = _("alert rules")
        constraints = [models.CheckConstraint(condition=models.Q(id=THE_ROW), name="one_row_of_alert_rules")]

    def __str__(self) -> str:
        return str(_("Alert rules"))


class Event(models.TextChoices):
    """What is told of an alert."""

    OPENED = "opened", pgettext_lazy("alert", "opened")
    WORSE = "worse", _("got worse")
    ENDED = "ended", _("over")


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    WEBHOOK = "webhook", _("webhook")


class DeliveryState(models.IntegerChoices):
    WAITING = 1, _("waiting")
    DONE = 2, _("told")
    FAILED = 3, _("could not be told")


class AlertDelivery(models.Model):
    """One event of an alert for one recipient, written down together with it, so that a crash loses none.

    `next_attempt_at` is pushed ahead by whoever tells it: their lease, and the mark that the row is still theirs.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(_("event"), max_length=8, choices=Event.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    address = models.CharField(_("address"), max_length=1000)
    state = models.SmallIntegerField(_("state"), choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    told_at = models.DateTimeField(_("told"), null=True)

    class Meta:
        verbose_name = _("delivery of an alert")
        verbose_name_plural = _("deliveries of alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "event", "channel", "address"], name="one_delivery_per_recipient"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state=DeliveryState.WAITING),
                name="alert_deliveries_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} · {self.event} · {self.channel}"


watch(AlertRules, without=["swept_at"], secret=["webhook_secret", "webhook_url"])
