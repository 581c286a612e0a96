"""Reads Wavy's answers to a send over WhatsApp or SMS: one outcome for each recipient."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from providers.drivers.base import Answer, Lost, Outcome, Probe, Recipient, Verdict
from providers.drivers.loose_json import decode, mapping, scalar
from providers.numbers import canonical

LONGEST_DETAIL = 200

# What a status code means for all the recipients; 2xx, 500 and 503 depend on the body.
BY_STATUS: dict[int, tuple[Verdict, str]] = {
    400: (Verdict.REFUSED, "bad_request"),
    401: (Verdict.CREDENTIALS, "credentials"),
    403: (Verdict.CREDENTIALS, "credentials"),
    404: (Verdict.REFUSED, "not_found"),
    405: (Verdict.REFUSED, "method"),
    412: (Verdict.REFUSED, "precondition"),
    420: (Verdict.SLOW_DOWN, "rate_limited"),
    429: (Verdict.SLOW_DOWN, "rate_limited"),
    502: (Verdict.UNCERTAIN, "bad_gateway"),
    504: (Verdict.UNCERTAIN, "bad_gateway"),
}
LOST: dict[Lost, tuple[Verdict, str]] = {
    Lost.NOT_SENT: (Verdict.NOT_SENT, "unreachable"),
    Lost.UNKNOWN: (Verdict.UNCERTAIN, "no_answer"),
}
PLAIN_KEYS = {"id", "correlationId", "destination"}
PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,200}")
ERROR_KEYS = ("errormessage", "errorcode", "error", "errors", "message")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the answer says of one destination."""

    message_id: str
    correlation_id: str
    destination: str
    in_trouble: bool


def read_answer(answer: Answer | Lost, recipients: Sequence[Recipient]) -> list[Outcome]:
    """One outcome a recipient, in their order, by Wavy's table of answers."""
    if isinstance(answer, Lost):
        return _all(recipients, *LOST[answer])
    if answer.status == 200 and (plain := _plain(answer.body, recipients)):
        return plain
    body = _decoded(answer.body)
    if 200 <= answer.status < 300:
        return _accepted(body, recipients)
    verdict, error = BY_STATUS.get(answer.status, (Verdict.UNCERTAIN, "unlisted_answer"))
    if answer.status in (500, 503):
        own = _is_error(body)
        verdict, error = (Verdict.RETRY, "provider_trouble") if own else (Verdict.UNCERTAIN, "bad_gateway")
    if verdict is Verdict.REFUSED and len(recipients) > 1:
        verdict = Verdict.SPLIT
    return _all(recipients, verdict, error, _detail(body))


def read_probe(answer: Answer | Lost) -> Probe:
    """What the answer to a send to nobody means; a rate limit proves nothing about the credentials."""
    if isinstance(answer, Lost):
        return Probe.UNREACHABLE
    if answer.status in (401, 403):
        return Probe.CREDENTIALS
    if answer.status in (400, 412) or (200 <= answer.status < 300 and _decoded(answer.body) is not None):
        return Probe.OK
    return Probe.TROUBLE


def _all(recipients: Sequence[Recipient], verdict: Verdict, error: str, detail: str = "") -> list[Outcome]:
    return [Outcome(one.correlation_id, verdict, error=error, detail=detail) for one in recipients]


def _decoded(body: bytes) -> Any:
    """None for what is not JSON."""
    try:
        return decode(body)
    except ValueError:
        return None


def _lowered(value: Any) -> dict[str, Any]:
    return {str(key).lower(): inner for key, inner in mapping(value).items()}


def _is_error(body: Any) -> bool:
    """Whether the provider itself says that it failed: an object with an error and no message id."""
    said = _lowered(body)
    return any(said.get(key) for key in ERROR_KEYS) and not any(entry.message_id for entry in _entries(body))


def _detail(body: Any) -> str:
    said = _lowered(body)
    nested = _lowered(said.get("error"))
    spoken = (said.get("errormessage"), nested.get("message"), said.get("error"), said.get("message"))
    return next((text for text in map(scalar, spoken) if text), "")[:LONGEST_DETAIL]


