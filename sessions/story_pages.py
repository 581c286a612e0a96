"""The search in the header, and the page that tells everything about one number."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import User
from providers.errors import Refusal
from providers.numbers import display as readable
from providers.people import MOST, People, find
from sessions.story import MAY_READ, story


def _reader(request: HttpRequest) -> User:
    """Who asks. Raises PermissionDenied for whoever may not read the ledger."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(MAY_READ):
        raise PermissionDenied
    return user


@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Who has a number like that; straight to the story where it is one."""
    _reader(request)
    asked = request.GET.get("number", "").strip()
    refused, people = "", People([])
    if asked:
        try:
            people = find(asked)
        except Refusal as refusal:
            refused = str(refusal)
    if len(people.found) == 1:
        return redirect("story", people.found[0].number)
    context = {
        **admin.site.each_context(request),
        "title": _("Find a number"),
        "asked": asked,
        "refused": refused,
        "people": people,
        "most": MOST,
    }
    return render(request, "admin/sessions/people.html", context)


@never_cache
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One number's story, a page at a time."""
    user = _reader(request)
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
    told = story(number, user, before)
    if told is None:
        raise Http404
    context = {
        **admin.site.each_context(request),
        "title": readable(number),
        "story": told,
        "name": next((contact.name for contact in told.contacts if contact.name), ""),
    }
    return render(request, "admin/sessions/story.html", context)
