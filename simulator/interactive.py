"""Checks messages with buttons and lists against their limits."""

from __future__ import annotations

from typing import Any

from simulator.checks import a_list, a_text, an_object, only, optional_texts
from simulator.wire import BadRequestError, Json

KEYS = frozenset(
    {
        "messageInteractiveType",
        "header",
        "body",
        "footer",
        "replyButtonAction",
        "listAction",
        "alternativeText",
    }
)
WHERE = "message.interactive"


def _text_part(interactive: Json, name: str, longest: int, required: bool = False) -> None:
    if name not in interactive and not required:
        return
    part = an_object(interactive.get(name), f"{WHERE}.{name}")
    if name == "header" and "text" not in part:
        return
    a_text(part.get("text"), f"{WHERE}.{name}.text", longest)


def _check_buttons(action: Any) -> None:
    where = f"{WHERE}.replyButtonAction"
    buttons = a_list(an_object(action, where).get("buttons"), f"{where}.buttons", 1, 3)
    for position, button in enumerate(buttons, start=1):
        place = f"{where}.buttons: number {position}"
        reply = an_object(an_object(button, place).get("reply"), f"{place}, reply,")
        a_text(reply.get("title"), f"{place}, title,", 20)
        a_text(reply.get("payload"), f"{place}, payload,", 256)


def _check_list(action: Any) -> None:
    where = f"{WHERE}.listAction"
    listing = an_object(action, where)
    a_text(listing.get("button"), f"{where}.button", 20)
    rows: list[Any] = []
    for position, section in enumerate(a_list(listing.get("sections"), f"{where}.sections", 1, 10), start=1):
        place = f"{where}.sections: number {position}"
        rows += a_list(an_object(section, place).get("rows"), f"{place}, rows,", 1, 0)
    if len(rows) > 10:
        raise BadRequestError(f"{where} must not have more than 10 rows; it has {len(rows)}.")
    for position, row in enumerate(rows, start=1):
        place = f"{where}, row {position}"
        entry = an_object(row, place)
        a_text(entry.get("identifier"), f"{place}, identifier,")
        a_text(entry.get("title"), f"{place}, title,")
        optional_texts(entry, place, "description")


def check_interactive(value: Any) -> None:
    """Header ≤ 60, body ≤ 1024, footer ≤ 60 characters, 1–3 buttons, at most 10 rows."""
    interactive = an_object(value, WHERE)
    only(interactive, WHERE, KEYS)
    _text_part(interactive, "header", 60)
    _text_part(interactive, "body", 1024, required=True)
    _text_part(interactive, "footer", 60)
    optional_texts(interactive, WHERE, "alternativeText")
    kind = interactive.get("messageInteractiveType")
    if kind == "REPLY_BUTTON":
        _check_buttons(interactive.get("replyButtonAction"))
    elif kind == "LIST":
        _check_list(interactive.get("listAction"))
    else:
        raise BadRequestError(f"{WHERE}.messageInteractiveType must be REPLY_BUTTON or LIST.")
