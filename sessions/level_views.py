"""The service level by day: the page, and its tables as files."""

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import spreadsheets, table_files
from campaigns.visible import visible_to
from providers.errors import Refusal
from sessions import figures, level_report
from sessions.board import board
from sessions.desk.access import DeskRequest, board_view
from sessions.level_chart import bars
from sessions.level_report import PARTS, TABLES, asked, sessions_of
from sessions.models import PauseReason
from sessions.staff import agents_of, held_in, queue_of


@require_GET
@never_cache
@board_view
def page(request: DeskRequest) -> HttpResponseBase:
    """Charts and tables of the days asked for; `?file=csv&part=agents` is a table as a file."""
    seen = visible_to(request.user)
    context = {"campaigns": seen.order_by("name"), "values": request.GET, "today": timezone.localdate()}
    try:
        wanted = asked(request.GET.dict(), seen, timezone.now())
    except Refusal as refusal:
        return render(request, "board/level.html", {**context, "refusal": refusal}, status=refusal.status)
    if request.GET.get("file") in ("csv", "xlsx") and request.GET.get("part") in PARTS:
        return _file(request, wanted)
    tables = {part: table(wanted, seen) for part, table in TABLES.items()}
    context |= {
        "wanted": wanted,
        "tables": tables,
        "all": figures.of_all(sessions_of(wanted, seen)),
        "bars": bars(tables["intervals"]),
    }
    return render(request, "board/level.html", context)


def _file(request: DeskRequest, wanted: level_report.Asked) -> HttpResponseBase:
    part, kind = request.GET["part"], request.GET["file"]
    rows = list(level_report.records(part, wanted, visible_to(request.user)))
    name = f"{part}-{wanted.first}-{wanted.last}.{kind}"
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Content-Language": get_language() or "en",
    }
    if kind == "xlsx":
        file = table_files.as_xlsx(rows)
        return FileResponse(file, content_type=table_files.XLSX, headers=headers)
    text = table_files.as_csv(rows, spreadsheets.separator())
    return StreamingHttpResponse(text, content_type=table_files.CSV, headers=headers)


@require_GET
@never_cache
@board_view
def campaign_page(request: DeskRequest, campaign_id: int) -> HttpResponse:
    """One campaign of the board: its figures, its agents and its queue."""
    campaign = get_object_or_404(visible_to(request.user), pk=campaign_id)
    now = timezone.now()
    found = board(now, visible_to(request.user).filter(pk=campaign.pk))
    context = {
        "campaign": campaign,
        "board": found,
        "line": found.lines[0] if found.lines else None,
        "agents": agents_of(campaign, now),
        "queue": queue_of(campaign),
        "held": held_in(campaign),
        "reasons": PauseReason.objects.filter(enabled=True),
        "others": visible_to(request.user)
        .filter(provider=campaign.provider_id, enabled=True)
        .exclude(pk=campaign.pk)
        .order_by("name"),
        "now": now,
    }
    part = "board/campaign_part.html" if request.htmx else "board/campaign.html"
    return render(request, part, context)
