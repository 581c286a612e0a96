"""The do-not-call registry: our own opt-outs and external registries."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """`external` is checked only where the dialer's DNCR is on; all others always hold."""

    OPERATOR = "operator", _("entered by us")
    CUSTOMER = "customer", _("asked by the customer")
    PROVIDER = "provider", _("told by the provider")
    EXTERNAL = "external", _("external registry")


class DoNotCall(models.Model):
    """A number, in canonical form, that must not be written to; no provider = at all of them."""

    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("SMS provider")
    )
    number = models.CharField(_("Number"), max_length=32)
    source = models.CharField(_("Source"), max_length=16, choices=Source.choices, default=Source.OPERATOR)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("do-not-call entry")
        verbose_name_plural = _("do-not-call registry")
        constraints = [
            models.UniqueConstraint(fields=["number", "provider", "source"], name="one_do_not_call_entry"),
            models.UniqueConstraint(
                fields=["number", "source"],
                condition=models.Q(provider__isnull=True),
                name="one_do_not_call_entry_everywhere",
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.number}"
