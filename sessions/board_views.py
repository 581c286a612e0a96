"""The supervisors' live board: the page, and the figures that it asks for every few seconds."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from campaigns.visible import visible_to
from sessions.board import board
from sessions.desk.access import DeskRequest, board_view

NOTHING_NEW = 204


@require_GET
@never_cache
@board_view
def page(request: DeskRequest) -> HttpResponse:
    """The whole page. Watching it makes nobody present."""
    now = timezone.now()
    return render(request, "board/page.html", {"board": board(now, visible_to(request.user)), "now": now})


@require_GET
@never_cache
@board_view
def figures(request: DeskRequest) -> HttpResponse:
    """The figures, or 204 while the page shows them already."""
    now = timezone.now()
    current = board(now, visible_to(request.user))
    if current.version == request.GET.get("v"):
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "board/figures.html", {"board": current, "now": now})
