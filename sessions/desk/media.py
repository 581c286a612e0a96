"""Files of messages: handed out to who may see the conversation, looked after on the page, asked for again."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from providers import media, media_sent
from providers.errors import Refusal
from providers.models import Media
from sessions import selectors
from sessions.desk.access import DeskRequest, conversation_view, desk_view
from sessions.desk.acts import explained
from sessions.desk.attachments import of
from sessions.desk.files import TO_ANYBODY, file_response
from sessions.desk.pages import NOTHING_NEW


@require_safe
@conversation_view
def file(request: DeskRequest, message_id: int) -> HttpResponseBase:
    """The file itself; 404 for whom its conversation does not exist."""
    return _handed_out(request, get_object_or_404(selectors.media_visible_to(request.user), pk=message_id))


@require_safe
def sent(request: HttpRequest, signed: str) -> HttpResponseBase:
    """A file that we send, to whoever has its address; 404 once that is too old."""
    row = media_sent.linked(signed)
    if row is None:
        raise Http404
    response = _handed_out(request, row)
    for name, value in TO_ANYBODY.items():
        response[name] = value
    return response


def _handed_out(request: HttpRequest, row: Media) -> HttpResponseBase:
    try:
        return file_response(request, row)
    except Refusal as refusal:
        if refusal.status == 404:
            raise Http404(str(refusal)) from refusal
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")


@require_GET
@never_cache
@desk_view
def part(request: DeskRequest, message_id: int) -> HttpResponseBase:
    """How the file of a message stands; 204 while that is what the page shows."""
    row = _row(request, message_id)
    shown = of(row, row.message)
    if request.GET.get("v") == shown.version:
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "desk/media.html", {"media": shown})


@require_POST
@desk_view
@explained
def again(request: DeskRequest, message_id: int) -> HttpResponseBase:
    """Fetches once more what could not be fetched."""
    row = _row(request, message_id)
    media.try_again(row, timezone.now())
    row = _row(request, message_id)
    return render(request, "desk/media.html", {"media": of(row, row.message)})


def _row(request: DeskRequest, message_id: int) -> Media:
    visible = selectors.media_visible_to(request.user).select_related("message")
    return get_object_or_404(visible, pk=message_id)
