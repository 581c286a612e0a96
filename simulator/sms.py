"""Answers the two SMS calls: one message, and up to a thousand that may all differ."""

from __future__ import annotations

from simulator import lifecycle
from simulator.checks import a_list, a_text, an_object, only, optional_texts
from simulator.messages import Message
from simulator.sending import (
    NO_USER,
    accept,
    authenticate,
    envelope_of,
    error_of,
    fault_before,
    named,
    over_limit,
    spoil,
)
from simulator.wire import BadRequestError, Json, Reply, Request, error_reply, json_reply
from simulator.world import World

LONGEST_TEXT = 1_280
LONGEST_ID = 64
LONGEST_EXTRA = 255
MOST = 1_000
ONE = frozenset({"destination", "messageText", "correlationId", "extraInfo", "campaignAlias", "flowId"})
BULK = frozenset({"messages", "defaultValues", "flowId", "campaignAlias"})


def _check_one(entry: Json, where: str, default: Json) -> Json:
    only(entry, where, ONE)
    merged = {**default, **entry}
    a_text(merged.get("destination"), f"{where}.destination")
    a_text(merged.get("messageText"), f"{where}.messageText", LONGEST_TEXT)
    optional_texts(merged, where, "correlationId", longest=LONGEST_ID)
    optional_texts(merged, where, "extraInfo", longest=LONGEST_EXTRA)
    optional_texts(merged, where, "campaignAlias", "flowId")
    return merged


def _take(world: World, username: str, entry: Json) -> Message:
    message = {"messageText": entry["messageText"]}
    return accept(world, username, [entry], message, envelope_of(entry, "extraInfo"), "sms")[0]


def _gate(world: World, request: Request) -> Reply | str:
    username = authenticate(world, request)
    if username is None:
        return error_reply(401, NO_USER)
    return fault_before(world, request) or username


def _answer(world: World, taken: list[Message], answer: Json, told: int = 1) -> Reply:
    lifecycle.begin(world, taken, pace_from=world.faults.latency_ms / 1000)
    return spoil(world, json_reply([answer] if world.faults.answer_array else answer), told)


def send_one(world: World, request: Request) -> Reply:
    """`POST /v1/send-sms`: `{"id", "correlationId"}`, or the same inside an array by a switch."""
    gate = _gate(world, request)
    if isinstance(gate, Reply):
        return gate
    entry = _check_one(an_object(request.json(), "The body"), "The body", {})
    if over_limit(world, 1):
        return error_of(world, 429)
    one = _take(world, gate, entry)
    return _answer(world, [one], {"id": one.id, "correlationId": one.correlation_id})


def send_bulk(world: World, request: Request) -> Reply:
    """`POST /v1/send-bulk-sms`: `{"id", "messages": [{"id", "correlationId"}]}`, at most 1,000 messages."""
    gate = _gate(world, request)
    if isinstance(gate, Reply):
        return gate
    data = an_object(request.json(), "The body")
    only(data, "The body", BULK)
    default = an_object(data.get("defaultValues", {}), "defaultValues")
    if "destination" in default:
        raise BadRequestError("defaultValues must not hold a destination.")
    messages = a_list(data.get("messages"), "messages", 1, MOST)
    entries = []
    for position, entry in enumerate(messages, start=1):
        where = f"messages: number {position}"
        entries.append(_check_one(an_object(entry, where), where, default))
    if over_limit(world, len(entries)):
        return error_of(world, 429)
    taken = [_take(world, gate, entry) for entry in entries]
    shown = named(world, taken)
    listed = [{"id": each.id, "correlationId": each.correlation_id} for each in shown]
    return _answer(world, taken, {"id": world.new_id(), "messages": listed}, len(shown))
