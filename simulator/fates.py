"""Decides what becomes of a message: by what it is and whom it is for, then by the switches."""

from __future__ import annotations

from simulator.messages import DELIVERED, SUCCESS, Fate, Message, Stage, fate_of
from simulator.spelling import canonical, plausible
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
        if entries and (canonical(number) in entries) is listed:
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


def fate(world: World, message: Message) -> Fate:
    """What becomes of a message: its content decides first, then the dice."""
    drawn = fate_by_content(world, message)
    if drawn.sent_code != SUCCESS or drawn.delivered_code != DELIVERED:
        return drawn
    faults = world.faults
    code = world.pick(faults.statuses)
    if code is not None:
        drawn = fate_of(code)
    last = drawn.last
    if drawn.sent_code == SUCCESS and drawn.delivered_code == DELIVERED:
        if last > Stage.DELIVERED and faults.read_share < 1 and not world.hits(faults.read_share):
            last = Stage.DELIVERED
        if last > Stage.SENT and faults.delivered_share < 1 and not world.hits(faults.delivered_share):
            last = Stage.SENT
    return Fate(drawn.sent_code, drawn.delivered_code, last)
