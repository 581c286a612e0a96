"""From acceptance to read: what becomes of each message, and the customers who write."""

from __future__ import annotations

import asyncio
from functools import partial

from simulator.messages import DELIVERED, SUCCESS, Fate, Message, Stage, fate_of, iso, sms_item, status_item
from simulator.outbox import Build, Route
from simulator.phones import Phone, Said
from simulator.spelling import canonical, digits, other_spelling, plausible
from simulator.wire import Json
from simulator.world import World, now_ms

LONGEST_TEXT = 4_096


def fate_by_content(world: World, message: Message) -> Fate:
    """What the message itself, its recipient and the account bring about, before the dice."""
    number = message.number
    if not plausible(number):
        return fate_of(202)
    for name, code, listed in (("OPTOUT", 204, True), ("BLACKLIST", 203, True), ("OPTIN", 211, False),
                               ("WHITELIST", 212, False)):  # fmt: skip
        entries = world.lists[name]
        if entries and (_listed(entries, number) is listed):
            return fate_of(code)
    if message.channel == "sms":
        return Fate(last=Stage.DELIVERED)
    if "hsm" in message.body:
        return _fate_of_template(world, message.body["hsm"])
    if "template" in message.body:
        return Fate()
    if len(message.body.get("messageText", "")) > LONGEST_TEXT:
        return fate_of(206)
    if not world.phones.window_open(message.origin, number, now_ms()):
        return fate_of(int(world.faults.window_code))
    return Fate()


def _listed(entries: dict[str, str], number: str) -> bool:
    return number in entries or canonical(number) in map(canonical, entries)


def _fate_of_template(world: World, hsm: Json) -> Fate:
    faults, name = world.faults, hsm["elementName"]
    if faults.namespace and hsm["namespace"] != faults.namespace:
        return fate_of(104)
    if name not in world.templates.entries:
        return fate_of(104) if faults.strict_templates else Fate()
    language = world.templates.language(name, hsm.get("languageCode", ""))
    if language is None:
        return fate_of(104) if faults.strict_templates else Fate()
    if language["status"] != "approved":
        return fate_of(104)
    if len(language["placeholders"]) != len(hsm["parameters"]):
        return fate_of(207)
    return Fate()


def _fate(world: World, message: Message) -> Fate:
    fate = fate_by_content(world, message)
    if fate.sent_code != SUCCESS or fate.delivered_code != DELIVERED:
        return fate
    faults = world.faults
    code = world.pick(faults.statuses)
    if code is not None:
        fate = fate_of(code)
    last = fate.last
    if fate.sent_code == SUCCESS and fate.delivered_code == DELIVERED:
        if last > Stage.DELIVERED and faults.read_share < 1 and not world.hits(faults.read_share):
            last = Stage.DELIVERED
        if last > Stage.SENT and faults.delivered_share < 1 and not world.hits(faults.delivered_share):
            last = Stage.SENT
    return Fate(fate.sent_code, fate.delivered_code, last)


def _step(world: World) -> float:
    faults = world.faults
    return world.dice.uniform(faults.stage_min_ms, faults.stage_max_ms) / 1000


def begin(world: World, messages: list[Message], pace_from: float = 0.0) -> None:
    """Starts the life of accepted messages; the first step comes `pace_from` seconds later at the earliest."""
    for message in messages:
        message.fate = _fate(world, message)
        world.wheel.after(pace_from + _step(world), _advance, world, message, Stage.SENT)


def begin_told(world: World, messages: list[Message]) -> asyncio.Task[None] | None:
    """Like `begin`, but the first status is called back at once; the task ends when it was answered."""
    builds: list[Build] = []
    for message in messages:
        message.fate = _fate(world, message)
        message.stage, message.sent_at = Stage.SENT, now_ms()
        builds.append(_builder(world, message, Stage.SENT))
        if message.fate.last > Stage.SENT:
            world.wheel.after(_step(world), _advance, world, message, Stage.DELIVERED)
    if world.faults.callbacks_off:
        return None
    return world.outbox.send_now(_route(messages[0], Stage.SENT), builds)


def _advance(world: World, message: Message, stage: Stage) -> None:
    at = now_ms()
    message.stage = stage
    good = message.fate.delivered_code == DELIVERED
    tell = True
    if stage == Stage.SENT:
        message.sent_at = at
    elif stage == Stage.DELIVERED:
        message.delivered_at = at
        if good:
            world.phones.receive(message)
        tell = message.fate.last == Stage.DELIVERED or not world.hits(world.faults.gaps)
    else:
        message.read_at = at
        if world.hits(world.faults.reply_share):
            phone = world.phones.reach(message.origin, message.number)
            body = {"type": "TEXT", "messageText": world.faults.reply_text}
            world.wheel.after(_step(world), _answer_by_itself, world, phone, body, message)
    if tell:
        _tell(world, _route(message, stage), _builder(world, message, stage))
    if stage < message.fate.last:
        world.wheel.after(_step(world), _advance, world, message, Stage(stage + 1))


def _builder(world: World, message: Message, stage: Stage) -> Build:
    if message.channel == "sms":
        return partial(sms_item, message, stage)
    return partial(status_item, message, stage, world.faults)


def _route(message: Message, stage: Stage) -> Route:
    if message.channel == "sms":
        return Route("status" if stage == Stage.SENT else "report", message.origin, "bare")
    return Route("status", message.origin)


def _tell(world: World, route: Route, build: Build) -> None:
    faults, counter = world.faults, world.counts.callbacks
    if faults.callbacks_off:
        return
    if world.hits(faults.lost):
        counter["lost"] += 1
        return
    wait = faults.late_ms / 1000 if world.hits(faults.late) else 0.0
    if world.hits(faults.shuffled):
        wait += world.dice.uniform(0, 4 * faults.stage_max_ms) / 1000
    _post(world, route, build, wait)
    if world.hits(faults.duplicated):
        counter["duplicated"] += 1
        _post(world, route, build, wait + _step(world))


def _post(world: World, route: Route, build: Build, wait: float) -> None:
    if wait:
        world.wheel.after(wait, world.outbox.add, route, build)
    else:
        world.outbox.add(route, build)


def _answer_by_itself(world: World, phone: Phone, body: Json, message: Message) -> None:
    say(world, phone, body, answers=message.correlation_id)


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
    answered = phone.answered(answers) if answers else phone.last
    if answers is None and not world.faults.carries_correlation:
        answered = None
    correlation_id = answers or (answered.correlation_id if answered else None)
    said = Said(world.new_id(), now_ms(), body)
    world.phones.say(phone, said, session_id=world.new_id())
    world.counts.incoming += 1
    number = source or phone.number
    if world.faults.other_spelling:
        number = other_spelling(digits(number))
    if channel == "sms":
        item = _incoming_sms(phone, said, number, answered, correlation_id)
        route = Route("message", phone.origin, "query" if world.faults.sms_by_get else "bare")
    else:
        item = _incoming(world, phone, said, number, answered, correlation_id)
        route = Route("message", phone.origin)
    _tell(world, route, partial(dict, item))
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
