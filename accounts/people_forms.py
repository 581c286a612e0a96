"""The forms of people: with the roles and teams that their reader may give, and no right besides."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from unfold.forms import UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanWidget

from accounts.forms import TimeZoneField
from accounts.models import User
from accounts.people import one_time_password
from accounts.roles import role_word
from accounts.rules import roles_given_by, teams_of


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Roles by their names in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return role_word(obj.name)


class ByReader(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Roles and teams, both kept as groups; only those that the `reader`, set by the page, may give are taken."""

    reader: Any = None
    groups: Any = RolesField(
        Group.objects.none(),
        label=_("Role"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    teams: Any = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label=_("Teams"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("Campaigns that are limited to a team are seen by its supervisors and operators alone."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in (("groups", roles_given_by), ("teams", teams_of)):
            field: Any = self.fields[name]
            field.queryset = offered(self.reader)
            if self.instance.pk:
                self.initial[name] = list(
                    field.queryset.filter(user=self.instance).values_list("pk", flat=True)
                )

    def clean_groups(self) -> list[Group]:
        return list(self.cleaned_data["groups"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "groups" in self.cleaned_data:
            self.cleaned_data["groups"] += list(self.cleaned_data.get("teams", ()))
        return cleaned


class PersonForm(ByReader, UserChangeForm):  # type: ignore[type-arg]  # not generic at run time
    """Somebody who is there already; the password has acts of its own."""

    time_zone = TimeZoneField()
    password: Any = None


class NewPersonForm(ByReader, UserCreationForm):
    """Makes somebody who can sign in. Without a password they get one for the first sign-in, which is shown once."""

    must_change_password = forms.BooleanField(
        label=_("Must choose a password"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget(),
        help_text=_("At the first sign-in, before anything else."),
    )
    one_time = ""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "first_name", "last_name", "email", "groups", "must_change_password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _(
            "Left empty, a password for the first sign-in is made and shown to you once."
        )
        self.fields["password2"].help_text = ""

    def validate_passwords(self, *names: str, **more: Any) -> None:
        if not self.cleaned_data.get("password1") and not self.cleaned_data.get("password2"):
            self.one_time = one_time_password()
            self.cleaned_data |= {"password1": self.one_time, "password2": self.one_time}
            self.cleaned_data["must_change_password"] = True
        super().validate_passwords(*names, **more)
