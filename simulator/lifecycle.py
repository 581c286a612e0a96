"""From acceptance to read: what becomes of each message, and the customers who write."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import NamedTuple

from simulator.fates import draw_fates
from simulator.messages import DELIVERED, Message, Stage, iso, sms_item, status_item
from simulator.outbox import Build, Route
from simulator.phones import Phone, Said
from simulator.spelling import digits, other_spelling
from simulator.wire import Json
from simulator.world import World, now_ms

AT_ONCE = (0.0,)
AFTER = {Stage.SENT: Stage.DELIVERED, Stage.DELIVERED: Stage.READ}


class Step(NamedTuple):
    """One step of a message: how long after the one before, and when its callback leaves after that.

    Everything is drawn when the message is accepted, so that the same requests in the same order meet the same
    faults, however fast they come.
    """

    delay: float
    leaves: tuple[float, ...]


class Plan(NamedTuple):
    """The steps to sent, delivered and read, and the customer's own answer, if there is one."""

    steps: list[Step]
    answer: Step | None


def _pause(world: World) -> float:
    faults = world.faults
    return world.dice.uniform(faults.stage_min_ms, faults.stage_max_ms) / 1000


def _journey(world: World) -> tuple[float, ...]:
    """After how many seconds a callback leaves: usually at once, never when it is lost, two times when twice."""
    faults = world.faults
    if not (faults.lost or faults.late or faults.shuffled or faults.duplicated):
        return AT_ONCE
    counter = world.counts.callbacks
    if world.hits(faults.lost):
        counter["lost"] += 1
        return ()
    wait = faults.late_ms / 1000 if world.hits(faults.late) else 0.0
    if world.hits(faults.shuffled):
        wait += world.dice.uniform(0, 4 * faults.stage_max_ms) / 1000
    if world.hits(faults.duplicated):
        counter["duplicated"] += 1
        return (wait, wait + _pause(world))
    return (wait,)


def _plan(world: World, message: Message) -> Plan:
    fate = message.fate
    steps = []
    for stage in range(Stage.SENT, fate.last + 1):
        delay = _pause(world)
        gap = stage == Stage.DELIVERED and fate.last > stage and world.hits(world.faults.gaps)
        steps.append(Step(delay, () if gap else _journey(world)))
    answers = fate.last == Stage.READ and world.hits(world.faults.reply_share)
    return Plan(steps, Step(_pause(world), _journey(world)) if answers else None)


def begin(world: World, messages: list[Message], pace_from: float = 0.0) -> None:
    """Starts the life of accepted messages; the first step comes `pace_from` seconds later at the earliest."""
    draw_fates(world, messages)
    for message in messages:
        plan = _plan(world, message)
        world.wheel.after(pace_from + plan.steps[0].delay, _advance, world, message, Stage.SENT, plan)


def begin_told(world: World, messages: list[Message]) -> asyncio.Task[None] | None:
    """Like `begin`, but the first status is called back at once; the task ends when it was answered."""
    builds: list[Build] = []
    draw_fates(world, messages)
    for message in messages:
        plan = _plan(world, message)
        message.stage, message.sent_at = Stage.SENT, now_ms()
        builds.append(_builder(world, message, Stage.SENT))
        if message.fate.last > Stage.SENT:
            world.wheel.after(plan.steps[1].delay, _advance, world, message, Stage.DELIVERED, plan)
    if world.faults.callbacks_off:
        return None
    return world.outbox.send_now(_route(messages[0], Stage.SENT), builds)


def _advance(world: World, message: Message, stage: Stage, plan: Plan) -> None:
    at = now_ms()
    message.stage = stage
    if stage == Stage.SENT:
        message.sent_at = at
    elif stage == Stage.DELIVERED:
        message.delivered_at = at
        if message.fate.delivered_code == DELIVERED:
            world.phones.receive(message)
    else:
        message.read_at = at
        if plan.answer:
            world.wheel.after(plan.answer.delay, _answer_by_itself, world, message, plan.answer.leaves)
    if not world.faults.callbacks_off:
        _tell(world, _route(message, stage), _builder(world, message, stage), plan.steps[stage - 1].leaves)
    if stage < message.fate.last:
        world.wheel.after(plan.steps[stage].delay, _advance, world, message, AFTER[stage], plan)


