"""The one gate for every send: window, do-not-call, template and its parameters, the provider's RegExp."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from providers import caps
from providers.contacts import told_apart
from providers.drivers import driver_for
from providers.drivers.base import Driver
from providers.errors import Refusal
from providers.models import Contact, DoNotCall, Provider
from providers.models.contact import Person
from providers.models.do_not_call import Source
from providers.models.message import FILE_KINDS, Kind
from providers.numbers import canonical
from providers.records import texts
from providers.templates import TemplateBook, check_parameters, require_approved
from providers.told import Told

LONGEST_CAPTION = 1024  # characters that WhatsApp shows below a file


@dataclass(slots=True)  # not frozen: making one would take five times as long
class Candidate:
    """What wants to leave, and to whom. `confirms_opt_out`: the one message that the do-not-call registry lets by."""

    key: Any
    contact: Contact | Person
    address: str
    kind: str
    content: dict[str, Any]
    confirms_opt_out: bool = False


BLOCKED = """
SELECT number, source, provider_id IS NULL FROM providers_donotcall
WHERE number = ANY(ARRAY(SELECT json_array_elements_text(%s::json)))
  AND (provider_id = %s OR provider_id IS NULL)
"""


def do_not_call(provider: Provider, numbers: Iterable[str], *, external: bool) -> set[str]:
    """Those of the people's numbers that must not be written to. One query.

    An entry for all providers holds for everybody whom its number may mean, also for who was told apart at one.
    """
    forms = {number: canonical(number) for number in numbers}
    with connection.cursor() as cursor:
        cursor.execute(BLOCKED, [texts({*forms, *forms.values()}), provider.pk])
        entries = [row for row in cursor.fetchall() if external or row[1] != Source.EXTERNAL]
    there = {number for number, _source, _everywhere in entries}
    everywhere = {number for number, _source, everywhere in entries if everywhere}
    return {number for number, form in forms.items() if number in there or form in everywhere}


def do_not_call_up_to(provider: Provider, limit: int, *, external: bool) -> set[str] | None:
    """All people's numbers that must not be written to; None where they are more than `limit`. Two queries."""
    entries = DoNotCall.objects.filter(Q(provider=provider) | Q(provider=None))
    if not external:
        entries = entries.exclude(source=Source.EXTERNAL)
    listed = list(entries.values_list("number", "provider")[: limit + 1])
    if len(listed) > limit:
        return None
    everywhere = {number for number, owner in listed if owner is None}
    apart = {number for number in told_apart(provider) if canonical(number) in everywhere}
    return {number for number, _owner in listed} | apart


def check(
    provider: Provider,
    candidates: Sequence[Candidate],
    now: datetime,
    *,
    external: frozenset[Any] = frozenset(),
    capped: frozenset[Any] = frozenset(),
    templates: TemplateBook | None = None,
) -> dict[Any, Refusal]:
    """Why each candidate may not leave, by key; what may is absent.

    `external`: keys that external registries hold for. `capped`: keys that the messages per person and day hold
    for, in a transaction that makes the messages at once (see `caps.beyond`). Bounded queries whatever their number.
    """
    refused: dict[Any, Refusal] = {}
    numbers = {candidate.contact.contact for candidate in candidates}
    ours = do_not_call(provider, numbers, external=False)
    all_registries = do_not_call(provider, numbers, external=True) if external else ours
    book = templates or TemplateBook(provider)
    pattern = re.compile(provider.sms_regexp)
    driver = driver_for(provider.api_type)
    checked: dict[int, Refusal | None] = {}
    for candidate in candidates:
        blocked = all_registries if candidate.key in external else ours
        if candidate.contact.erased:
            refused[candidate.key] = Refusal("erased")
        elif candidate.contact.contact in blocked and not candidate.confirms_opt_out:
            refused[candidate.key] = Refusal("do_not_call", Told("do_not_call"))
        elif not pattern.search(candidate.address):
            refused[candidate.key] = Refusal("number_refused", Told("regexp"), status=400)
        elif candidate.kind == Kind.HSM and not driver.templates:
            refused[candidate.key] = Refusal("no_templates", status=400)
        elif candidate.kind == Kind.HSM:
            known = id(candidate.content)
            if known not in checked:  # candidates of one content may share it
                checked[known] = _unfit(book, candidate.content, now)
            if why := checked[known]:
                refused[candidate.key] = why
        elif candidate.kind in FILE_KINDS and not driver.files:
            refused[candidate.key] = Refusal("no_files", status=400)
        elif len(text := _words(candidate)) > (most := _most(candidate, driver)):
            refused[candidate.key] = _too_long(text, most)
        elif driver.windowed and not candidate.contact.window_open(now):
            refused[candidate.key] = window_refusal(candidate.contact)
    if capped:
        asking = [
            (one.key, one.contact.contact)
            for one in candidates
            if one.key in capped and one.key not in refused
        ]
        refused |= dict.fromkeys(caps.beyond(asking, now), Refusal("contact_cap"))
    return refused


def _unfit(book: TemplateBook, content: dict[str, Any], now: datetime) -> Refusal | None:
    """Why a template may not leave like this."""
    try:
        template = book.find(content["code"], content.get("language", ""))
        require_approved(template, now)
        check_parameters(template, content["parameters"])
    except Refusal as why:
        return why
    return None


def require_fitting(provider: Provider, text: str) -> None:
    """Raises Refusal `too_long` for a text that is longer than the provider takes."""
    driver = driver_for(provider.api_type)
    if len(text) > driver.longest_text:
        raise _too_long(text, driver.longest_text)


def _words(candidate: Candidate) -> str:
    """What a free message says: its text, or the caption of its file."""
    return str(candidate.content["caption" if candidate.kind in FILE_KINDS else "text"])


def _most(candidate: Candidate, driver: Driver) -> int:
    return LONGEST_CAPTION if candidate.kind in FILE_KINDS else driver.longest_text


def _too_long(text: str, most: int) -> Refusal:
    return Refusal("too_long", Told("too_long", n=len(text), most=most), status=400)


def window_refusal(contact: Contact | Person) -> Refusal:
    """Why free text may not leave, and since when."""
    ended = contact.window_expires_at
    return Refusal("window_closed", Told("window_ended", since=ended) if ended else Told("window_never"))
