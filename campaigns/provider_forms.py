"""The form of what sends or answers through a provider, inside hours of its own: campaigns and dialers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import TimeZoneField
from campaigns.widgets import WeekWidget
from providers.models import Provider


class AtProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Offers the default provider to a new object, and says what to do where there is none.

    `offered` is the provider of a new object's form; `editable` says whether the reader may change anything.
    """

    time_zone = TimeZoneField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered: Provider | None = None
        self.editable = "provider" in self.fields
        if not self.editable:
            return
        self.fields["schedule"].widget = WeekWidget()
        self.fields["provider"].error_messages["required"] = _(
            "Choose a provider. Without one, create a provider first."
        )
        if not self.instance.pk:
            self.offered = Provider.objects.order_by("-default", "pk").first()
        if self.offered:
            self.initial.setdefault("provider", self.offered.pk)
