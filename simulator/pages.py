"""Serves the page with the customers' phones and what it polls."""

from __future__ import annotations

from pathlib import Path

from simulator.rendering import chat, summary
from simulator.spelling import digits
from simulator.wire import Reply, Request, error_reply, json_reply
from simulator.world import World

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
POLICY = (
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: http: https:; media-src 'self' data: http: https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n"
)
PHONES_SHOWN = 200


def page(world: World, request: Request) -> Reply:
    """`/phone/` and the files beside it."""
    name = request.path.removeprefix("/phone/").removeprefix("static/") or "phone.html"
    file = STATIC / Path(name).name
    if file.suffix not in TYPES or not file.is_file():
        return error_reply(404, "There is no such page.")
    return Reply(200, file.read_bytes(), TYPES[file.suffix], extra=POLICY)


def to_phone(world: World, request: Request) -> Reply:
    return Reply(302, b"", "text/plain", extra="Location: /phone/\r\n")


def news(world: World, request: Request) -> Reply:
    """What the page shows: phones, and the chat of `number` with `origin`; short when nothing has changed.

    Looking at a chat reads it: its unread dot goes away.
    """
    query = request.query()
    number, origin = digits(query.get("number", "")), query.get("origin", "") or world.config.origin
    phone = world.phones.find(origin, number) if number else None
    if phone is not None and phone.unread and query.get("seen") == "1":
        phone.unread = 0
        world.phones.revision += 1
    revision = f"{world.prefix}.{world.phones.revision}"
    counts = world.callback_counts() | {"url": bool(world.urls)}
    if query.get("revision") == revision:
        return json_reply({"revision": revision, "callbacks": counts})
    phones = world.phones.newest(PHONES_SHOWN, digits(query.get("find", "")))
    shown = summary(world, phone) if phone else None
    return json_reply(
        {
            "revision": revision,
            "callbacks": counts,
            "origins": world.origins(),
            "total": len(world.phones.by_key),
            "phones": [summary(world, each) for each in phones],
            "phone": shown and {**shown, "chat": chat(world, phone) if phone else []},
        }
    )
