"""The field that limits a campaign to teams: one offers one's own, keeps the others, and never shuts oneself out."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.rules import teams_of
from campaigns.models import Campaign


class LimitField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Offers the teams of `reader`, who is set by the page."""

    def __init__(self, queryset: Any, *, reader: Any, **kwargs: Any) -> None:
        super().__init__(queryset, **kwargs)
        self.reader = reader
        self.said = self.help_text
        self.help_text = SimpleLazyObject(self._help)  # type: ignore[assignment]  # reads as a text
        self.queryset = Group.objects.filter(pk__in=teams_of(reader).values("pk")).order_by("name")

    def _help(self) -> str:
        """Asked for once, when it is shown."""
        if teams_of(self.reader).exists():
            return str(self.said)
        return " ".join((str(self.said), _("You are in no team yet: make one under People, Teams.")))

    def keep(self, campaign: Campaign) -> None:
        """Offers the groups that the campaign has already, too."""
        if campaign.pk:
            own, kept = teams_of(self.reader).values("pk"), campaign.groups.values("pk")
            self.queryset = Group.objects.filter(Q(pk__in=own) | Q(pk__in=kept)).order_by("name")

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        if chosen and not self.reader.is_superuser and not chosen.filter(pk__in=self._own()).exists():
            raise ValidationError(
                _("Choose a team of yours too: you would not see the campaign any more otherwise.")
            )
        return chosen

    def _own(self) -> Any:
        return self.reader.groups.values("pk")
