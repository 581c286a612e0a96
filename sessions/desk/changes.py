"""What a page of the desk fetches at each hint of its stream: what is new in its conversation and its lists."""

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sessions import selectors, services
from sessions.desk import live
from sessions.desk.access import DeskRequest, desk_view, shown
from sessions.desk.pages import NOTHING_NEW, lost
from sessions.desk.standing import standing


@require_GET
@never_cache
@desk_view
def changes(request: DeskRequest, session_id: int | None = None) -> HttpResponseBase:
    """Out-of-band swaps for what changed in an open interaction since `after`, `after_event`, `v`; 204: nothing did.

    With `list`, what changed in the lists since that version too; with `standing`, in how the agent stands; with
    `beat`, the agent is at the desk; with `reading`, somebody looks at what comes.
    """
    if "beat" in request.GET:
        services.seen(request.user, timezone.now())
    html = ""
    if session_id is not None:
        session = selectors.head_of(request.user, session_id)
        if session is None:
            return lost(request, session_id)
        html = live.updates(request, session, shown(request), aside=True)
    if (known := request.GET.get("list")) is not None:
        html += live.lists(request, session_id, known).html
    if (known := request.GET.get("standing")) is not None:
        stands = standing(request.user, timezone.now(), known)
        html += "" if stands.version == known else stands.aside
    return HttpResponse(html) if html else HttpResponse(status=NOTHING_NEW)
