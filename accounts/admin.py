"""People: who signs in, their role, language and time zone. Superusers change them, supervisors look."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.entry_admin import EntryAdmin
from accounts.forms import TimeZoneField
from accounts.history import Told
from accounts.labels import label
from accounts.models import User
from accounts.roles import Role, role_word

__all__ = ["EntryAdmin", "UserAdmin"]

ROLE_COLOURS = {Role.SUPERVISORS: "blue", Role.OPERATORS: "teal", Role.AGENTS: "green"}

# Roles come by migration and tokens by command: neither is edited by hand, and a token is a secret.
for model in (Group, TokenProxy):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Roles by their names in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return role_word(obj.name)


class RoleFilter(admin.RelatedFieldListFilter):
    """The same names beside the list."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return [(pk, role_word(str(name))) for pk, name in super().field_choices(field, request, model_admin)]


class PersonForm(UserChangeForm):
    """The user form with a choice of zones."""

    time_zone = TimeZoneField()


class NewPersonForm(UserCreationForm):
    """Makes somebody who can sign in; the role comes with the same form."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "groups")


@admin.register(User)
class UserAdmin(Told, DjangoUserAdmin):  # type: ignore[misc, type-arg]  # as unfold says to combine them
    """Supervisors and operators are let into the admin by their role; agents work at the desk."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = [
        "username",
        "full_name",
        "role_labels",
        "language",
        "time_zone",
        "is_active",
        "last_login",
    ]
    list_filter = [("groups", RoleFilter), "is_active"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language", "time_zone")}),
        (_("Role"), {"fields": ("groups", "is_active", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ["role_labels", "last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("username", "password1", "password2", "groups")}),)
        if self.has_change_permission(request, obj):
            return self.fieldsets
        (_main, person, (role, shown), dates) = self.fieldsets
        roles = (role, {"fields": ("role_labels", *shown["fields"][1:])})
        return ((None, {"fields": ("username",)}), person, roles, dates)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        person = form.instance
        roles = set(person.groups.values_list("name", flat=True))
        person.is_staff = person.is_superuser or bool(roles & {Role.SUPERVISORS, Role.OPERATORS})
        person.save(update_fields=["is_staff"])

    @admin.display(description=_("Name"))
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @admin.display(description=_("Role"))
    def role_labels(self, person: User) -> SafeString:
        labels = [
            label(ROLE_COLOURS.get(Role(group.name), "grey"), role_word(group.name))
            for group in person.groups.all()
        ]
        return SafeString(" ".join(labels))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"widget": forms.CheckboxSelectMultiple(), "form_class": RolesField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)
