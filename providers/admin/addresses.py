"""The callback addresses on a provider's page: made anew beside the old ones, retired when Wavy calls them no more."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from accounts.labels import moment
from providers import config
from providers.errors import Refusal
from providers.models import Provider
from providers.pages import Page, change_url


class AddressPages(Page):
    """The acts on callback addresses, for those who may configure the provider."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:provider_id>/new-addresses/",
                view(self.new_addresses),
                name="providers_provider_new_addresses",
            ),
            path(
                "<int:provider_id>/retire-addresses/<int:token_id>/",
                view(self.retire_addresses),
                name="providers_provider_retire_addresses",
            ),
        ]
        return [*own, *super().get_urls()]

    def new_addresses(self, request: HttpRequest, provider_id: int) -> HttpResponse:
        """Makes a further pair beside those in use."""
        provider = self._configured(request, provider_id)
        if request.method != "POST":
            raise PermissionDenied
        try:
            config.add_addresses(provider)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, provider, "Made new callback addresses.")
            messages.success(
                request, _("Hand the new addresses to Wavy. The old ones stay good until you retire them.")
            )
        return HttpResponseRedirect(f"{change_url(provider)}#give-to-wavy")

    def retire_addresses(self, request: HttpRequest, provider_id: int, token_id: int) -> HttpResponse:
        """Says when they were called last, then turns away whoever still calls them."""
        provider = self._configured(request, provider_id)
        pair = next((one for one in config.callback_addresses(provider) if one.token_id == token_id), None)
        if pair is None and request.method != "POST":
            return HttpResponseRedirect(change_url(provider))
        if pair is not None and request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "title": _("Retire addresses"),
                "opts": self.opts,
                "original": provider,
                "pair": shown(pair),
                "back": change_url(provider),
            }
            return render(request, "admin/providers/retire_addresses.html", context)
        try:
            config.retire_addresses(provider, token_id)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, provider, "Retired callback addresses.")
            messages.success(request, _("Retired: callbacks to these addresses are turned away from now on."))
        return HttpResponseRedirect(f"{change_url(provider)}#give-to-wavy")

    def _configured(self, request: HttpRequest, provider_id: int) -> Provider:
        provider = self.get_object(request, str(provider_id))
        if not isinstance(provider, Provider):
            raise Http404
        if not self.has_change_permission(request, provider):
            raise PermissionDenied
        return provider


def shown(pair: config.CallbackAddresses) -> dict[str, Any]:
    """A pair as its page shows it."""
    return {
        "token_id": pair.token_id,
        "urls": pair.urls,
        "since": moment(pair.since),
        "last_used": moment(pair.last_used) if pair.last_used else "",
    }
