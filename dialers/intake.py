"""Takes the lines of one base in: each becomes a row or is reported, and is counted."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from django.utils.translation import gettext as _

from dialers.columns import Layout
from dialers.copying import BAD, ROWS, Copier, bad_line, row
from dialers.express import Express, Ready
from dialers.lines import LineReader
from dialers.models import Base
from dialers.reader import Format, Line, line_of
from dialers.segment_count import SegmentCount
from dialers.texts import BLANK, Block
from providers.errors import Refusal
from providers.gate import do_not_call, do_not_call_up_to
from providers.models import Provider

BATCH = 2000  # lines of a sheet at a time
REGISTRY_IN_MEMORY = 200_000  # numbers; a larger registry is asked a block at a time


class Registry:
    """The do-not-call registry as one base meets it."""

    def __init__(self, provider: Provider, *, external: bool) -> None:
        self.provider = provider
        self.external = external
        self.all = do_not_call_up_to(provider, REGISTRY_IN_MEMORY, external=external)

    def hits(self, contacts: Iterable[str], copier: Copier) -> set[str]:
        """Those of the canonical numbers that must not be written to."""
        if self.all is not None:
            return self.all.intersection(contacts) if self.all else self.all
        copier.flush()
        return do_not_call(self.provider, set(contacts), external=self.external)


class Intake:
    """Reads, checks, copies and counts. `reasons` by code, `keys` by the templates' codes, `segments` of SMS."""

    def __init__(
        self, base: Base, reader: LineReader, found: Format, layout: Layout | None, copier: Copier
    ) -> None:
        self.base_id, self.reader = base.pk, reader
        self.found, self.layout, self.copier = found, layout, copier
        self.express = Express(reader, base.pk, found, layout)
        self.registry = Registry(base.dialer.provider, external=base.dialer.dncr)
        self.lines = 0
        self.reasons: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.segments = SegmentCount() if reader.driver.segmented else None

    def block(self, block: Block) -> None:
        """Takes in the texts of a block; blank ones are passed over."""
        ready: list[tuple[Ready, int, str]] = []
        refused: list[str] = []
        express = self.express.ready
        for number, text in enumerate(block.texts, block.first):
            if quick := express(number, text):
                ready.append((quick, number, text))
            elif text.strip(BLANK):
                line = line_of(number, text, self.found, self.reader.dialer.name, self.layout)
                self._read(line, ready, refused)
        self._pass_on(ready, refused)

    def split(self, lines: Iterable[Line]) -> int:
        """Takes in up to BATCH lines that are split already; returns how many there were."""
        ready: list[tuple[Ready, int, str]] = []
        refused: list[str] = []
        batch = list(islice(lines, BATCH))
        for line in batch:
            self._read(line, ready, refused)
        self._pass_on(ready, refused)
        return len(batch)

    def _read(self, line: Line, ready: list[tuple[Ready, int, str]], refused: list[str]) -> None:
        try:
            draft = self.reader.draft(line)
        except Refusal as why:
            refused.append(self._bad(line.number, why.code, why.sentence, line.text))
        else:
            code, text = draft.content.get("code", ""), draft.content.get("text", "")
            made = Ready(draft.contact, code, row(self.base_id, draft), text)
            ready.append((made, line.number, line.text))

    def _pass_on(self, ready: list[tuple[Ready, int, str]], refused: list[str]) -> None:
        self.lines += len(ready) + len(refused)
        hits = self.registry.hits((made.contact for made, _number, _text in ready), self.copier)
        if hits:
            reason = _("This number is in the do-not-call registry.")
            refused += [
                self._bad(number, "do_not_call", reason, text)
                for made, number, text in ready
                if made.contact in hits
            ]
            ready = [one for one in ready if one[0].contact not in hits]
        self.keys.update([made.key for made, _number, _text in ready])
        if self.segments is not None:
            self.segments.add(made.text for made, _number, _text in ready)
        self.copier.put(ROWS, [made.row for made, _number, _text in ready])
        self.copier.put(BAD, refused)

    def _bad(self, number: int, code: str, reason: str, text: str) -> str:
        self.reasons[code] += 1
        return bad_line(self.base_id, number, code, reason, text)
