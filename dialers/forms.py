"""The dialer's form, in the guide's words and units."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from campaigns.provider_forms import AtProviderForm
from dialers.models import Dialer
from providers.countries import country_choices
from providers.models import Template
from providers.widgets import PatternWidget


def language_choices() -> list[tuple[str, str]]:
    """The languages that templates exist in."""
    languages = Template.objects.order_by("language").values_list("language", flat=True).distinct()
    return [("", str(_("the template's only one"))), *((language, language) for language in languages)]


def minutes(seconds: int) -> Decimal:
    """Seconds as minutes, with two decimals at most and none that says nothing: 90 is 1.5."""
    return Decimal(f"{Decimal(seconds) / 60:.2f}".rstrip("0").rstrip("."))


class DialerForm(AtProviderForm):
    """Minutes on the page, seconds in the database."""

    retry_minutes = forms.DecimalField(
        label=_("Retry after"),
        min_value=0,
        max_value=10_080,
        decimal_places=2,
        initial=1,
        widget=UnfoldAdminDecimalFieldWidget({"step": "any"}),
        help_text=_("Minutes until the next attempt."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=language_choices,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Of the templates, where one has several."),
    )
    default_country = forms.ChoiceField(
        label=_("Default country"),
        required=False,
        choices=country_choices,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("For numbers without a country code."),
    )

    class Meta:
        model = Dialer
        fields: ClassVar = [
            "name",
            "provider",
            "dialing_chain",
            "time_between_messages",
            "schedule",
            "time_zone",
            "calendar",
            "enabled",
            "dncr",
            "campaign",
            "language",
            "default_country",
            "attempts",
            "failure_limit",
        ]
        widgets: ClassVar = {"dialing_chain": PatternWidget()}
        help_texts: ClassVar = {"schedule": _("Sends only inside it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.editable:
            return
        stored = self.instance.language
        if stored and stored not in dict(language_choices()):
            self.fields["language"].choices = [*language_choices(), (stored, stored)]  # type: ignore[attr-defined]  # a ChoiceField
        if self.instance.pk:
            self.initial["retry_minutes"] = minutes(self.instance.retry_after)

    def save(self, commit: bool = True) -> Any:
        self.instance.retry_after = round(self.cleaned_data["retry_minutes"] * 60)
        return super().save(commit)