def _accepted(body: Any, recipients: Sequence[Recipient]) -> list[Outcome]:
    if not isinstance(body, dict | list):
        return _all(recipients, Verdict.UNCERTAIN, "unreadable_answer")
    entries = _entries(body)
    matched = _match(entries, recipients)
    envelope_id = scalar(_lowered(body).get("id")) if len(recipients) == 1 else ""
    return [_outcome(one, matched.get(one.correlation_id), envelope_id) for one in recipients]


def _plain(written: bytes, recipients: Sequence[Recipient]) -> list[Outcome] | None:
    """The usual answer, read at once: each recipient of ours once, with an id of its own and no more than that.

    None for every other answer, which is read in full.
    """
    try:
        body = orjson.loads(written)
    except orjson.JSONDecodeError:
        return None
    group = (body.get("destinations") or body.get("messages")) if isinstance(body, dict) else None
    if not isinstance(group, list) or len(group) != len(recipients):
        return None
    found: dict[str, str] = {}
    for one in group:
        if not isinstance(one, dict) or not one.keys() <= PLAIN_KEYS:
            return None
        key, message_id = one.get("correlationId"), one.get("id")
        if not (isinstance(key, str) and isinstance(message_id, str) and PLAIN_ID.fullmatch(message_id)):
            return None
        found[key] = message_id
    try:
        return [
            Outcome(one.correlation_id, Verdict.ACCEPTED, found[one.correlation_id]) for one in recipients
        ]
    except KeyError:
        return None


def _outcome(recipient: Recipient, entry: Entry | None, envelope_id: str) -> Outcome:
    if entry is None:
        return Outcome(recipient.correlation_id, Verdict.UNCERTAIN, error="recipient_missing")
    if entry.in_trouble:
        return Outcome(recipient.correlation_id, Verdict.UNCERTAIN, error="unlisted_answer")
    return Outcome(recipient.correlation_id, Verdict.ACCEPTED, entry.message_id or envelope_id)


def _entries(body: Any) -> list[Entry]:
    """The destinations of an answer, or the messages of one to SMS: under either spelling, as array or object,
    in an envelope, an array of envelopes, or bare."""
    found: list[Entry] = []
    for part in body if isinstance(body, list) else [body]:
        said = _lowered(part)
        group = said.get("destinations") or said.get("messages") or said.get("destination")
        if isinstance(group, list):
            found += [_entry(one) for one in group if isinstance(one, dict)]
        elif isinstance(group, dict):
            found.append(_entry(group))
        elif group or said.get("correlationid"):
            found.append(_entry(part))
    return found


def _entry(value: Any) -> Entry:
    said = _lowered(value)
    return Entry(
        message_id=scalar(said.get("id")),
        correlation_id=scalar(said.get("correlationid")),
        destination=canonical(scalar(said.get("destination"))),
        in_trouble=any(said.get(key) for key in ERROR_KEYS),
    )


def _match(entries: list[Entry], recipients: Sequence[Recipient]) -> dict[str, Entry]:
    """Which entry belongs to which recipient, by correlation id.

    An entry that names another correlation id is never ours. Without any, the destination decides
    where it occurs once on both sides; else the position, where the counts agree and no destination
    speaks against it.
    """
    by_id = {entry.correlation_id: entry for entry in entries if entry.correlation_id}
    matched = {
        one.correlation_id: by_id[one.correlation_id] for one in recipients if one.correlation_id in by_id
    }
    numbers = [canonical(one.address) for one in recipients]
    pairs = list(zip(entries, numbers, strict=False))
    if not by_id and len(entries) == len(recipients) and all(e.destination in ("", n) for e, n in pairs):
        return {one.correlation_id: entry for one, entry in zip(recipients, entries, strict=True)}
    nameless = [entry for entry in entries if not entry.correlation_id and entry.destination]
    times_there = Counter(entry.destination for entry in nameless)
    times_here = Counter(
        number for one, number in zip(recipients, numbers, strict=True) if one.correlation_id not in matched
    )
    by_number = {entry.destination: entry for entry in nameless if times_there[entry.destination] == 1}
    for one, number in zip(recipients, numbers, strict=True):
        if one.correlation_id not in matched and number in by_number and times_here[number] == 1:
            matched[one.correlation_id] = by_number[number]
    return matched
