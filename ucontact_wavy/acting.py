"""Says of each request whose doing it is, so that what is written down names the person and the address."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.acting import Doer, acting
from accounts.acts import Via
from ucontact_wavy.door import client_address


class ActingMiddleware:
    """Costs nothing where nothing is written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        via = Via.API if request.path_info.startswith("/api/") else Via.PAGE
        with acting(Doer(via, request, address=client_address(request))):
            return self.get_response(request)
