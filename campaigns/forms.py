"""The campaign's form: DIDs as text, the zone as a choice; and the rows of the Members tab."""

import json
import re
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Campaign
from campaigns.provider_forms import AtProviderForm
from campaigns.services import claim
from providers.errors import Refusal
from providers.models import Provider
from providers.own_numbers import written


def split_numbers(text: str) -> list[str]:
    """The numbers of a text, separated by commas, semicolons or line breaks."""
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


class CampaignForm(AtProviderForm):
    """General: everything of a campaign but its members."""

    did_numbers = forms.CharField(
        label=_("DIDs - Ports"),
        required=False,
        widget=UnfoldAdminTextInputWidget({"inputmode": "tel", "autocomplete": "off"}),
        help_text=_(
            "The numbers approved by Wavy, separated by commas. The provider's own number is offered."
        ),
    )

    class Meta:
        model = Campaign
        fields: ClassVar = [
            "name",
            "service_level",
            "provider",
            "schedule",
            "time_zone",
            "calendar",
            "out_of_time",
            "strategy",
            "distribution",
            "max_interactions",
            "enabled",
        ]
        help_texts: ClassVar = {"schedule": _("Whoever writes outside it gets the text of *Out of time*.")}
        widgets: ClassVar = {
            "out_of_time": UnfoldAdminTextareaWidget({"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.editable:
            return
        offers = {str(pk): written(number) for pk, number in Provider.objects.values_list("pk", "number")}
        self.fields["did_numbers"].widget.attrs["data-offers"] = json.dumps(offers)
        if self.instance.pk:
            numbers = self.instance.dids.order_by("pk").values_list("number", flat=True)
            self.initial["did_numbers"] = ", ".join(map(written, numbers))
        elif self.offered:
            self.initial.setdefault("did_numbers", written(self.offered.number))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        provider = self.cleaned_data.get("provider")
        if provider is not None:
            numbers = split_numbers(self.cleaned_data.get("did_numbers", ""))
            try:
                self.cleaned_data["did_numbers"] = claim(
                    provider, numbers, self.instance if self.instance.pk else None
                )
            except Refusal as refusal:
                self.add_error("did_numbers", str(refusal))
        return cleaned


class MemberFormSet(PaginationInlineFormSet):
    """Asks for the agents once, however many members there are."""

    @cached_property
    def agent_choices(self) -> list[tuple[Any, Any]]:
        agents = User.objects.filter(groups__name=Role.AGENTS, is_active=True).order_by("username")
        return [
            ("", "---------"),
            *((agent.pk, f"{agent.get_full_name()} ({agent})".strip()) for agent in agents),
        ]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "agent" not in form.fields:  # somebody who only looks
            return
        choices = self.agent_choices
        member = form.instance
        if member.pk and member.agent_id not in {pk for pk, _name in choices}:
            choices = [*choices, (member.agent_id, str(member.agent))]
        form.fields["agent"].widget.choices = choices
