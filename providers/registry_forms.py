"""The forms of the do-not-call pages and of the sending rules."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.forms import TimeZoneField
from providers.countries import country_choices
from providers.models import Provider, SendingRules
from providers.models.do_not_call import Source

UPLOADED = (Source.OPERATOR, Source.EXTERNAL)


class UploadForm(forms.Form):
    """A file of numbers and what holds for all of them."""

    file = forms.FileField(
        label=_("File"), widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"})
    )
    source = forms.ChoiceField(
        label=_("Source"),
        choices=[(source.value, source.label) for source in UPLOADED],
        widget=UnfoldAdminSelectWidget(),
        help_text=_("An external registry counts only for dialers whose DNCR is on; ours always holds."),
    )
    provider = forms.ModelChoiceField(
        label=_("SMS provider"),
        queryset=Provider.objects.none(),
        required=False,
        empty_label=_("all"),
        widget=UnfoldAdminSelectWidget(),
    )
    country = forms.ChoiceField(
        label=_("Default country"),
        required=False,
        choices=country_choices,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("For numbers without a country code."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("For lines without a reason of their own."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = Provider.objects.order_by("name")  # type: ignore[attr-defined]  # a ModelChoiceField


class RemoveForm(forms.Form):
    """Why an entry is taken out."""

    reason = forms.CharField(
        label=_("Why removed"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("It is kept with the number, with your name and the time."),
    )


class SendingRulesForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What holds for every base."""

    time_zone = TimeZoneField(help_text=_("Where a day begins at midnight."))

    class Meta:
        model = SendingRules
        fields: ClassVar = ["messages_per_day", "time_zone", "stop_words", "stop_confirmation"]
        widgets: ClassVar = {
            "stop_words": UnfoldAdminTextareaWidget({"rows": 7}),
            "stop_confirmation": UnfoldAdminTextareaWidget({"rows": 3}),
        }
