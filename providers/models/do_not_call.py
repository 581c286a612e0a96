"""The do-not-call registry: our own opt-outs and external registries."""

from django.conf import settings
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
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
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


class DoNotCallRemoval(models.Model):
    """An entry that was taken out: what it was, by whom, when and why. An older opt-out does not bring it back."""

    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.CASCADE, null=True, verbose_name=_("SMS provider")
    )
    number = models.CharField(_("Number"), max_length=32)
    source = models.CharField(_("Source"), max_length=16, choices=Source.choices)
    reason_of_entry = models.CharField(_("reason of the entry"), max_length=500, blank=True)
    entered_at = models.DateTimeField(_("since"))
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("removed by"),
    )
    removed_at = models.DateTimeField(_("removed"))
    reason = models.CharField(_("why removed"), max_length=500)

    class Meta:
        verbose_name = _("removed do-not-call entry")
        verbose_name_plural = _("removed do-not-call entries")
        indexes = [models.Index(fields=["number", "-removed_at"], name="removal_of_number")]

    def __str__(self) -> str:
        return f"+{self.number}"


class DoNotCallUpload(models.Model):
    """A file of numbers that somebody uploaded, and what became of its lines."""

    name = models.CharField(_("file"), max_length=200)
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.CASCADE, null=True, verbose_name=_("SMS provider")
    )
    source = models.CharField(_("Source"), max_length=16, choices=Source.choices)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded"))
    added = models.PositiveIntegerField(_("added"))
    known = models.PositiveIntegerField(_("already there"))
    invalid = models.PositiveIntegerField(_("invalid lines"))
    report = models.FileField(_("report"), upload_to="do-not-call/%Y/%m/", blank=True)

    class Meta:
        verbose_name = _("do-not-call upload")
        verbose_name_plural = _("do-not-call uploads")

    def __str__(self) -> str:
        return self.name
