"""How long what was received and sent is kept, how far the pruning is, and what was erased on request."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.fields import EncryptedTextField

FOREVER = 0
LEAST_CALLBACKS = 2  # days; statuses that match nothing are tried again for one


class KeepingRules(models.Model):
    """One row at most; none = the defaults. Days; 0 = for ever."""

    callback_days = models.PositiveSmallIntegerField(
        _("Callbacks"),
        default=30,
        help_text=_("Days that a callback is kept as it came, so that it can be replayed. 0 = for ever."),
    )
    set_aside_days = models.PositiveSmallIntegerField(
        _("Quarantine"),
        default=90,
        help_text=_("Days that what could not be applied is kept, with its callback. 0 = for ever."),
    )
    unmatched_days = models.PositiveSmallIntegerField(
        _("Statuses of unknown messages"),
        default=14,
        help_text=_("Days that a status is kept which belongs to no message of ours. 0 = for ever."),
    )
    media_days = models.PositiveSmallIntegerField(
        _("Media"),
        default=180,
        help_text=_("Days that the files customers sent are kept; the message stays. 0 = for ever."),
    )
    message_days = models.PositiveSmallIntegerField(
        _("Messages and bases"),
        default=365,
        help_text=_(
            "Days that messages are kept, and the rows, error reports and files of bases that have ended. "
            "Their counts stay. 0 = for ever."
        ),
    )

    entry_days = models.PositiveSmallIntegerField(
        _("Who did what"),
        default=1095,
        help_text=_("Days that it is kept who changed, started and stopped what. 0 = for ever."),
    )

    class Meta:
        verbose_name = _("keeping rules")
        verbose_name_plural = _("keeping rules")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_row_of_keeping_rules")]

    def __str__(self) -> str:
        return str(_("Keeping"))

    def clean(self) -> None:
        """What is needed elsewhere is not thrown away too early."""
        super().clean()
        errors: dict[str, object] = {}
        for field in ("callback_days", "set_aside_days", "unmatched_days"):
            if FOREVER < getattr(self, field) < LEAST_CALLBACKS:
                errors[field] = _("Keep them for at least %(days)d days.") % {"days": LEAST_CALLBACKS}
        replies = timedelta(hours=settings.REPLY_HOURS).days + 1
        if FOREVER < self.message_days < replies:
            errors["message_days"] = _(
                "Keep messages for at least %(days)d days: answers are matched to them."
            ) % {"days": replies}
        elif self.message_days != FOREVER:
            for field in ("callback_days", "set_aside_days", "media_days"):
                if getattr(self, field) == FOREVER or getattr(self, field) > self.message_days:
                    errors.setdefault(field, _("Not longer than messages: it belongs to them."))
        if errors:
            raise ValidationError(errors)


class Pruned(models.Model):
    """What was pruned of one kind so far: how many, when last, and where the next look begins."""

    kind = models.CharField(max_length=16, unique=True)
    n = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind}: {self.n}"


class Erasure(models.Model):
    """One person's data erased on request: who, when, how many of what. The number itself is not kept.

    `number` (canonical) is there only until it is done, encrypted; no provider = at all of them.
    """

    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.SET_NULL, null=True, verbose_name=_("SMS provider")
    )
    number = EncryptedTextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    # The contacts whose data goes; null until they were found, so that nobody who writes later joins them.
    contacts = models.JSONField(null=True)
    # How many of what, by the keys of providers.erasing.words.
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(finished_at__isnull=True), name="erasures_under_way"
            )
        ]

    def __str__(self) -> str:
        return str(_("Erasure %(n)d")) % {"n": self.pk}
