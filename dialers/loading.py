"""Loading a base: the stored file, streamed, validated and copied in. All of it, or nothing."""

from collections import Counter
from dataclasses import dataclass
from time import monotonic
from typing import Any, BinaryIO

import structlog
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dialers import loading_progress, sheets
from dialers.columns import Layout
from dialers.copying import Copier
from dialers.intake import Intake
from dialers.lines import LineReader
from dialers.loading_progress import LoadingProgress
from dialers.mapping import Mapping, check, layout_of, remembered
from dialers.models import Base, BaseState
from dialers.open_windows import open_windows
from dialers.reader import Format, detect
from dialers.repeats import Repeats, drop_repeats
from dialers.texts import BLANK, Block, blocks
from providers import tally
from providers.errors import Refusal
from providers.locks import Lock, advisory_lock
from providers.models import Template
from providers.states import PENDING

log = structlog.get_logger(__name__)

NEWS_EVERY = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be read: its format, what was chosen for it, and where each line then has what."""

    found: Format
    chosen: Mapping | None = None
    template: Template | None = None
    layout: Layout | None = None


class NeedsMapping(Refusal):
    """The header does not tell what to send: somebody has to choose."""


def load(base_id: int) -> None:
    """Loads a base that is `loading`; one loader at a time; after a crash it begins anew."""
    with advisory_lock(Lock.IMPORT, base_id) as free:
        if not free:
            return
        base = Base.objects.select_related("dialer__provider", "created_by").get(pk=base_id)
        if base.state != BaseState.LOADING:
            return
        # The reasons are written down, so they are written in the language of who uploaded the file.
        language = base.created_by.language if base.created_by else ""
        with translation.override(language or translation.get_language()):
            _load(base)
        loading_progress.clear(base_id)


def being_loaded(base_id: int) -> bool:
    """Whether a loader is at the base now."""
    with advisory_lock(Lock.IMPORT, base_id) as free:
        return not free


def _load(base: Base) -> None:
    found: Format | None = None
    try:
        with base.file.open("rb") as file, transaction.atomic():
            _drop_what_was_loaded(base)
            found = _format(file.file, base.dialer.name)
            _take_in(base, _plan(base, found), file.file)
    except FileNotFoundError:
        _fail(base, _("The uploaded file is gone. Upload it again."))
    except NeedsMapping as why:
        _fail(base, why.sentence, found, needs_mapping=True)
    except Refusal as why:
        _fail(base, why.sentence, found)


def _format(file: BinaryIO, dialer: str) -> Format:
    sheet = sheets.is_sheet(file.read(len(sheets.SIGNATURE)))
    return sheets.detect(file, dialer) if sheet else detect(file, dialer)


def _drop_what_was_loaded(base: Base) -> None:
    """With other columns, before; see dialers.bases.load_anew."""
    base.invalid_lines.all().delete()
    base.rows.all().delete()


def _plan(base: Base, found: Format) -> Plan:
    """Raises NeedsMapping where the header leaves a doubt, or what was chosen does not fit any more."""
    chosen: Mapping | None = base.mapping or (remembered(base.dialer, found.names) if found.names else None)
    if chosen is None:
        if found.doubt and not base.dialer.takes_templates:
            raise NeedsMapping("header", _("Choose the columns that hold the number and the message."))
        if found.doubt:
            raise NeedsMapping("header", found.doubt)
        return Plan(found, layout=found.layout)
    try:
        template = check(base.dialer, found.names, chosen)
    except Refusal as why:
        raise NeedsMapping(
            "header", why.sentence + " " + _("Choose the template and the columns again.")
        ) from why
    return Plan(found, chosen, template, layout_of(found.names, chosen))


def _take_in(base: Base, plan: Plan, file: BinaryIO) -> None:
    reader = LineReader(base.dialer, plan.template)
    news = _News(base)
    with Copier() as copier:
        intake = Intake(base, reader, plan.found, plan.layout, copier)
        if plan.found.encoding == sheets.ENCODING:
            lines = sheets.read(file, plan.found, base.dialer.name, plan.layout)
            while intake.split(lines):
                news.tell(file.tell(), intake.lines)
        else:
            _texts(plan, file, intake, news)
    repeats = drop_repeats(base, reader, report=plan.found.report, segments=intake.segments)
    _finish(base, plan, intake, repeats)


def _texts(plan: Plan, file: BinaryIO, intake: Intake, news: "_News") -> None:
    header = plan.found.header
    for block in blocks(file, plan.found.encoding):
        if header:
            below = _below_header(block)
            if below is None:
                continue
            block, header = below, False
        intake.block(block)
        news.tell(file.tell(), intake.lines)


def _below_header(block: Block) -> Block | None:
    """What stands below the first line that is not blank; None where there is none in this block."""
    for at, text in enumerate(block.texts):
        if text.strip(BLANK):
            return Block(block.first + at + 1, block.texts[at + 1 :])
    return None


class _News:
    """Says how far the loading is, twice a second at most."""

    def __init__(self, base: Base) -> None:
        self.base_id, self.total, self.since = base.pk, base.file.size, timezone.now()
        self.next_at = 0.0

    def tell(self, done_bytes: int, lines: int) -> None:
        if monotonic() >= self.next_at:
            self.next_at = monotonic() + NEWS_EVERY
            progress = LoadingProgress(done_bytes, self.total, lines, self.since)
            loading_progress.write(self.base_id, progress)


def _said(found: Format) -> dict[str, Any]:
    """What people are told of a file's format."""
    return {
        "encoding": found.encoding,
        "separator": found.separator,
        "columns": found.columns,
        "report": found.report,
        "header": list(found.names) or None,
        "sample": [list(row) for row in found.sample],
    }


def _fail(base: Base, reason: str, found: Format | None = None, **more: bool) -> None:
    said = {**_said(found), **more} if found else {}
    Base.objects.filter(pk=base.pk).update(
        state=BaseState.FAILED, reason=reason[:500], found=said, sha256=found.sha256 if found else ""
    )
    log.info("base_failed", base=base.pk, reason=reason)


def _finish(base: Base, plan: Plan, intake: Intake, repeats: Repeats) -> None:
    duplicates = repeats.dropped.total()
    invalid = intake.reasons.total() + duplicates
    valid = intake.lines - invalid
    kept = intake.keys - repeats.dropped
    free_text = kept.pop("", 0)
    reasons = intake.reasons + Counter(duplicate=duplicates)
    reason = _("No line is good. The error report says what is wrong with each.")
    if not intake.lines:
        reason = _("The file has a header and no line below it. Add the lines and upload it again.")
    tally.append({(base.pk, PENDING): valid})
    Base.objects.filter(pk=base.pk).update(
        state=BaseState.READY if valid else BaseState.FAILED,
        reason="" if valid else reason,
        lines=intake.lines,
        valid=valid,
        invalid=invalid,
        mapping=plan.chosen,
        sha256=plan.found.sha256,
        found={
            **_said(plan.found),
            "reasons": dict(reasons),
            "duplicates": duplicates,
            "same_number": repeats.same_number,
            "do_not_call": reasons["do_not_call"],
            "templates": dict(kept),
            "free_text": free_text,
            "segments": intake.segments.found() if intake.segments else None,
            "window_open": open_windows(base, timezone.now()) if free_text else 0,
        },
    )
    log.info("base_loaded", base=base.pk, lines=intake.lines, valid=valid, invalid=invalid)
