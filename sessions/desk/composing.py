"""What the composer sends: a text, a file, a template; and a note, which stays among colleagues."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from uuid import UUID, uuid4

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from providers import outbox
from providers.errors import Refusal
from providers.outbox import Composed
from sessions import canned, notes, selectors, sent_files, services
from sessions.desk import live
from sessions.desk.access import DeskRequest, View, campaign_time, desk_view, number
from sessions.desk.acts import explained, reachable, refreshed, told
from sessions.models import ChatSession


def _with_templates(view: View) -> View:
    """Where the 24 hours ended while somebody wrote, the page is told why and turns to the templates."""

    @wraps(view)
    def answered(request: DeskRequest, session_id: int) -> HttpResponseBase:
        try:
            return view(request, session_id)
        except Refusal as refusal:
            if refusal.code != "window_closed":
                raise
            session = reachable(request, session_id)
            with campaign_time(session):
                now_at = live.state(request, session)
            response = told(request, refusal)
            response.write(now_at.head + now_at.why)
            return response

    return answered


@require_POST
@desk_view
@explained
@_with_templates
def send_text(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Answers with free text, or with a file below which the text stands."""
    session = reachable(request, session_id)
    file = request.FILES.get("file")
    if file is not None:
        caption, key = _written(request), _submission(request)
        with campaign_time(session), _told_here():
            sent_files.answer(session, request.user, file, caption, timezone.now(), key)
        return refreshed(request, session, submission=str(uuid4()))
    return _answer(request, session, outbox.compose_text(_written(request).strip()))


@require_POST
@desk_view
@explained
def send_template(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Answers with a template, which may leave outside the 24 hours too."""
    session = reachable(request, session_id)
    offered = selectors.templates_for(session.contact.provider)
    template = offered.filter(id=number(request, "template")).first()
    if template is None:
        raise Refusal("template_unknown", _("Choose a template first."), status=400)
    parameters = [value.strip() for value in request.POST.getlist("parameter")]
    composed = outbox.compose_template(
        session.contact.provider, template.code, parameters, language=template.language
    )
    return _answer(request, session, composed)


@require_POST
@desk_view
@explained
def note(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Keeps a note beside the conversation, for colleagues alone; whoever may read the conversation may write one."""
    session = get_object_or_404(selectors.visible_to(request.user), id=session_id)
    notes.add(session, request.user, _written(request), timezone.now(), _submission(request))
    return refreshed(request, session, submission=str(uuid4()))


@require_GET
@never_cache
@desk_view
def replies(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """The canned replies of the interaction's campaign and everybody's, ready to be sent to this customer.

    `{"replies": [[shortcut, text], …]}`, ordered by shortcut.
    """
    session = get_object_or_404(selectors.visible_to(request.user), id=session_id)
    return JsonResponse({"replies": canned.replies(session, request.user)})


def _answer(request: DeskRequest, session: ChatSession, composed: Composed) -> HttpResponseBase:
    with campaign_time(session), _told_here():
        services.answer(session, request.user, composed, timezone.now(), _submission(request))
    return refreshed(request, session, submission=str(uuid4()))


@contextmanager
def _told_here() -> Iterator[None]:
    """A refusal is put into words at once, while times are those of the campaign."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.sentence, status=refusal.status) from refusal


def _written(request: DeskRequest) -> str:
    """What stands in the field; a form that may carry a file writes its line breaks as two characters."""
    return str(request.POST.get("text", "")).replace("\r\n", "\n")


def _submission(request: DeskRequest) -> UUID:
    """The key of one composed answer. A page without one is told to reload rather than to send twice."""
    try:
        return UUID(request.POST.get("submission", ""))
    except ValueError as error:
        raise Refusal(
            "submission_missing", _("This page is out of date. Reload it and send again."), status=400
        ) from error
