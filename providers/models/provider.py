"""A provider: one approved number, its credentials, its pace and its callback tokens."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.errors import Refusal
from providers.fields import EncryptedTextField
from providers.own_numbers import parse_own
from providers.patterns import SLOW, endless

MOST_RECIPIENTS = 1000  # a request; Wavy documents it for SMS only, whose messages may differ


def validate_regexp(pattern: str) -> None:
    """Raises ValidationError, with the position, where the pattern does not compile; and where it never ends."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValidationError(
            _("This pattern does not compile: %(why)s. “.” accepts every number."), params={"why": str(error)}
        ) from error
    if endless(pattern):
        raise ValidationError(SLOW)


class ApiType(models.TextChoices):
    """Which driver talks to the provider."""

    WAVY_WHATSAPP = "WavyWhatsapp", "WavyWhatsapp"
    WAVY_SMS = "WavySMS", "Wavy SMS"


class Provider(models.Model):
    """One approved number at a messaging provider."""

    api_type = models.CharField(
        _("API type"), max_length=32, choices=ApiType.choices, default=ApiType.WAVY_WHATSAPP
    )
    name = models.CharField(
        _("Name"), max_length=100, unique=True, help_text=_("How you recognise this provider.")
    )
    number = models.CharField(
        _("Number"),
        max_length=32,
        help_text=_(
            "The approved number, as shown in Wavy under WhatsApp → Account; for SMS the short code."
        ),
    )
    username = models.CharField(_("Username"), max_length=200, help_text=_("Given to you by Wavy."))
    password = EncryptedTextField(
        _("Password"), help_text=_("Given to you by Wavy. Stored encrypted, never shown again.")
    )
    sms_regexp = models.CharField(
        _("SMS RegExp"),
        max_length=500,
        default=".",
        validators=[validate_regexp],
        help_text=_("Searched in each destination number; “.” accepts every number."),
    )
    sms_from = models.CharField(
        _("SMSFrom"),
        max_length=200,
        blank=True,
        help_text=_("For Wavy: the namespace of your templates, given after the account was created."),
    )
    url = models.CharField(_("URL"), max_length=1000, blank=True)
    default = models.BooleanField(
        _("Default"),
        default=False,
        help_text=_("Used where nothing else says; marking one unmarks the previous."),
    )
    messages_per_second = models.PositiveIntegerField(
        _("Messages per second"), default=0, help_text=_("0 = no limit.")
    )
    daily_limit = models.PositiveIntegerField(
        _("Daily limit"), default=0, help_text=_("New people in 24 hours; the rest waits. 0 = no limit.")
    )
    recipients_per_request = models.PositiveIntegerField(
        _("Recipients per request"),
        default=100,
        validators=[MaxValueValidator(MOST_RECIPIENTS)],
        help_text=_(
            "How many people of the same content share one request, up to 1,000; 0 = as many as that. "
            "SMS of different contents share one, too."
        ),
    )
    # Why nothing may leave: set by the wire (credentials turned away), cleared when they work again.
    suspended_at = models.DateTimeField(_("suspended since"), null=True, editable=False)
    suspended_reason = models.CharField(_("why suspended"), max_length=64, blank=True, editable=False)
    # Whether providers.limits has counted the people of the last 24 hours.
    counts_people = models.BooleanField(default=False, editable=False)
    last_callback_at = models.DateTimeField(_("last callback"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("SMS provider")
        verbose_name_plural = _("SMS providers")
        constraints = [
            models.UniqueConstraint(
                fields=["default"], condition=models.Q(default=True), name="one_default_provider"
            ),
            models.UniqueConstraint(
                fields=["api_type", "number"],
                name="one_provider_per_number",
                violation_error_message=_("Another provider already has this number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Brings the number into digits, or says what is wrong with it."""
        super().clean()
        if self.api_type not in ApiType.values:
            return  # that is what is wrong with it
        try:
            self.number = parse_own(self.number, self.api_type)
        except Refusal as refusal:
            raise ValidationError({"number": str(refusal)}) from refusal

    def validate_constraints(self, exclude: Any = None) -> None:
        """Saving through `save_provider` unmarks the previous default, so that one is no conflict."""
        super().validate_constraints(exclude={*(exclude or ()), "default"})


class CallbackToken(models.Model):
    """A secret that a callback URL carries. An older one stays good beside a new one until it is removed."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="callback_tokens")
    token = EncryptedTextField()
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("callback token")
        verbose_name_plural = _("callback tokens")

    def __str__(self) -> str:
        return f"{self.provider} #{self.pk}"
