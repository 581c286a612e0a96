"""Reads Wavy's list of templates: whatever is there of each language of each, and never an exception."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from providers.drivers.base import Account, Answer, Listed, ListedPage, Listing, Lost, Request
from providers.drivers.loose_json import decode, mapping, scalar, words
from providers.drivers.wavy_requests import get

PATH = "/api/v1/whatsapp_message_templates"
PAGE_SIZE = 999
STATES = {
    "approved": "approved",
    "in_analysis": "in_analysis",
    "inanalysis": "in_analysis",
    "pending": "in_analysis",
    "in_review": "in_analysis",
    "submitted": "in_analysis",
    "disapproved": "disapproved",
    "rejected": "disapproved",
    "error": "error",
}
CODE = re.compile(r"[^\s:;]{1,200}")
LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[_-]([A-Za-z]{2,4}))?")
MOST_BUTTONS = 10
LONGEST_LINE = 1000  # characters of a header or footer


def build_templates(account: Account, page: int) -> Request:
    """`GET …/whatsapp_message_templates?page=1&page_size=999` with the account's two headers."""
    return get(account, account.templates_url, f"{PATH}?page={page}&page_size={PAGE_SIZE}")


def read_templates(answer: Answer | Lost) -> ListedPage:
    """The page, or why there is none."""
    if isinstance(answer, Lost):
        return ListedPage(Listing.UNREACHABLE)
    if answer.status in (401, 403):
        return ListedPage(Listing.CREDENTIALS)
    if answer.status in (400, 404, 405):
        return ListedPage(Listing.ABSENT)
    if not 200 <= answer.status < 300:
        return ListedPage(Listing.TROUBLE)
    try:
        body = decode(answer.body)
    except ValueError:
        return ListedPage(Listing.TROUBLE)
    entries = body if isinstance(body, list) else _keys(body).get("data")
    if not isinstance(entries, list):
        return ListedPage(Listing.TROUBLE)
    listed: list[Listed] = []
    unread: list[str] = []
    for entry in entries:
        for one in _read(_keys(entry)):
            if isinstance(one, Listed):
                listed.append(one)
            else:
                unread.append(one)
    return ListedPage(Listing.READ, tuple(listed), tuple(unread))


def language_code(text: str) -> str:
    """EN, pt-br and PT_BR as en and pt_BR; "" for what is no language."""
    found = LANGUAGE.fullmatch(text.strip())
    if found is None:
        return ""
    tongue, place = found.groups()
    if not place:
        return tongue.lower()
    return f"{tongue.lower()}_{place.upper() if len(place) < 4 else place.title()}"


def _keys(value: Any) -> dict[str, Any]:
    """An object by its keys in one spelling: elementname for element_name and elementName."""
    return {str(key).replace("_", "").lower(): inner for key, inner in mapping(value).items()}


def _read(entry: dict[str, Any]) -> Iterator[Listed | str]:
    """Each language of an entry, or the code of what cannot be read."""
    code = scalar(entry.get("elementname") or entry.get("name"))
    if not CODE.fullmatch(code):
        yield ""
        return
    languages = _list(entry.get("languages"))
    messages = entry.get("messages")
    if isinstance(messages, dict):
        messages = [messages]
    if not isinstance(messages, list) or not messages:
        only = languages[0] if len(languages) == 1 else ""
        messages = [{**entry, "language": entry.get("language") or only}]
    for message in messages:
        yield _language(code, entry, _keys(message)) or code


def _language(code: str, entry: dict[str, Any], message: dict[str, Any]) -> Listed | None:
    language = language_code(scalar(message.get("language") or message.get("languagecode")))
    text = words(message.get("text") or message.get("body"))
    if not language or not text.strip():
        return None
    raw = scalar(message.get("status") or entry.get("status"))[:64]
    header = _line(message.get("header"))
    kind = scalar(message.get("headertype")).lower()[:16]
    if kind in ("", "none", "null"):
        kind = "text" if header else ""
    return Listed(
        code,
        language,
        STATES.get(raw.lower().replace(" ", "_").replace("-", "_"), "unknown"),
        text,
        raw,
        scalar(entry.get("namespace") or message.get("namespace")),
        tuple(map(scalar, _list(message.get("placeholders")))),
        kind,
        header,
        _line(message.get("footer")),
        tuple(filter(None, map(_line, _list(message.get("buttons"))[:MOST_BUTTONS]))),
    )


def _list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = _keys(value).get("buttons", [])
    return value if isinstance(value, list) else []


def _line(value: Any) -> str:
    """A text, or that of an object that holds one."""
    if isinstance(value, dict):
        held = _keys(value)
        value = next((held[key] for key in ("text", "title", "label", "name") if held.get(key)), "")
    return words(value)[:LONGEST_LINE].strip()
