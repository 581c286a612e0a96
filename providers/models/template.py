"""A template: an outgoing message that WhatsApp approved, known by its code."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from providers.drivers import driver_for

PLACEHOLDER = re.compile(r"\{\{(\d+)\}\}")


def placeholders(body: str) -> int:
    """How many parameters a body asks for: the highest number in it."""
    return max((int(number) for number in PLACEHOLDER.findall(body)), default=0)


class TemplateState(models.TextChoices):
    """Wavy's own words for the review of a template."""

    APPROVED = "approved", _("approved")
    IN_ANALYSIS = "in_analysis", _("in analysis")
    DISAPPROVED = "disapproved", _("disapproved")
    ERROR = "error", _("error")
    UNKNOWN = "unknown", _("unknown")  # a word of Wavy's that is not in its list; kept in `raw_state`


class TemplateSource(models.TextChoices):
    """Who entered it first; `synced_at` says whether Wavy lists it."""

    HAND = "hand", _("by hand")
    WAVY = "wavy", _("from Wavy")


BUTTONS = 10  # at most


class Template(models.Model):
    """One language of one HSM code at one provider."""

    provider = models.ForeignKey(
        "providers.Provider",
        on_delete=models.CASCADE,
        related_name="templates",
        verbose_name=_("SMS provider"),
    )
    code = models.CharField(
        _("HSM code"),
        max_length=200,
        validators=[RegexValidator(r"^[^\s:;]+$", _("A code has no blanks, colons or semicolons."))],
        help_text=_("As Wavy shows it under WhatsApp → HSM."),
    )
    language = models.CharField(
        _("Language"),
        max_length=16,
        default="es",
        validators=[
            RegexValidator(r"^[a-z]{2,3}([_-][A-Za-z]{2,4})?$", _("Use a code such as es, es_AR or pt_BR."))
        ],
        help_text=_("es, es_AR, pt_BR, en …"),
    )
    body = models.TextField(_("Body"), help_text=_("With {{1}}, {{2}} … where the parameters go."))
    parameters = models.PositiveSmallIntegerField(
        _("Parameters"), default=0, help_text=_("Counted in the body.")
    )
    state = models.CharField(
        _("State"), max_length=16, choices=TemplateState.choices, default=TemplateState.APPROVED
    )
    ttl = models.PositiveSmallIntegerField(
        _("Time to live"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("Days, 1 to 30, that the provider tries to deliver it; empty = the provider's own 7."),
    )

    header_type = models.CharField(_("Kind of header"), max_length=16, blank=True)
    header = models.CharField(_("Header"), max_length=1000, blank=True)
    footer = models.CharField(_("Footer"), max_length=1000, blank=True)
    buttons = models.JSONField(_("Buttons"), default=list, blank=True)  # their texts
    parameter_names = models.JSONField(default=list, blank=True)  # as Wavy calls them
    namespace = models.CharField(_("Namespace"), max_length=200, blank=True)
    raw_state = models.CharField(_("State, in Wavy's word"), max_length=64, blank=True)
    source = models.CharField(
        _("Source"), max_length=8, choices=TemplateSource.choices, default=TemplateSource.HAND
    )
    synced_at = models.DateTimeField(_("last listed by Wavy"), null=True, editable=False)
    gone_at = models.DateTimeField(_("gone at Wavy since"), null=True, editable=False)
    # Sent until then although it is not approved; who let it, and why, is in TemplateOverride.
    override_until = models.DateTimeField(_("sent although not approved until"), null=True, editable=False)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.UniqueConstraint(fields=["provider", "code", "language"], name="one_template_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.language})"

    def clean(self) -> None:
        """Counts the parameters; a body that skips a number, or a provider that knows no templates, is refused."""
        super().clean()
        if self.synced_at:
            return  # Wavy's own text, as it is, at the provider that listed it
        if self.provider_id and not driver_for(self.provider.api_type).templates:
            sentence = _("%(provider)s sends SMS, which knows no templates.") % {
                "provider": self.provider.name
            }
            raise ValidationError({"provider": sentence}, code="no_templates")
        found = {int(number) for number in PLACEHOLDER.findall(self.body)}
        missing = set(range(1, max(found, default=0) + 1)) - found
        if missing or 0 in found:
            raise ValidationError(
                {"body": _("Number the parameters {{1}}, {{2}} … without a gap.")}, code="placeholder_gap"
            )
        self.parameters = len(found)

    @property
    def approved(self) -> bool:
        """Whether Wavy would take it: approved, and not gone."""
        return self.state == TemplateState.APPROVED and self.gone_at is None

    def overridden(self, now: datetime) -> bool:
        """Whether somebody lets it be sent at `now` although it is not approved."""
        return self.override_until is not None and now < self.override_until

    def may_be_sent(self, now: datetime) -> bool:
        return self.approved or self.overridden(now)

    def render(self, parameters: list[str] | tuple[str, ...]) -> str:
        """The text as the customer reads it; a parameter that is missing stays visible as {{n}}."""

        return "".join(
            (parameters[int(part) - 1] if 0 < int(part) <= len(parameters) else "{{" + part + "}}")
            if odd
            else part
            for odd, part in self.parts
        )

    @cached_property
    def parts(self) -> list[tuple[bool, str]]:
        """The body cut at its placeholders: (whether it is the number of one, the text)."""
        return [(bool(nth % 2), part) for nth, part in enumerate(PLACEHOLDER.split(self.body))]
