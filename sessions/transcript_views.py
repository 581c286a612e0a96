"""Conversations searched and exported, for supervisors."""

from zoneinfo import ZoneInfo

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import spreadsheets, table_files
from accounts.acts import Act
from accounts.audit import record
from accounts.models import User
from accounts.roles import Role
from campaigns.visible import visible_to
from providers.errors import Refusal
from sessions import transcripts
from sessions.desk.access import DeskRequest, board_view, number


@require_GET
@never_cache
@board_view
def page(request: DeskRequest) -> HttpResponseBase:
    """What was found, a page at a time; `?file=csv` or `xlsx` is all of it with every message."""
    zone = ZoneInfo(timezone.get_current_timezone_name())
    context = {
        "campaigns": visible_to(request.user).order_by("name"),
        "people": User.objects.filter(groups__name=Role.AGENTS).order_by("first_name", "username"),
        "values": request.GET,
    }
    try:
        asked = transcripts.wanted(request.GET.dict(), timezone.localdate())
        sessions = transcripts.found(asked, request.user, zone)
        if request.GET.get("file") in ("csv", "xlsx"):
            return _file(request, asked, zone)
        shown, older = transcripts.page(sessions, number(request, "before"))
    except Refusal as refusal:
        return render(
            request, "board/conversations.html", {**context, "refusal": refusal}, status=refusal.status
        )
    query = request.GET.copy()
    query.pop("before", None)
    found = {"asked": asked, "sessions": shown, "older": older, "query": query.urlencode()}
    return render(request, "board/conversations.html", {**context, **found})


def _file(request: DeskRequest, asked: transcripts.Wanted, zone: ZoneInfo) -> HttpResponseBase:
    """Written down with the days, never with the number or the words that were looked for."""
    kind = request.GET["file"]
    record(request.user, Act.EXPORTED, {"days": ("", f"{asked.first} – {asked.last}")})
    rows = transcripts.records(transcripts.found(asked, request.user, zone), zone)
    name = f"conversations-{asked.first}-{asked.last}.{kind}"
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    headers = {"Content-Disposition": disposition}
    if kind == "xlsx":
        return FileResponse(table_files.as_xlsx(rows), content_type=table_files.XLSX, headers=headers)
    text = table_files.as_csv(rows, spreadsheets.separator())
    return StreamingHttpResponse(text, content_type=table_files.CSV, headers=headers)
