"""The acts of a person's page: a one-time password, a password that somebody else typed, a token taken away."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now

from accounts import people
from accounts.models import User


class PersonActs(DjangoUserAdmin):  # type: ignore[type-arg]  # not generic at run time
    """For those whom the reader may look after."""

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:person_id>/{address}/", self.admin_site.admin_view(view), name=f"accounts_user_{name}"
            )
            for address, view, name in (
                ("one-time-password", self.one_time_password, "one_time_password"),
                ("revoke-token", self.revoke_token, "revoke_token"),
            )
        ]
        return [*own, *super().get_urls()]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        made = super().response_add(request, obj, post_url_continue)
        once = getattr(request, "one_time_password", "")
        return self._told_once(request, obj, once) if once else made

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's
        """A password that somebody else typed is good until its owner signs in."""
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302 and id != str(request.user.pk):
            User.objects.filter(pk=id).update(must_change_password=True)
        return answer

    def one_time_password(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Makes one and shows it, once."""
        person = self._managed(request, person_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return self._told_once(request, person, people.give_one_time_password(person))

    def revoke_token(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Nobody reads a token here; it is only taken away."""
        person = self._managed(request, person_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if people.revoke_token(person):
            messages.success(request, _now("The API token of %(name)s is revoked.") % {"name": person})
        else:
            messages.warning(request, _now("%(name)s has no API token.") % {"name": person})
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[person.pk]))

    def _managed(self, request: HttpRequest, person_id: int) -> User:
        person = self.get_object(request, str(person_id))
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        found: User = person
        return found

    def _told_once(self, request: HttpRequest, person: User, password: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _now("One-time password"),
            "person": person,
            "password": password,
        }
        page = render(request, "admin/accounts/one_time_password.html", context)
        page["Cache-Control"] = "no-store"
        return page
