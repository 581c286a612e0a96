"""A dialer: sends bases through one provider, at its pace, inside its hours."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.opening import HasHours, schedule_field
from providers.drivers import driver_for
from providers.models.provider import validate_regexp


class Dialer(HasHours):
    """What an operator's bases are uploaded to."""

    name = models.CharField(
        _("Name"),
        max_length=100,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[A-Za-z0-9_-]+\Z", _("Only the letters A–Z and a–z, digits, “_” and “-” are allowed.")
            )
        ],
        help_text=_("Letters A–Z, digits, “_” and “-”. It stands in the first column of its bases."),
    )
    provider = models.ForeignKey(
        "providers.Provider",
        on_delete=models.PROTECT,
        related_name="dialers",
        verbose_name=_("SMS providers"),
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="dialers",
        verbose_name=_("Campaign"),
        help_text=_("Where answers go; empty = to the campaign of the number that was answered."),
    )
    dialing_chain = models.CharField(
        _("Dialing chain"),
        max_length=500,
        default=".",
        validators=[validate_regexp],
        help_text=_("Searched in each destination number; “.” accepts every number."),
    )
    time_between_messages = models.PositiveIntegerField(
        _("Time between messages"), default=0, help_text=_("Milliseconds; 0 = no limit.")
    )
    schedule = schedule_field(
        _("mon,tue;09:00-17:59 — sends only inside it; one line for each set of days. Empty = always.")
    )
    enabled = models.BooleanField(_("Enabled"), default=True, help_text=_("Must be on to start."))
    dncr = models.BooleanField(
        _("DNCR"),
        default=False,
        help_text=_("Check the external do-not-call registries too. Our own opt-outs always hold."),
    )
    language = models.CharField(
        _("Language"), max_length=16, blank=True, help_text=_("Of the templates, where one has several.")
    )
    default_country = models.CharField(
        _("Default country"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", _("Two capital letters, such as UY or BR."))],
        help_text=_("UY, BR, MX … for numbers without a country code; empty = such numbers are refused."),
    )
    attempts = models.PositiveSmallIntegerField(
        _("Attempts"), default=3, help_text=_("Only for what is known not to have left.")
    )
    retry_after = models.PositiveIntegerField(_("Retry after"), default=60, help_text=_("Seconds."))
    failure_limit = models.PositiveSmallIntegerField(
        _("Failure limit"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_("Percent of the latest messages that may fail before the base is paused. 0 = no limit."),
    )
    # How files with a header were mapped before, by their columns: see dialers.mapping.
    mappings = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("SMS dialer")
        verbose_name_plural = _("SMS dialers")

    def __str__(self) -> str:
        return self.name

    @property
    def takes_templates(self) -> bool:
        """Whether its provider knows templates; else every message is a text of its own."""
        return driver_for(self.provider.api_type).templates

    def clean(self) -> None:
        """What was claimed through one provider must not leave through another."""
        super().clean()
        before = (
            Dialer.objects.filter(pk=self.pk).values_list("provider", flat=True).first() if self.pk else None
        )
        if before not in (None, self.provider_id) and self.bases.exists():
            raise ValidationError(
                {"provider": _("This dialer has bases of its provider. Make a new dialer for another one.")}
            )