def _builder(world: World, message: Message, stage: Stage) -> Build:
    if message.channel == "sms":
        return partial(sms_item, message, stage)
    return partial(status_item, message, stage, world.faults)


def _route(message: Message, stage: Stage) -> Route:
    if message.channel == "sms":
        return Route("status" if stage == Stage.SENT else "report", message.origin, "bare")
    return Route("status", message.origin)


def _tell(world: World, route: Route, build: Build, leaves: tuple[float, ...]) -> None:
    if world.faults.callbacks_off:
        return
    for wait in leaves:
        if wait:
            world.wheel.after(wait, world.outbox.add, route, build)
        else:
            world.outbox.add(route, build)


def _answer_by_itself(world: World, message: Message, leaves: tuple[float, ...]) -> None:
    phone = world.phones.reach(message.origin, message.number)
    body = {"type": "TEXT", "messageText": world.faults.reply_text}
    _say(world, phone, body, message.correlation_id, message.channel, phone.number, leaves)


def say(
    world: World,
    phone: Phone,
    body: Json,
    *,
    answers: str | None = None,
    channel: str = "whatsapp",
    source: str = "",
) -> Json:
    """A customer writes `body` (a `message` of section 2): opens the window and calls back; returns the item.

    `answers` is the correlation id to carry; by default that of the last message received, unless switched off.
    """
    return _say(world, phone, body, answers, channel, source or phone.number, _journey(world))


def _say(
    world: World,
    phone: Phone,
    body: Json,
    answers: str | None,
    channel: str,
    number: str,
    leaves: tuple[float, ...],
) -> Json:
    answered = phone.answered(answers) if answers else phone.last
    if answers is None and not world.faults.carries_correlation:
        answered = None
    correlation_id = answers or (answered.correlation_id if answered else None)
    said = Said(world.new_id(), now_ms(), body)
    world.phones.say(phone, said, session_id=world.new_id())
    world.counts.incoming += 1
    if world.faults.other_spelling:
        number = other_spelling(digits(number))
    if channel == "sms":
        item = _incoming_sms(phone, said, number, answered, correlation_id)
        route = Route("message", phone.origin, "query" if world.faults.sms_by_get else "bare")
    else:
        item = _incoming(world, phone, said, number, answered, correlation_id)
        route = Route("message", phone.origin)
    _tell(world, route, partial(dict, item), leaves)
    return item


def _incoming(
    world: World, phone: Phone, said: Said, number: str, answered: Message | None, correlation_id: str | None
) -> Json:
    session_key = "sessionId" if world.faults.session_id_key else "id"
    item: Json = {
        "id": said.id, "source": number, "origin": phone.origin,
        "userProfile": {"name": phone.name, "whatsAppId": other_spelling(number)},
        "message": said.body, "receivedAt": said.at, "receivedDate": iso(said.at),
        "session": {session_key: phone.session_id, "createdAt": phone.session_at}, "referral": None,
    }  # fmt: skip
    if correlation_id is not None:
        item |= {"campaignId": 100, "correlationId": correlation_id}
    if answered is not None:
        item |= {**answered.envelope, "mtSentAt": answered.sent_at}
    return item


def _incoming_sms(
    phone: Phone, said: Said, number: str, answered: Message | None, correlation_id: str | None
) -> Json:
    item: Json = {
        "id": said.id, "source": number, "shortCode": phone.origin, "messageText": said.body.get("messageText", ""),
        "receivedAt": said.at, "receivedDate": iso(said.at), "carrierId": 1, "carrierName": "CLARO",
        "subAccount": "1291", "campaignAlias": "",
    }  # fmt: skip
    if correlation_id is not None:
        item["mt"] = {"id": answered.id if answered else None, "correlationId": correlation_id}
    return item
