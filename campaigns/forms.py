"""The campaign's form: its numbers as text, the week, the queue, the dispositions."""

from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.choices import is_looked_up
from campaigns.disposition_forms import TreeField
from campaigns.dispositions import tree_of
from campaigns.models import Campaign
from campaigns.number_forms import NumbersWidget, check_numbers, split_numbers
from campaigns.provider_forms import AtProviderForm
from campaigns.services import holders
from campaigns.team_forms import LimitField
from providers.own_numbers import written


class CampaignForm(AtProviderForm):
    """Everything of a campaign but the rows of its other tabs; `reader` is set by the page."""

    reader: Any = AnonymousUser()
    did_numbers = forms.CharField(
        label=_("DIDs - Ports"),
        required=False,
        widget=NumbersWidget(),
        help_text=_(
            "The numbers approved by Wavy, separated by commas. The provider's own number is offered."
        ),
    )
    disposition_tree = TreeField()

    class Meta:
        model = Campaign
        fields: ClassVar = [
            *("name", "service_level", "provider", "strategy", "distribution", "max_interactions"),
            *("groups", "enabled"),
            *("schedule", "time_zone", "calendar", "out_of_time"),
            *("waiting_amber", "waiting_red", "max_queued", "max_time_in_queue", "queue_text", "overflow"),
            *("max_transfer_time", "wrap_up", "close_after", "close_text", "disposition_modal"),
        ]
        help_texts: ClassVar = {"schedule": _("Whoever writes outside it is answered the text Out of time.")}
        widgets: ClassVar = {
            name: UnfoldAdminTextareaWidget({"rows": 3})
            for name in ("out_of_time", "queue_text", "close_text")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.editable:
            return
        tree: Any = self.fields["disposition_tree"]
        tree.campaign = self.instance
        self.initial["disposition_tree"] = tree_of(self.instance)
        self._offer_overflow()
        limit: Any = self.fields.get("groups")
        if isinstance(limit, LimitField):
            limit.keep(self.instance)
        numbers_widget: Any = self.fields["did_numbers"].widget
        numbers_widget.campaign = self.instance.pk
        if self.instance.pk:
            dids = sorted(self.instance.dids.all(), key=attrgetter("pk"))
            self.initial["did_numbers"] = ", ".join(written(did.number) for did in dids)
        elif self.offered and not holders(self.offered, [self.offered.number]):
            own = written(self.offered.number)
            numbers_widget.attrs["data-offered"] = self.initial.setdefault("did_numbers", own)

    def _offer_overflow(self) -> None:
        """The other campaigns, by provider: only one of the same can take an interaction."""
        field: Any = self.fields["overflow"]
        others = field.queryset.exclude(pk=self.instance.pk).order_by("provider__name", "name")
        field.queryset = others
        if is_looked_up(field.widget):
            return
        rows = others.values_list("provider__name", "pk", "name")
        by_provider = groupby(rows, key=itemgetter(0))
        field.widget.choices = [
            ("", _("none: they go on waiting")),
            *((provider, [(pk, name) for _provider, pk, name in rows]) for provider, rows in by_provider),
        ]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        provider = self.cleaned_data.get("provider")
        if provider is not None:
            numbers = split_numbers(self.cleaned_data.get("did_numbers", ""))
            besides = self.instance if self.instance.pk else None
            checked = check_numbers(provider, numbers, besides, self.reader)
            for problem in checked.problems:
                self.add_error("did_numbers", problem)
            if not checked.problems:
                self.cleaned_data["did_numbers"] = checked.digits
        return cleaned
