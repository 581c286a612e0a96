"""Decides what becomes of a message: by what it is and whom it is for, then by the switches."""

from __future__ import annotations

from simulator.messages import DELIVERED, SUCCESS, Fate, Message, Stage, fate_of
from simulator.spelling import canonical, plausible
from simulator.wire import Json
from simulator.world import World, now_ms

LONGEST_TEXT = 4_096
# A list, the code of those it turns away, and whether it turns away those who are on it.
LISTED = (("OPTOUT", 204, True), ("BLACKLIST", 203, True), ("OPTIN", 211, False), ("WHITELIST", 212, False))


def fate_by_recipient(world: World, message: Message) -> Fate | None:
    """What the recipient and the account's lists bring about; None where nothing is against them."""
    number = message.number
    if not plausible(number):
        return fate_of(202)
    for name, code, listed in LISTED:
        entries = world.lists[name]
        if entries and (canonical(number) in entries) is listed:
            return fate_of(code)
    return None


def fate_by_content(world: World, message: Message) -> Fate:
    """What the message itself brings about, before the dice; the same for all the recipients of a request."""
    if message.channel == "sms":
        return Fate(last=Stage.DELIVERED)
    if "hsm" in message.body:
        return _fate_of_template(world, message.body["hsm"])
    if len(message.body.get("messageText", "")) > LONGEST_TEXT:
        return fate_of(206)
    return Fate()


def _needs_window(message: Message) -> bool:
    return message.channel != "sms" and "hsm" not in message.body and "template" not in message.body


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


def draw_fates(world: World, messages: list[Message]) -> None:
    """Decides about the messages of one request: recipient and content first, then the dice."""
    content = fate_by_content(world, messages[0])
    checks_window = content.sent_code == SUCCESS and _needs_window(messages[0])
    now = now_ms()
    for message in messages:
        drawn = fate_by_recipient(world, message) or content
        closed = checks_window and not world.phones.window_open(message.origin, message.number, now)
        if closed and drawn is content:
            drawn = fate_of(int(world.faults.window_code))
        if drawn.sent_code == SUCCESS and drawn.delivered_code == DELIVERED:
            drawn = _by_dice(world, drawn)
        message.fate = drawn


def _by_dice(world: World, drawn: Fate) -> Fate:
    faults = world.faults
    if not faults.statuses and faults.read_share >= 1 and faults.delivered_share >= 1:
        return drawn
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
