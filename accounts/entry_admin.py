"""Who did what, to look at: found by person, act, kind of object and time."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from accounts.acts import Act, Via
from accounts.entry import Entry
from accounts.entry_words import Change, changes_of
from accounts.labels import label, moment
from accounts.models import User
from accounts.roles import Role
from accounts.rules import has_role

SEARCHED = 100_000  # entries, the newest
SHOWN = 3  # changes in a row of the list
PEOPLE = 200  # in the filter
COLOURS = {
    Act.CREATED: "green",
    Act.STARTED: "green",
    Act.RESUMED: "green",
    Act.IN_SERVICE: "green",
    Act.DELETED: "red",
    Act.CANCELLED: "red",
    Act.DISCARDED: "red",
    Act.ERASURE: "red",
    Act.LOCKED_OUT: "red",
    Act.SUSPENDED: "red",
    Act.PAUSED: "amber",
    Act.SENT_AGAIN: "amber",
    Act.TAKEN_AS_SENT: "amber",
    Act.CAP_LIFTED: "amber",
    Act.TEMPLATE_OVERRIDDEN: "amber",
    Act.SIGN_IN_FAILED: "amber",
    Act.ROLES: "blue",
    Act.PASSWORD: "blue",
    Act.CHANGED: "blue",
}
WHOLE = (Act.CREATED, Act.DELETED)  # all of the object; its entry tells it
PAGES = {"dialers.base": "admin:dialers_base"}  # what has its page elsewhere than a form


class PersonFilter(admin.SimpleListFilter):
    """Those who configure and start; agents are found by the search."""

    title = _("Who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        doers = has_role(Role.SUPERVISORS, Role.OPERATORS) | Q(is_superuser=True)
        people = User.objects.filter(doers).order_by("username")
        return [
            ("system", _("the program itself")),
            ("command", _("the command line")),
            *((str(pk), name) for pk, name in people.values_list("pk", "username")[:PEOPLE]),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        value = self.value()
        if value in (Via.SYSTEM, Via.COMMAND):
            return queryset.filter(actor=None, via=value)
        return queryset.filter(actor=int(value)) if value and value.isdecimal() else queryset


class ObjectFilter(admin.SimpleListFilter):
    """Kinds of objects that there are entries of: a look at the index for each of some dozens, in one query."""

    title = _("What")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        told = Exists(Entry.objects.order_by().filter(content_type=OuterRef("pk")))
        kinds = [kind for kind in ContentType.objects.filter(told) if kind.model_class() is not None]
        return sorted(((str(kind.pk), kind_word(kind)) for kind in kinds), key=lambda pair: str(pair[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        value = self.value()
        return queryset.filter(content_type=int(value)) if value and value.isdecimal() else queryset


def kind_word(kind: ContentType) -> str:
    """A model by its name in the reader's language."""
    model = kind.model_class()
    return capfirst(str(model._meta.verbose_name)) if model else kind.model


if admin.site.is_registered(Entry):
    admin.site.unregister(Entry)  # auditlog's own page


@admin.register(Entry)
class EntryAdmin(ModelAdmin):
    """Never counted, never changed, never deleted by hand; the newest first."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_disable_select_all = True
    list_per_page = 50
    actions: Any = None
    list_display = ["when", "who", "act_label", "object_label", "what_changed"]
    list_display_links = ["when"]
    list_filter = [PersonFilter, "act", ObjectFilter, "timestamp"]
    list_select_related = ["content_type"]
    search_fields = ["object_repr"]
    search_help_text = _("A person or an object by its name, or a part of it, among the newest 100,000.")
    ordering = ["-pk"]
    fields = ("when_exactly", "who", "how", "act_label", "object_label", "all_changes")
    readonly_fields = ["when_exactly", "who", "how", "act_label", "object_label", "all_changes"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in {"object_id", "content_type"} or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        words = search_term.split()
        if not words:
            return queryset, False
        newest = Entry.objects.aggregate(newest=Max("pk"))["newest"] or 0
        found = queryset.filter(pk__gt=newest - SEARCHED)
        for word in words:
            found = found.filter(Q(object_repr__icontains=word) | Q(actor_name__icontains=word))
        return found, False

    @admin.display(description=_("When"), ordering="pk")
    def when(self, entry: Entry) -> SafeString | str:
        return moment(entry.timestamp)

    @admin.display(description=_("When"))
    def when_exactly(self, entry: Entry) -> str:
        return date_format(localtime(entry.timestamp), "DATETIME_FORMAT")

    @admin.display(description=_("Who"))
    def who(self, entry: Entry) -> str:
        return entry.actor_name or (
            _now("the program itself") if entry.via == Via.SYSTEM else _now("somebody")
        )

    @admin.display(description=_("How"))
    def how(self, entry: Entry) -> str:
        way = str(entry.get_via_display())
        if not entry.remote_addr:
            return way
        return _now("%(way)s, from %(address)s") % {"way": way, "address": entry.remote_addr}

    @admin.display(description=_("Act"))
    def act_label(self, entry: Entry) -> SafeString:
        return label(COLOURS.get(Act(entry.act), "grey"), entry.get_act_display())

    @admin.display(description=_("Object"))
    def object_label(self, entry: Entry) -> SafeString:
        name = _now("unknown username") if entry.object_repr == "?" else entry.object_repr
        shown = Truncator(name).chars(80)
        address = "" if entry.act in (Act.DELETED, Act.DISCARDED) else address_of(entry)
        named = format_html('<a class="text-link" href="{}">{}</a>', address, shown) if address else shown
        return format_html('{} <div class="why-line">{}</div>', named, kind_word(entry.content_type))

    @admin.display(description=_("Before → after"))
    def what_changed(self, entry: Entry) -> SafeString:
        changes = list(changes_of(entry))
        if entry.act in WHOLE:
            n = len(changes)
            said = ngettext("%(n)d field", "%(n)d fields", n) % {"n": n}
            return format_html('<span class="quiet">{}</span>', said)
        lines = format_html_join("", "<div>{}</div>", ((_line(one),) for one in changes[:SHOWN]))
        more = len(changes) - SHOWN
        rest = format_html("<div>{}</div>", _now("and %(n)d more") % {"n": more}) if more > 0 else ""
        return format_html('<div class="changed">{}{}</div>', lines, rest)

    @admin.display(description=_("Before → after"))
    def all_changes(self, entry: Entry) -> SafeString | str:
        changes = list(changes_of(entry))
        if not changes:
            return "–"
        rows = format_html_join(
            "",
            "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>",
            ((one.name, one.before, one.after) for one in changes),
        )
        heads = (_now("What"), _now("Before"), _now("After"))
        head = format_html(
            "<tr><th scope='col'>{}</th><th scope='col'>{}</th><th scope='col'>{}</th></tr>", *heads
        )
        return format_html('<table class="changes"><thead>{}</thead><tbody>{}</tbody></table>', head, rows)


def _line(one: Change) -> SafeString:
    before, after = Truncator(one.before).chars(60), Truncator(one.after).chars(60)
    return format_html("<b>{}</b> {} → {}", one.name, before, after)


def address_of(entry: Entry) -> str:
    """The page of the entry's object; "" where it has none."""
    kind = entry.content_type
    if not entry.object_pk:
        return ""
    name = PAGES.get(f"{kind.app_label}.{kind.model}", f"admin:{kind.app_label}_{kind.model}_change")
    try:
        return reverse(name, args=[entry.object_pk])
    except NoReverseMatch:
        return ""
