"""Teams: groups of people that a campaign may be limited to. They never give a right."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from accounts.choices import how_many, is_long
from accounts.labels import label
from accounts.models import Team, User
from accounts.rules import may_be_put_into_teams, teams_of
from campaigns.models import Campaign
from providers.pages import Page, change_url

NAMED = 5  # campaigns of a team


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """People by name and username."""

    def label_from_instance(self, obj: Any) -> str:
        name = obj.get_full_name()
        return f"{name} ({obj})" if name else str(obj)


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A name and its people; `reader` is set by the page."""

    reader: Any = None
    people: Any = PeopleField(
        User.objects.none(), label=_("People"), required=False, widget=UnfoldAdminSelect2MultipleWidget()
    )

    class Meta:
        model = Team
        fields: ClassVar = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        field.queryset = may_be_put_into_teams(self.reader).filter(is_active=True)
        field.help_text = _("Agents and operators. A supervisor is put into a team by an administrator.")
        if self.instance.pk:
            inside = may_be_put_into_teams(self.reader).filter(groups=self.instance.pk)
            field.queryset = field.queryset | inside
            self.initial["people"] = list(inside.values_list("pk", flat=True))
        if is_long(field.queryset):
            field.widget = AutocompleteSelectMultiple(Campaign._meta.get_field("members"), admin.site)
        field.queryset = field.queryset.distinct()

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        taken = Team.objects.model._base_manager.filter(name__iexact=name).exclude(pk=self.instance.pk)
        if taken.exists():
            raise ValidationError(_("There is a group “%(name)s” already.") % {"name": name})
        return name


@admin.register(Team)
class TeamAdmin(Page):
    """Superusers see every team, supervisors those that they are in; whoever makes one is in it."""

    empty_text = _("No team of yours yet. A campaign may be limited to one: nobody else sees it then.")
    form = TeamForm
    next_step = _("Now choose it in a campaign.")
    fields = ["name", "people"]
    list_display = ["name", "size", "campaign_names"]
    search_fields = ["name"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        limited = Campaign.objects.filter(groups=OuterRef("pk")).order_by("name").values("name")[:NAMED]
        return teams_of(request.user).annotate(
            n=how_many(User.groups.through, "group"), campaigns=ArraySubquery(limited)
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"reader": request.user})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Who is not the reader's to move stays as they are."""
        super().save_related(request, form, formsets, change)
        team, chosen = form.instance, list(form.cleaned_data["people"])
        with transaction.atomic():
            others = team.user_set.exclude(pk__in=may_be_put_into_teams(request.user).values("pk"))
            kept = list(others)
            if not change and not request.user.is_superuser:
                kept.append(request.user)
            team.user_set.set([*kept, *chosen])

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Not while a campaign is limited to it: it would be open to everybody at once."""
        team = self.get_object(request, object_id)
        limited = Campaign.objects.filter(groups=team.pk).order_by("name")[:NAMED] if team else []
        if team and limited:
            said = _now("Campaigns are limited to “%(name)s”: %(campaigns)s. Change those first.")
            names = ", ".join(str(one) for one in limited)
            self.message_user(request, said % {"name": team, "campaigns": names}, level="ERROR")
            return HttpResponseRedirect(change_url(team))
        return super().delete_view(request, object_id, extra_context)

    @admin.display(description=_("People"), ordering="n")
    def size(self, team: Any) -> SafeString | int:
        return team.n or label("grey", _now("none"))

    @admin.display(description=_("Campaigns"))
    def campaign_names(self, team: Any) -> str:
        return ", ".join(team.campaigns) or "–"
