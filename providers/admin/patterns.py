"""Tries a RegExp on a number while both are typed; says where one that does not compile breaks."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from providers.patterns import LONGEST, Found, Trial, try_on

FIELDS = ("sms_regexp", "dialing_chain")
COLOURS = {
    Found.ACCEPTED: "green",
    Found.TURNED_AWAY: "red",
    Found.BROKEN: "red",
    Found.SLOW: "amber",
    Found.NO_NUMBER: "grey",
}


def try_pattern(request: HttpRequest) -> HttpResponse:
    """A part of a page: what the typed pattern makes of the typed number. Changes nothing."""
    if request.method != "POST" or not request.user.has_perm("providers.view_provider"):
        raise PermissionDenied
    field = request.GET.get("field", FIELDS[0])
    pattern = request.POST.get(field, "")[: LONGEST + 1]
    country = request.POST.get("default_country", "")
    trial = try_on(pattern, request.POST.get(f"{field}_trial", "")[:64], country)
    return render(
        request,
        "admin/fields/trial.html",
        {"trial": trial, "colour": COLOURS[trial.found], **_cut(pattern, trial)},
    )


def _cut(pattern: str, trial: Trial) -> dict[str, str]:
    """The pattern in three parts: before the place where it breaks, that place, after it."""
    if trial.position is None:
        return {}
    at = min(trial.position, len(pattern))
    return {"before": pattern[:at], "here": pattern[at : at + 1], "after": pattern[at + 1 :]}


def trial_url(admin_site: AdminSite) -> URLPattern:
    """Where it is asked, below the provider's pages."""
    view = admin_site.admin_view(try_pattern)
    return path("try-pattern/", view, name="providers_provider_try_pattern")
