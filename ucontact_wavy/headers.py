"""Puts the content security policy of its place, and what a page may not use at all, on every answer."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from sessions.desk.tickets import stream_origin
from ucontact_wavy.policies import ADMIN, API_DOCS, PERMISSIONS

PLACES = {"admin:index": ADMIN, "api-docs": API_DOCS}


class HeadersMiddleware(CSPMiddleware):
    """Some places have their own policy; an answer that brings one (a customer's file) keeps it.

    The desk's pages may reach the push process besides.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None:
            own = (policy for name, policy in PLACES.items() if request.path.startswith(reverse(name)))
            parts.config = next(own, None)
            if response.status_code == 200 and request.path.startswith(reverse("desk:home")):
                parts.update = {"connect-src": [stream_origin(request)]}
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return super().process_response(request, response)
