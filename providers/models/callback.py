"""The inbox: every callback as it came, and what could not be applied."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CallbackKind(models.TextChoices):
    MESSAGE = "message", _("message")
    STATUS = "status", _("status")


class CallbackState(models.IntegerChoices):
    NEW = 0, _("new")
    DONE = 1, _("applied")
    FAILED = 2, pgettext_lazy("callback", "set aside")


class Callback(models.Model):
    """The raw body, stored before it is answered. `provider` is empty until the origin tells (open mode)."""

    provider = models.ForeignKey(
        "providers.Provider",
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        db_constraint=False,  # it would have every callback lock its provider's row
        verbose_name=_("provider"),
    )
    # Whose id it was that opened the door, to tell a token's last use; no foreign key, as a retired one is gone.
    token_id = models.BigIntegerField(null=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=CallbackKind.choices)
    body = models.BinaryField()
    received_at = models.DateTimeField(_("received"))
    state = models.SmallIntegerField(_("state"), choices=CallbackState.choices, default=CallbackState.NEW)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    processed_at = models.DateTimeField(_("applied"), null=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        indexes = [
            models.Index(
                fields=["kind", "id"], condition=models.Q(state=CallbackState.NEW), name="callback_inbox"
            ),
            models.Index(fields=["received_at"], name="callback_received"),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state=CallbackState.FAILED),
                name="callback_set_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class QuarantinedItem(models.Model):
    """One item (index within its callback) that could not be applied, or a whole body (index -1)."""

    callback = models.ForeignKey(
        Callback, on_delete=models.CASCADE, related_name="quarantined", verbose_name=_("callback")
    )
    index = models.IntegerField(_("index"))
    raw = models.TextField(_("as it came"))
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("quarantined item")
        verbose_name_plural = _("quarantined items")
        constraints = [models.UniqueConstraint(fields=["callback", "index"], name="one_quarantine_per_item")]

    def __str__(self) -> str:
        return f"{self.callback} [{self.index}]: {self.reason}"


class UnmatchedStatus(models.Model):
    """A status item for a message that is not, or not yet, in the ledger. Tried again when answers record ids."""

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="+", db_index=False)
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    index = models.IntegerField()
    correlation_id = models.CharField(max_length=200, blank=True)
    provider_message_id = models.CharField(max_length=200, blank=True)
    item = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("status of an unknown message")
        verbose_name_plural = _("statuses of unknown messages")
        constraints = [models.UniqueConstraint(fields=["callback", "index"], name="one_unmatched_per_item")]
        indexes = [
            models.Index(fields=["provider", "provider_message_id"], name="unmatched_by_provider_id"),
            models.Index(
                fields=["created_at"],
                condition=~models.Q(provider_message_id=""),
                name="unmatched_with_an_id",
            ),
        ]

    def __str__(self) -> str:
        return self.provider_message_id or self.correlation_id


class RefusedCallbacks(models.Model):
    """How many callbacks were turned away, by the number they named ("" = none of ours)."""

    number = models.CharField(max_length=32, unique=True)
    n = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number}: {self.n}"
