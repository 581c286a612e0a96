"""Where a page's stream of hints is, and the signed ticket that opens it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from providers.streams import Ticket, seal
from sessions import selectors
from sessions.desk.access import DeskRequest, desk_view, number


def ticket(user: User, contact_id: int | None = None) -> str:
    """Hears of the user, of the queues that the user sees, and of one open conversation; good for some hours."""
    queues = None if user.is_supervisor else tuple(selectors.campaigns_of(user))
    return seal(Ticket(user.pk, queues, contact_id), settings.SECRET_KEY)


def stream_url(request: HttpRequest) -> str:
    """PUSH_URL, else the host that the page came from, on the port of the push process."""
    if settings.PUSH_URL:
        return str(settings.PUSH_URL)
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return f"{request.scheme}://{f'[{host}]' if ':' in host else host}:{settings.PUSH_PORT}/push/"


def stream_origin(request: HttpRequest) -> str:
    """Of `stream_url`, for the content security policy."""
    where = urlsplit(stream_url(request))
    return f"{where.scheme}://{where.netloc}"


@require_GET
@never_cache
@desk_view
def renew(request: DeskRequest) -> HttpResponse:
    """A ticket of now for the page that shows this interaction, or none."""
    contact_id = None
    if session_id := number(request, "session"):
        contact_id = get_object_or_404(selectors.visible_to(request.user), id=session_id).contact_id
    return JsonResponse({"ticket": ticket(request.user, contact_id)})
