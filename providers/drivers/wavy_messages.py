"""Reads the messages that customers send through Wavy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from providers.drivers.base import BadItem, Incoming
from providers.drivers.loose_json import LONGEST_SCALAR, clean_tree, mapping, moment, scalar, words

KINDS: dict[str, str] = {
    "TEXT": "text",
    "IMAGE": "image",
    "AUDIO": "audio",
    "VIDEO": "video",
    "DOCUMENT": "document",
    "STICKER": "sticker",
    "BUTTON": "button",
    "BUTTON_REPLY": "button",
    "LIST_REPLY": "list_reply",
    "LOCATION": "location",
    "CONTACTS": "contacts",
    "ORDER": "order",
}
LONGEST_NUMBER = 32  # characters, with every sign that people put between digits
MEDIA = ("image", "audio", "video")


def read_message(item: Any) -> Incoming | BadItem:
    """One item of a message callback, or why it cannot be applied."""
    if not isinstance(item, dict):
        return BadItem(clean_tree(item), "The item is not an object.")
    message_id = (words(item.get("id")) or words(item.get("Id"))).strip()
    source = words(item.get("source")).strip()
    if reason := _reason_against(message_id, source):
        return BadItem(clean_tree(item), reason)
    content = _content(item)
    kind = _kind(content)
    return Incoming(
        provider_message_id=message_id,
        source=source,
        origin=(scalar(item.get("origin")) or scalar(item.get("shortCode")))[:LONGEST_NUMBER],
        kind=kind,
        text=TEXTS.get(kind, _plain)(content),
        content=content,
        received_at=moment(item.get("receivedAt"), item.get("receivedDate")),
        name=scalar(mapping(item.get("userProfile")).get("name")),
        answers=answered(item),
        media_url=words(content.get("mediaUrl")).strip(),
        media_name=scalar(content.get("fileName")) or scalar(content.get("filename")),
    )


def answered(item: dict[str, Any]) -> str:
    """The correlation id of the message being answered, under whichever name; "" when not known.

    An SMS names it inside `mt`; a query string has no insides, so there the name has a point.
    """
    return (
        scalar(item.get("correlationId"))
        or scalar(mapping(item.get("mt")).get("correlationId"))
        or scalar(item.get("mt.correlationId"))
    )


def _reason_against(message_id: str, source: str) -> str:
    """Why the two cannot name a message and its sender; cutting them would mix up two of either."""
    if not message_id:
        return "The message has no id."
    if len(message_id) > LONGEST_SCALAR:
        return f"The message's id is longer than {LONGEST_SCALAR} characters."
    if not source:
        return "The message has no source, so nobody knows who wrote it."
    if len(source) > LONGEST_NUMBER:
        return f"The message's source is longer than {LONGEST_NUMBER} characters, so it is no number."
    return ""


def _content(item: dict[str, Any]) -> dict[str, Any]:
    """The message object; a bare text, or a text beside the ids, is put into one."""
    message = item.get("message")
    if message is None and "messageText" in item:
        message = item["messageText"]
    if not isinstance(message, dict):
        message = {} if message is None else {"messageText": message}
    content: dict[str, Any] = clean_tree(message)
    return content


def _kind(content: dict[str, Any]) -> str:
    interactive = content.get("interactive")
    if isinstance(interactive, dict):
        reply = scalar(interactive.get("type")).upper()
        if reply == "LIST_REPLY" or "listReply" in interactive:
            return "list_reply"
        if reply == "BUTTON_REPLY" or "buttonReply" in interactive:
            return "button"
    spoken = scalar(content.get("type")).upper()
    return KINDS.get(spoken, "unknown") if spoken else _kind_by_shape(content)


def _kind_by_shape(content: dict[str, Any]) -> str:
    """Wavy gives locations and contacts no type; older messages may lack it altogether."""
    for key in ("location", "contacts"):
        if content.get(key):
            return key
    if content.get("mediaUrl"):
        family = scalar(content.get("mimeType")).partition("/")[0].lower()
        return family if family in MEDIA else "document"
    return "text" if words(content.get("messageText")) else "unknown"


def _plain(content: dict[str, Any]) -> str:
    return words(content.get("messageText")) or words(content.get("caption"))


def _caption(content: dict[str, Any]) -> str:
    return words(content.get("caption")) or words(content.get("messageText"))


def _reply(content: dict[str, Any]) -> str:
    """What the customer chose; the text that came along, else the label, else the value behind it."""
    interactive = mapping(content.get("interactive"))
    button = mapping(interactive.get("buttonReply")) or mapping(content.get("button"))
    row = mapping(interactive.get("listReply"))
    labels = (
        *(button.get(key) for key in ("title", "text")),
        row.get("rowTitle"),
        button.get("payload"),
        row.get("rowIdentifier"),
    )
    return _plain(content) or next((text for text in map(words, labels) if text), "")


def _order(content: dict[str, Any]) -> str:
    return _plain(content) or words(mapping(content.get("order")).get("text"))


def _location(content: dict[str, Any]) -> str:
    place = mapping(content.get("location"))
    spoken = [text for text in (words(place.get("name")), words(place.get("address"))) if text]
    return ", ".join(spoken) or words(place.get("geoPoint")) or _plain(content)


def _contacts(content: dict[str, Any]) -> str:
    """A line for each contact: name and phones."""
    people = content.get("contacts")
    lines = [_person(mapping(person)) for person in people] if isinstance(people, list) else []
    return "\n".join(line for line in lines if line) or _plain(content)


def _person(person: dict[str, Any]) -> str:
    name, phones = person.get("name"), person.get("phones")
    spoken = words(mapping(name).get("formatted_name") or mapping(name).get("formattedName") or name)
    numbers = [words(mapping(phone).get("phone")) for phone in phones] if isinstance(phones, list) else []
    return " ".join(text for text in (spoken, *numbers) if text)


TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    **dict.fromkeys(("image", "audio", "video", "document"), _caption),
    "button": _reply,
    "list_reply": _reply,
    "order": _order,
    "location": _location,
    "contacts": _contacts,
}
