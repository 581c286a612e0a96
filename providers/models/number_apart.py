"""A spelling of a number that is another person at one provider: told apart by whom, when, why; and merged again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NumberApart(models.Model):
    """While `merged_at` is empty, whoever is at `number` has a contact of their own.

    `number` is the dialled digits of a spelling that is not the canonical one, so a contact that has such a number
    is one that was told apart.
    """

    provider = models.ForeignKey(
        "providers.Provider",
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("provider"),
    )
    number = models.CharField(_("number"), max_length=32)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("told apart by"),
    )
    told_at = models.DateTimeField(pgettext_lazy("number", "told apart"))
    reason = models.CharField(_("why"), max_length=500)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("merged again by"),
    )
    merged_at = models.DateTimeField(_("merged again"), null=True)
    merge_reason = models.CharField(_("why merged again"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("number told apart")
        verbose_name_plural = _("numbers told apart")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "number"],
                condition=models.Q(merged_at__isnull=True),
                name="one_number_apart",
            )
        ]
        indexes = [models.Index(fields=["number"], name="number_apart")]

    def __str__(self) -> str:
        return f"+{self.number}"
