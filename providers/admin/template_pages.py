"""The acts on templates: reading them from Wavy now, and letting one be sent although it is not approved."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.labels import moment
from accounts.models import User
from providers import template_override, template_sync
from providers.drivers import DRIVERS
from providers.drivers.base import Listing
from providers.errors import Refusal
from providers.models import Provider, Template, TemplateSync
from providers.pages import Page, change_url
from providers.template_sync import NAMED, Synced

A_DAY = timedelta(days=1)
LINES = 20  # about providers, above the list


class OverrideForm(forms.Form):
    """Until when, and why."""

    until = forms.DateTimeField(
        label=gettext_lazy("Send it until"),
        widget=UnfoldAdminTextInputWidget({"type": "datetime-local"}),
        help_text=gettext_lazy("At most 30 days from now."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("It is kept with your name and the time."),
    )


@dataclass(frozen=True, slots=True)
class SyncLine:
    """How a provider's list stands: when it was read, and what is wrong, in a sentence."""

    provider: Provider
    was_read: bool
    read: SafeString | str
    trouble: str
    namespace: str


def may_change(request: HttpRequest) -> bool:
    """Whether somebody may read templates from Wavy, and let them through."""
    return request.user.has_perm(template_override.MAY_OVERRIDE)


def sync_lines() -> list[SyncLine]:
    """A line for each provider that knows templates, up to LINES: those with trouble first. Two queries."""
    knowing = [key for key, driver in DRIVERS.items() if driver.templates]
    troubled = Exists(TemplateSync.objects.filter(provider=OuterRef("pk")).exclude(failure=""))
    providers = list(Provider.objects.filter(api_type__in=knowing).order_by(troubled.desc(), "name")[:LINES])
    found = {one.provider_id: one for one in TemplateSync.objects.filter(provider__in=providers)}
    return [sync_line(provider, found.get(provider.pk)) for provider in providers]


def sync_line(provider: Provider, found: TemplateSync | None) -> SyncLine:
    """How one provider's list stands."""
    trouble = trouble_words(Listing(found.failure)) if found and found.failure else ""
    foreign = found is not None and found.namespaces and provider.sms_from not in found.namespaces
    return SyncLine(
        provider,
        found is not None and found.read_at is not None,
        moment(found.read_at if found else None),
        trouble,
        str(found.namespaces[0]) if found is not None and foreign else "",
    )


def trouble_words(ended: Listing) -> str:
    """Why a list was not read, and what to do."""
    if ended is Listing.ABSENT:
        return _("Wavy has no list of templates for this account. Enter them by hand: they stay as they are.")
    if ended is Listing.CREDENTIALS:
        return _("Wavy turns away this username or password. Correct the provider, then try again.")
    if ended is Listing.UNREACHABLE:
        sentence = _("Wavy's list of templates cannot be reached at %(host)s. Nothing was changed.")
        return sentence % {"host": settings.WAVY_TEMPLATES_URL}
    return _("Wavy answers, but not with a list that can be read. Nothing was changed; try again later.")


def found_words(synced: Synced) -> str:
    """What a reading found."""
    if synced.ended is not Listing.READ:
        return trouble_words(synced.ended)
    if not synced.listed:
        return _("Wavy lists no template for this account. Those that are here stay as they are.")
    words = [
        ngettext("Wavy lists %(n)d template.", "Wavy lists %(n)d templates.", synced.listed)
        % {"n": synced.listed}
    ]
    for word, names in (
        (_("New: %(names)s."), synced.new),
        (_("Changed: %(names)s."), synced.changed),
        (_("Gone: %(names)s."), synced.gone),
    ):
        if names:
            words.append(word % {"names": _some(names)})
    if not (synced.new or synced.changed or synced.gone):
        words.append(_("Nothing is new."))
    if synced.kept:
        words.append(_("Entered by hand and kept: %(n)d.") % {"n": synced.kept})
    if synced.unread:
        words.append(_("Entries that could not be read: %(n)d.") % {"n": synced.unread})
    return " ".join(words)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return shown
    return _("%(names)s and %(n)d more") % {"names": shown, "n": len(names) - NAMED}


class TemplatePages(Page):
    """The two pages beside list and form."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("sync/", view(self.sync), name="providers_template_sync"),
            path("<int:template_id>/override/", view(self.override), name="providers_template_override"),
            *super().get_urls(),
        ]

    def sync(self, request: HttpRequest) -> HttpResponse:
        """Reads the list of the provider that is named, or of all that know templates, and says what it found."""
        if not may_change(request) or request.method != "POST":
            raise PermissionDenied
        asked = request.POST.get("provider", "")
        lines = sync_lines()
        if asked.isdecimal():
            lines = [line for line in lines if str(line.provider.pk) == asked]
        for line in lines:
            synced = template_sync.sync(line.provider, timezone.now)
            level = messages.SUCCESS if synced.ended is Listing.READ else messages.WARNING
            messages.add_message(request, level, f"{line.provider.name}: {found_words(synced)}")
        if not lines:
            messages.warning(request, _("No provider knows templates. Create one for WhatsApp first."))
        if request.POST.get("back") == "provider" and lines:
            return HttpResponseRedirect(change_url(lines[0].provider))
        return HttpResponseRedirect(reverse("admin:providers_template_changelist"))

    def override(self, request: HttpRequest, template_id: int) -> HttpResponse:
        """Asks until when and why; `end` holds it back again. Both are recorded with who and when."""
        user = request.user
        if not isinstance(user, User) or not may_change(request):
            raise PermissionDenied
        template = get_object_or_404(Template.objects.select_related("provider"), pk=template_id)
        now = timezone.now()
        if request.method == "POST" and "end" in request.POST:
            template_override.end(template, user, now)
            messages.success(request, _("“%(template)s” is held back again.") % {"template": template})
            return HttpResponseRedirect(change_url(template))
        tomorrow = timezone.localtime(now + A_DAY).strftime("%Y-%m-%dT%H:%M")
        form = OverrideForm(request.POST or None, initial={"until": tomorrow})
        if request.method == "POST" and form.is_valid():
            try:
                template_override.let_through(template, user, **form.cleaned_data, now=now)
            except Refusal as refusal:
                form.add_error("until" if refusal.code == "override_until" else None, str(refusal))
            else:
                done = _("“%(template)s” may be sent now although it is not approved. It is recorded.")
                messages.success(request, done % {"template": template})
                return HttpResponseRedirect(change_url(template))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Send it although it is not approved"),
            "template": template,
            "form": form,
            "back": change_url(template),
        }
        return render(request, "admin/providers/template_override.html", context)
