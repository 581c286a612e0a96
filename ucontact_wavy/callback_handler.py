"""How the callback paths are served: by Django, without the middleware that is there for people's pages."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.urls import set_urlconf

PREFIX = "/Integra/resources/Wavy/"
Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class CallbackRequest(WSGIRequest):
    """Resolved among the callback paths alone."""

    urlconf = "providers.urls"


class CallbackHandler(WSGIHandler):
    """Sessions, languages, cookies and headers for browsers cost a callback more than storing it.

    So do the signals around a request; what they are there for here is done without them: a connection that is too
    old or broken is given up, and the thread knows the pages' addresses again.
    """

    request_class = CallbackRequest

    def __call__(self, environ: Environ, start_response: Any) -> Any:
        """The whole answer at once; callbacks set no cookies and stream nothing."""
        response: Any = self.get_response(self.request_class(environ))
        set_urlconf(None)
        connection.close_if_unusable_or_obsolete()
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]


def beside(pages: Application) -> Application:
    """An application that gives the callback paths to a CallbackHandler, and everything else to `pages`."""
    callbacks = CallbackHandler()

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        taken = environ.get("PATH_INFO", "").startswith(PREFIX)
        return (callbacks if taken else pages)(environ, start_response)

    return application
