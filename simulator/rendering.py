"""What a customer sees: messages as text, picture and buttons, for the phone page and for tests."""

from __future__ import annotations

from simulator.messages import Message
from simulator.phones import Phone, Said
from simulator.wire import Json
from simulator.world import World, now_ms

MEDIA = ("image", "audio", "document", "video")
SAID_MEDIA = {
    "IMAGE": "image",
    "STICKER": "image",
    "AUDIO": "audio",
    "DOCUMENT": "document",
    "VIDEO": "video",
}


def _interactive(interactive: Json) -> Json:
    header = interactive.get("header", {}).get("text", "")
    parts = [header, interactive["body"]["text"]]
    buttons = []
    if interactive["messageInteractiveType"] == "REPLY_BUTTON":
        for button in interactive["replyButtonAction"]["buttons"]:
            reply = button["reply"]
            buttons.append({"kind": "button", "title": reply["title"], "payload": reply["payload"]})
    else:
        for section in interactive["listAction"]["sections"]:
            for row in section["rows"]:
                buttons.append({"kind": "row", "title": row["title"], "payload": row["identifier"]})
    footer = interactive.get("footer", {}).get("text", "")
    return {"text": "\n".join(filter(None, parts)), "footer": footer, "buttons": buttons}


def _media(kind: str, media: Json) -> Json:
    url = media.get("url") or f"data:{kind}/{str(media['type']).lower()};base64,{media['data']}"
    return {"kind": kind, "url": url, "text": media.get("caption") or ""}


def _location(location: Json) -> Json:
    words = [str(location[name]) for name in ("name", "address", "geoPoint") if location.get(name)]
    return {"kind": "location", "text": "\n".join(words)}


def shown(world: World, body: Json) -> Json:
    """A message of ours: `{"kind", "text"}`, with `url`, `buttons`, `footer` or `code` where there is one."""
    if "messageText" in body:
        return {"kind": "text", "text": body["messageText"]}
    if "hsm" in body:
        return {
            "kind": "template",
            "text": world.templates.rendered(body["hsm"]),
            "code": body["hsm"]["elementName"],
        }
    if "template" in body:
        return {
            "kind": "template",
            "text": body["template"]["elementName"],
            "code": body["template"]["elementName"],
        }
    if "interactive" in body:
        return {"kind": "interactive"} | _interactive(body["interactive"])
    if "location" in body:
        return _location(body["location"])
    kind = next(name for name in MEDIA if name in body)
    return _media(kind, body[kind])


def shown_said(body: Json) -> Json:
    """A customer's message, whatever it holds."""
    if body.get("messageText"):
        return {"kind": "text", "text": str(body["messageText"])}
    if isinstance(body.get("location"), dict):
        return _location(body["location"])
    if isinstance(body.get("contacts"), list):
        names = [str(entry.get("name", {}).get("formatted_name", "")) for entry in body["contacts"]]
        return {"kind": "contacts", "text": ", ".join(names)}
    kind = SAID_MEDIA.get(str(body.get("type")), "text")
    if kind == "text":
        return {"kind": "text", "text": str(body)}
    return {"kind": kind, "url": str(body.get("mediaUrl", "")), "text": str(body.get("caption", ""))}


def received(world: World, phone: Phone) -> list[Json]:
    """The messages that a phone got, oldest first, with what the customer reads."""
    return [
        turn.as_json() | {"receivedAt": turn.delivered_at, "text": shown(world, turn.body)["text"]}
        for turn in phone.turns
        if isinstance(turn, Message)
    ]


def chat(world: World, phone: Phone) -> list[Json]:
    """Both sides of a chat, oldest first."""
    turns = []
    for turn in phone.turns:
        if isinstance(turn, Said):
            turns.append({"id": turn.id, "mine": True, "at": turn.at, **shown_said(turn.body)})
        else:
            about = {
                "id": turn.id,
                "mine": False,
                "at": turn.delivered_at,
                "correlationId": turn.correlation_id,
            }
            turns.append(about | ({"sms": True} if turn.channel == "sms" else {}) | shown(world, turn.body))
    return turns


def summary(world: World, phone: Phone) -> Json:
    """One line of the list of phones."""
    words = ""
    if phone.turns:
        last = phone.turns[-1]
        view = shown_said(last.body) if isinstance(last, Said) else shown(world, last.body)
        words = view["text"] or view["kind"]
    return {
        "number": phone.number, "origin": phone.origin, "name": phone.name, "at": phone.at, "unread": phone.unread,
        "last": words[:120], "open": phone.window_open(now_ms()),
    }  # fmt: skip
