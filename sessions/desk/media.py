"""Customers' files: handed out to who may see the conversation, looked after on the page, asked for again."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from providers import media
from providers.errors import Refusal
from providers.models import Media
from sessions import selectors
from sessions.desk.access import DeskRequest, conversation_view, desk_view
from sessions.desk.acts import explained
from sessions.desk.attachments import of
from sessions.desk.files import file_response
from sessions.desk.pages import NOTHING_NEW


@require_safe
@conversation_view
def file(request: DeskRequest, message_id: int) -> HttpResponseBase:
    """The file itself; 404 for whom its conversation does not exist."""
    row = get_object_or_404(selectors.media_visible_to(request.user), pk=message_id)
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
    shown = of(row, row.message.kind)
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
    return render(request, "desk/media.html", {"media": of(row, row.message.kind)})


def _row(request: DeskRequest, message_id: int) -> Media:
    visible = selectors.media_visible_to(request.user).select_related("message")
    return get_object_or_404(visible, pk=message_id)
