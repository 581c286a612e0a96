"""People: who signs in, their role, language and time zone. Who may look after whom is told by accounts.rules."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.admin import TokenAdmin
from rest_framework.authtoken.models import Token, TokenProxy
from unfold.forms import AdminPasswordChangeForm

from accounts import people
from accounts.entry_admin import EntryAdmin
from accounts.history import Told
from accounts.labels import label, moment
from accounts.models import User
from accounts.people_forms import NewPersonForm, PersonForm
from accounts.person_acts import PersonActs
from accounts.roles import Role, role_word
from accounts.rules import has_role, may_be_put_into_teams, may_manage, teams_of

__all__ = ["EntryAdmin", "UserAdmin"]

OFFERED = 100  # teams, in the filter
ROLE_COLOURS: dict[str, str] = {Role.SUPERVISORS: "blue", Role.OPERATORS: "teal", Role.AGENTS: "green"}
PERSON = ("first_name", "last_name", "email", "language", "time_zone")

# Roles come by migration and tokens by command: neither is edited by hand, and a token is a secret.
for model, page in ((Group, GroupAdmin), (TokenProxy, TokenAdmin)):
    if type(admin.site._registry.get(model)) is page:
        admin.site.unregister(model)


class RoleFilter(admin.RelatedFieldListFilter):
    """Roles beside the list, by their names in the reader's language, and the teams that are theirs to fill."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        roles = Group.objects.filter(name__in=list(Role)).order_by("pk").values_list("pk", "name")
        teams = teams_of(request.user).values_list("pk", "name")[:OFFERED]
        return [*((pk, role_word(name)) for pk, name in roles), *teams]


class NoRoleFilter(admin.SimpleListFilter):
    """Finds those who can sign in and do nothing: no role was given to them."""

    title = _("Role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("without a role"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() != "none":
            return queryset
        return queryset.filter(~has_role(*Role), is_superuser=False)


@admin.register(User)
class UserAdmin(Told, PersonActs, DjangoUserAdmin):  # type: ignore[misc, type-arg]  # as unfold says to combine them
    """Supervisors and operators are let into the admin by their role; agents work at the desk."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    change_form_outer_before_template: Any = "admin/accounts/person_acts.html"
    list_display = ["username", "full_name", "role_labels", "state_label", "language", "time_zone", "seen"]
    list_filter = [NoRoleFilter, ("groups", RoleFilter), "is_active"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    filter_horizontal = ()
    readonly_fields = ["role_labels", "token_line", "last_login", "date_joined"]

    class Media:
        js = ["admin_pages/copy.js"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Fields that look somebody up offer those alone whom they would take."""
        found, repeats = super().get_search_results(request, queryset, search_term)
        asked = request.GET.get("field_name") if request.path == reverse("admin:autocomplete") else None
        if asked == "agent":
            found = found.filter(has_role(Role.AGENTS), is_active=True)
        elif asked == "members":
            found = found.filter(pk__in=may_be_put_into_teams(request.user).values("pk"), is_active=True)
        return found, repeats

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser) and super().has_delete_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        teams = ("teams",) if teams_of(request.user).exists() else ()
        if obj is None:
            whom = ("username", "first_name", "last_name", "email", "groups", *teams)
            password = ("password1", "password2", "must_change_password")
            return ((None, {"fields": whom}), (_("Password"), {"fields": password}))
        role: tuple[str, ...] = ("role_labels", "is_active")
        if self.has_change_permission(request, obj):
            role = ("groups", *teams, "is_active")
        own = ("is_superuser",) if request.user.is_superuser else ()
        return (
            (None, {"fields": ("username",)}),
            (_("Person"), {"fields": PERSON}),
            (_("Role"), {"fields": (*role, *own)}),
            (_("Sign-in"), {"fields": ("token_line", "last_login", "date_joined")}),
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"reader": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.one_time_password = "" if change else form.one_time  # type: ignore[attr-defined]  # for response_add
        if change and "is_active" in form.changed_data and not obj.is_active:
            people.end_access(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        people.open_admin_by_role(form.instance)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        person = self.get_object(request, object_id) if object_id else None
        context = {"manages": person is not None and self.has_change_permission(request, person)}
        context["has_token"] = context["manages"] and Token.objects.filter(user=person).exists()
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **context})

    @admin.display(description=_("Name"))
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @admin.display(description=_("State"), ordering="is_active")
    def state_label(self, person: User) -> SafeString:
        if not person.is_active:
            return label("red", _now("disabled"))
        if person.must_change_password:
            return label("amber", _now("must choose a password"))
        return label("green", _now("active"))

    @admin.display(description=_("Last sign-in"), ordering="last_login")
    def seen(self, person: User) -> SafeString | str:
        return moment(person.last_login)

    @admin.display(description=_("API token"))
    def token_line(self, person: User) -> SafeString:
        token = Token.objects.filter(user=person).first()
        if token is None:
            return label("grey", _now("none"))
        return SafeString(label("blue", _now("has one")) + " " + moment(token.created))

    @admin.display(description=_("Role"))
    def role_labels(self, person: User) -> SafeString:
        labels = [
            label(ROLE_COLOURS.get(group.name, "grey"), role_word(group.name))
            for group in person.groups.all()
        ]
        return SafeString(" ".join(labels))
