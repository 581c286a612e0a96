"""The people who were written to or who wrote: found in any spelling, and told apart where two share a number."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.labels import moment
from accounts.models import User
from providers import apart
from providers.admin.labels import phone
from providers.contacts import contacts_of
from providers.drivers import driver_for
from providers.filters import FewChoices
from providers.models import Contact, NumberApart
from providers.numbers import display as readable
from providers.pages import ReadOnlyList
from providers.spellings import Spelling, spellings_of


@admin.register(Contact)
class ContactAdmin(ReadOnlyList):
    """The people who were written to or who wrote."""

    empty_text = _("Nobody yet. Whoever is written to or writes is here.")
    list_display = ["number", "name", "provider", "last_incoming"]
    list_filter = [("provider", FewChoices)]
    list_select_related = ["provider"]
    actions = ["erase"]
    change_form_outer_before_template: Any = "admin/providers/contact_acts.html"
    search_fields = ["contact"]
    search_help_text = _("A number in any spelling.")
    fields = [
        "written_out",
        "name",
        "provider",
        "window",
        "last_incoming",
        "spellings",
        "address",
        "told_apart",
        "created_at",
        "messages_link",
    ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Offers to tell apart whose number has two spellings, and to merge who stands apart."""
        contact = self.get_object(request, object_id or "")
        context = {
            "two_spellings": contact is not None and bool(apart.other_spelling(contact.contact)),
            "counterpart": contact and apart.counterpart(contact),
        }
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=contacts_of(search_term).values("pk")), False

    @admin.action(description=_("Erase this person's data…"), permissions=["erase"])
    def erase(self, request: HttpRequest, queryset: QuerySet[Contact]) -> HttpResponse | None:
        """Leads to the page that says what goes, and asks; for one person at a time."""
        chosen = list(queryset.values_list("pk", flat=True)[:2])
        if len(chosen) == 1:
            return HttpResponseRedirect(reverse("erase-contact", args=chosen))
        messages.error(request, _now("Choose one contact: each erasure is asked for by itself."))
        return None

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("providers.add_erasure")

    @admin.display(description=_("Number"))
    def number(self, contact: Contact) -> SafeString:
        return phone(contact.contact)

    @admin.display(description=_("Last message from them"))
    def last_incoming(self, contact: Contact) -> SafeString | str:
        return moment(contact.last_incoming_at)

    @admin.display(description=_("Number"))
    def written_out(self, contact: Contact) -> SafeString:
        return phone(contact.contact)

    @admin.display(description=_("24-hour session"))
    def window(self, contact: Contact) -> SafeString | str:
        """Whether free text may leave, and until when or since when not."""
        ends = contact.window_expires_at
        if not driver_for(contact.provider.api_type).windowed:
            return _now("This provider knows none: texts may leave at any time.")
        if ends is None:
            return _now("never open: this person has not written yet")
        words = _now("open until %(time)s") if contact.window_open(timezone.now()) else _now("ended %(time)s")
        return words % {"time": date_format(localtime(ends), "DATETIME_FORMAT")}

    @admin.display(description=_("Spellings seen"))
    def spellings(self, contact: Contact) -> SafeString | str:
        """Each spelling of the newest messages: how often, and when they last wrote from it."""
        lines = [(phone(one.digits), _how_often(one)) for one in spellings_of(contact)]
        return format_html_join("", '<div class="stage">{} <span class="quiet">{}</span></div>', lines) or "–"

    @admin.display(description=pgettext_lazy("number", "Told apart"))
    def told_apart(self, contact: Contact) -> SafeString | str:
        """Who told two people of this number apart or merged them, when and why."""
        lines = [(line,) for act in apart.history(contact) for line in _told(act)]
        return format_html_join("", '<div class="stage">{}</div>', lines) or "–"

    @admin.display(description=_("Messages"))
    def messages_link(self, contact: Contact) -> Any:
        return format_html(
            '<a class="text-link" href="{}?contact={}">{}</a>',
            reverse("admin:providers_message_changelist"),
            contact.pk,
            _("Everything that left for and came from this number"),
        )


def _how_often(one: Spelling) -> str:
    seen = ngettext("%(n)d message", "%(n)d messages", one.messages) % {"n": one.messages}
    if one.last_in is None:
        return _now("%(seen)s, all of them ours") % {"seen": seen}
    at = date_format(localtime(one.last_in), "DATETIME_FORMAT")
    return _now("%(seen)s; they last wrote from it %(time)s") % {"seen": seen, "time": at}


def _told(act: NumberApart) -> Iterator[str]:
    number = readable(act.number)
    if act.merged_at is not None:
        said = _now("%(who)s merged %(number)s again, %(time)s: %(why)s")
        yield said % _act(act.merged_by, number, act.merged_at, act.merge_reason)
    said = _now("%(who)s told %(number)s apart, %(time)s: %(why)s")
    yield said % _act(act.told_by, number, act.told_at, act.reason)


def _act(user: User | None, number: str, at: datetime, why: str) -> dict[str, str]:
    who = (user.get_full_name() or user.get_username()) if user else "–"
    return {"who": who, "number": number, "time": date_format(localtime(at), "DATETIME_FORMAT"), "why": why}
