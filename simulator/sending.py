"""Answers `POST /v1/whatsapp/send`, with every fault that an answer can have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from simulator import lifecycle
from simulator.bodies import check_send, content_of
from simulator.messages import Message
from simulator.spelling import digits, plausible
from simulator.wire import BadRequestError, Json, Reply, Request, error_reply, json_reply
from simulator.world import World, now_ms

NO_USER = (
    "Authentication Error: No user was found with this combination of username and Authentication token."
)
LIMITED = "The message is rate limited."
WORDS = {
    302: "Found", 400: "Bad request.", 401: NO_USER, 403: "Forbidden.", 404: "Not found.", 405: "Method not allowed.",
    412: "Precondition failed.", 420: LIMITED, 429: "Too many requests.", 500: "Internal error.",
    503: "Service unavailable.",
}  # fmt: skip
LONGEST_HOLD_S = 2.0


def authenticate(world: World, request: Request) -> str | None:
    """The user name of the two headers when they are right, else None."""
    username, token = request.header("username"), request.header("authenticationtoken")
    config = world.config
    if config.username or config.password:
        right = username == config.username and token == config.password
    else:
        right = bool(username) and bool(token) and "wrong" not in (username, token)
    return username if right else None


def fault_before(world: World, request: Request) -> Reply | None:
    """An answer that takes the place of the true one while nothing is taken; None for no fault."""
    faults = world.faults
    if world.hits(faults.reset_before):
        world.counts.hidden["reset_before"] += _messages_of(request)
        return Reply(act="reset")
    code = world.pick(faults.answers)
    if code is None:
        return None
    reply = error_of(world, code)
    if reply.content_type == "text/html" or code == 302:
        world.counts.hidden["redirected" if code == 302 else "gateway"] += _messages_of(request)
    return reply


def _messages_of(request: Request) -> int:
    """How many messages a request carries, as far as it can be read."""
    try:
        body = request.json_object()
    except BadRequestError:
        return 0
    listed = body.get("destinations", body.get("messages", [body]))
    return len(listed) if isinstance(listed, list) else 0


def error_of(world: World, code: int) -> Reply:
    """The answer with this code as Wavy, or the gateway before it, words it."""
    if code in (502, 504) or (world.faults.plain_errors and code in (500, 503)):
        page = f"<html><head><title>{code}</title></head><body><h1>{code}</h1><hr>nginx</body></html>"
        return Reply(code, page.encode(), "text/html")
    reply = error_reply(code, WORDS[code])
    if code == 302:
        reply.extra = "Location: https://messaging.wavy.global/login\r\n"
    return reply


def over_limit(world: World, messages: int) -> bool:
    """Whether these messages would go over the limit per second."""
    limit = world.faults.rate_limit
    return limit > 0 and world.counts.by_second.get(int(time.time()), 0) + messages > limit


def spoil(world: World, reply: Reply, messages: int) -> Reply:
    """The true answer of so many messages, after acceptance, with the faults that hide it."""
    faults, hidden = world.faults, world.counts.hidden
    if world.hits(faults.reset_after):
        hidden["reset_after"] += messages
        return Reply(act="reset", delay=reply.delay)
    unreadable, late = world.hits(faults.unreadable), world.hits(faults.late_answers)
    if unreadable:
        reply.body = reply.body[: len(reply.body) // 2]
    if late:
        reply.delay += faults.late_answer_ms / 1000
    if unreadable or late:
        hidden["unreadable" if unreadable else "late"] += messages
    return reply


def named(world: World, taken: list[Message]) -> list[Message]:
    """Those of the messages that the answer will name."""
    faults = world.faults
    if not faults.missing:
        return taken
    shown = [each for each in taken if not world.hits(faults.missing)]
    world.counts.hidden["missing"] += len(taken) - len(shown)
    return shown


def accept(
    world: World, username: str, entries: list[Json], message: Json, envelope: Json, channel: str = "whatsapp"
) -> list[Message]:
    """Takes one message for each entry, counted and remembered, but not yet begun."""
    at, origin, content = now_ms(), world.origin_of(username), content_of(message)
    taken = []
    for entry in entries:
        destination = entry["destination"]
        one = Message(world.new_id(), digits(destination), destination, entry.get("correlationId"))
        one.origin, one.channel, one.body, one.content = origin, channel, message, content
        one.envelope, one.at = envelope, at
        taken.append(one)
    world.recent.extend(taken)
    world.counts.accept(taken, at)
    return taken


def envelope_of(data: Json, extra: str = "defaultExtraInfo") -> Json:
    """What comes back in every callback."""
    known = {
        "flowId": data.get("flowId"),
        "campaignAlias": data.get("campaignAlias"),
        "extraInfo": data.get(extra),
    }
    return {key: value for key, value in known.items() if value is not None}


def _answer(world: World, taken: list[Message], shown: list[Message]) -> Reply:
    faults = world.faults
    key, many = "id", "destinations"
    if faults.answer_spelling == "Id" or (faults.answer_spelling == "mixed" and world.hits(0.5)):
        key, many = "Id", "destination"
    entries = []
    for each in shown:
        entry: dict[str, Any] = {key: each.id, "destination": each.destination}
        if each.correlation_id is not None:
            entry["correlationId"] = each.correlation_id
        entries.append(entry)
    answer = {key: taken[0].id if len(taken) == 1 else world.new_id(), many: entries}
    return json_reply([answer] if faults.answer_array else answer)


def send(world: World, request: Request) -> Reply | Awaitable[Reply]:
    """Checks the headers and the body, takes the messages, answers with their ids."""
    username = authenticate(world, request)
    if username is None:
        return error_reply(401, NO_USER)
    instead = fault_before(world, request)
    if instead is not None and not (
        instead.status in (502, 504) and world.hits(world.faults.gateway_accepts)
    ):
        return instead
    data = request.json()
    entries, message = check_send(data)
    _check_limits(world, entries)
    if over_limit(world, len(entries)):
        return error_reply(420, LIMITED)
    taken = accept(world, username, entries, message, envelope_of(data))
    if instead is None:
        shown = named(world, taken)
        reply = spoil(world, _answer(world, taken, shown), len(shown))
    else:
        reply = instead
    if world.faults.status_before_answer:
        return _after_status(lifecycle.begin_told(world, taken), reply)
    lifecycle.begin(world, taken, pace_from=world.faults.latency_ms / 1000)
    return reply


def _check_limits(world: World, entries: list[Json]) -> None:
    faults = world.faults
    if faults.max_destinations and len(entries) > faults.max_destinations:
        raise BadRequestError(
            f"destinations: at most {faults.max_destinations} are allowed; there are {len(entries)}."
        )
    if faults.refuse_invalid_numbers:
        for entry in entries:
            if not plausible(digits(entry["destination"])):
                raise BadRequestError(f"destination {entry['destination']!r} is not a valid number.")


async def _after_status(told: asyncio.Task[None] | None, reply: Reply) -> Reply:
    if told is not None:
        await asyncio.wait([told], timeout=LONGEST_HOLD_S)
    return reply
