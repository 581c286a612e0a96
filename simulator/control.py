"""The control API for tests and people: switches, proof of what was received, and customers who write."""

from __future__ import annotations

import asyncio
from typing import Any

from simulator import lifecycle
from simulator.account import base_url
from simulator.checks import a_text, an_object
from simulator.client import check_url
from simulator.media import said as said_media
from simulator.phones import WINDOW_MS
from simulator.rendering import received
from simulator.spelling import digits
from simulator.wire import BadRequestError, Json, Reply, Request, json_reply
from simulator.world import KINDS, World, now_ms

FLUSH_S = 10.0


def counts(world: World, request: Request) -> Reply:
    """Totals, and one entry for each destination, content and correlation id unless `?details=0`."""
    data = world.counts.totals() | {"callbacks": world.callback_counts()}
    if request.query().get("details", "1") not in ("0", "false"):
        data |= world.counts.details()
    return json_reply(data)


def _limit(query: dict[str, str], default: int) -> int:
    text = query.get("limit", str(default))
    if not text.isdigit():
        raise BadRequestError("limit must be a number.")
    return int(text)


def messages(world: World, request: Request) -> Reply:
    """The newest accepted messages, oldest first, of one `destination` or of all."""
    query = request.query()
    limit, number = _limit(query, 100), digits(query.get("destination", ""))
    found: list[Json] = []
    for message in reversed(world.recent):
        if len(found) == limit:
            break
        if not number or message.number == number:
            found.append(message.as_json())
    return json_reply({"messages": found[::-1]})


def got(world: World, request: Request) -> Reply:
    """What one phone received, oldest first."""
    query = request.query()
    number = a_text(query.get("number"), "number")
    phone = world.phones.find(query.get("origin", "") or world.config.origin, number)
    return json_reply({"number": digits(number), "messages": received(world, phone) if phone else []})


def callbacks(world: World, request: Request) -> Reply:
    """Shows, and by PUT changes, where callbacks go; `origin` narrows a change to one of our numbers."""
    if request.method == "PUT":
        data = request.json_object()
        origin = digits(str(data.get("origin") or ""))
        changes = {}
        for key, value in data.items():
            kind = next((kind for kind in KINDS if key == f"{kind}_url"), None)
            if kind is None and key != "origin":
                raise BadRequestError(
                    f"{key!r} is unknown; use message_url, status_url, report_url and origin."
                )
            if kind is not None:
                changes[kind] = check_url(str(value or ""))
        for kind, url in changes.items():
            world.set_url(origin, kind, url)
    shown: dict[str, Json] = {}
    for (origin, kind), url in world.urls.items():
        shown.setdefault(origin, {})[f"{kind}_url"] = url
    return json_reply({**shown.pop("", {}), "origins": shown})


def faults(world: World, request: Request) -> Reply:
    """Shows the switches; PUT changes the named ones (`seed` starts the generator again), DELETE turns all off."""
    if request.method == "DELETE":
        world.faults.reset()
        world.reseed(world.config.seed)
    elif request.method == "PUT":
        wanted = request.json_object()
        seed = wanted.pop("seed", None)
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise BadRequestError("seed must be a whole number.")
        world.faults.change(wanted)
        if seed is not None:
            world.reseed(seed)
    return json_reply({"seed": world.seed, **world.faults.values()})


def switchboard(world: World, request: Request) -> Reply:
    """The switches with their words, for the page."""
    return json_reply({"seed": world.seed, "switches": world.faults.describe()})


def reset(world: World, request: Request) -> Reply:
    """Forgets messages, chats, counts and what waits; `{"faults": true, "callbacks": true}` resets those as well."""
    data = request.json_object()
    world.reset()
    if data.get("faults"):
        world.faults.reset()
        world.reseed(world.config.seed)
    if data.get("callbacks"):
        world.urls.clear()
    return json_reply({"reset": True})


def _body(world: World, request: Request, data: Json) -> Json:
    if "message" in data:
        return an_object(data["message"], "message")
    if "kind" in data:
        body = said_media(str(data["kind"]), base_url(world, request), str(data.get("text") or ""))
        if body is None:
            raise BadRequestError("kind must be one of: image, audio, document, sticker, location, contacts.")
        return body
    return {"type": "TEXT", "messageText": a_text(data.get("text"), "text")}


def say(world: World, request: Request) -> Reply:
    """A customer writes; answers with the item that is called back."""
    data = request.json_object()
    source = digits(a_text(data.get("source"), "source"))
    origin = digits(str(data.get("origin") or "")) or world.config.origin
    channel = data.get("channel", "whatsapp")
    if channel not in ("whatsapp", "sms"):
        raise BadRequestError("channel must be whatsapp or sms.")
    answers = data.get("answers")
    body = _body(world, request, data)
    phone = world.phones.reach(origin, source)
    spelt = source if data.get("source_as_written") else ""
    item = lifecycle.say(
        world, phone, body, answers=None if answers is None else str(answers), channel=channel, source=spelt
    )
    return json_reply(item)


def window(world: World, request: Request) -> Reply:
    """Opens the 24 hours of a number without a message, or closes them: `{"number", "origin"?, "open"}`."""
    data = request.json_object()
    number = digits(a_text(data.get("number"), "number"))
    origin = digits(str(data.get("origin") or "")) or world.config.origin
    phone = world.phones.reach(origin, number)
    phone.last_incoming_at = now_ms() - (0 if data.get("open", True) else WINDOW_MS)
    world.phones.revision += 1
    return json_reply({"number": number, "origin": origin, "open": phone.window_open(now_ms())})


def templates(world: World, request: Request) -> Reply:
    """Adds or replaces a template: `{"element_name", "texts": {"es": "…"}, "status"?, "header"?, "footer"?,
    "buttons"?}`. `status` is one for all languages, or an object with one for each.
    DELETE takes one away, or all without a name.
    """
    data = request.json_object()
    name = str(data.get("element_name") or "")
    if request.method == "DELETE":
        world.templates.remove(name)
        return json_reply({"templates": list(world.templates.entries)})
    texts = an_object(data.get("texts"), "texts")
    around = {key: data[key] for key in ("header", "footer", "buttons") if data.get(key)}
    return json_reply(world.templates.add(name, texts, data.get("status", "approved"), **around))


def lists(world: World, request: Request) -> Reply:
    """Replaces a list: `PUT /control/lists/OPTOUT {"numbers": ["5511…"]}`."""
    name = request.path.rpartition("/")[2]
    numbers: Any = request.json_object().get("numbers")
    if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
        raise BadRequestError("numbers must be an array of texts.")
    world.enlist(name, [digits(number) for number in numbers])
    return json_reply({"list": name, "numbers": [number for number, _ in world.lists[name].values()]})


def accounts(world: World, request: Request) -> Reply:
    """Which user name sends from which of our numbers: `PUT {"accounts": {"user": "5511…"}}`."""
    if request.method == "PUT":
        wanted = an_object(request.json_object().get("accounts"), "accounts")
        world.accounts = {name: digits(a_text(number, f"accounts.{name}")) for name, number in wanted.items()}
    return json_reply({"default": world.config.origin, "accounts": world.accounts})


async def flush(world: World, request: Request) -> Reply:
    """Lets everything that waits happen now and tries each callback once; answers when that is done."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + FLUSH_S
    outbox = world.outbox
    outbox.hurry()
    while loop.time() < deadline:
        world.wheel.run_all()
        outbox.pump(force=True)
        tasks = list(outbox.tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=deadline - loop.time(), return_when=asyncio.FIRST_COMPLETED)
        elif not world.wheel.waiting:
            break
    return json_reply(world.callback_counts())
