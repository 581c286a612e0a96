"""One message to a customer, its fate, and the state that its callbacks tell."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, NamedTuple

from simulator.faults import Faults
from simulator.wire import Json

CLIENT_INFO = {"customerId": 42, "subAccountId": 1291, "userId": 1}
SUCCESS = 2
DELIVERED = 4
READ = 5

NAMES = {
    2: "SENT_SUCCESS", 4: "DELIVERED_SUCCESS", 5: "READ_SUCCESS", 101: "EXPIRED", 102: "CARRIER_COMMUNICATION_ERROR",
    103: "REJECTED_BY_CARRIER", 104: "NOT_DELIVERED", 201: "NO_CREDIT", 202: "INVALID_DESTINATION_NUMBER",
    203: "BLACKLISTED", 204: "DESTINATION_BLOCKED_BY_OPTOUT", 205: "DESTINATION_MESSAGE_LIMIT_REACHED",
    206: "INVALID_MESSAGE_LENGTH", 207: "INVALID_MESSAGE_TEXT", 209: "INVALID_CONTENT", 210: "INVALID_SESSION",
    211: "DESTINATION_BLOCKED_BY_OPTIN", 212: "DESTINATION_BLOCKED_BY_WHITELIST", 301: "INTERNAL_ERROR",
    311: "INTERNAL_ERROR",
}  # fmt: skip
AFTER_SENT = frozenset({101, 104})


class Stage(IntEnum):
    """How far a message has come; each callback tells everything up to its stage."""

    ACCEPTED = 0
    SENT = 1
    DELIVERED = 2
    READ = 3


class Fate(NamedTuple):
    """What becomes of a message: Wavy's two codes and the last stage that will be told."""

    sent_code: int = SUCCESS
    delivered_code: int = DELIVERED
    last: Stage = Stage.READ


def fate_of(code: int) -> Fate:
    """The fate that ends with this code: some come instead of `sent`, some and unknown ones after it."""
    if code == SUCCESS:
        return Fate(last=Stage.SENT)
    if code == DELIVERED:
        return Fate(last=Stage.DELIVERED)
    if code == READ:
        return Fate()
    if code in NAMES and code not in AFTER_SENT:
        return Fate(sent_code=code, last=Stage.SENT)
    return Fate(delivered_code=code, last=Stage.DELIVERED)


class Message:
    """A message that was accepted; `body` is shared by all recipients of one request."""

    __slots__ = (
        "at", "body", "channel", "content", "correlation_id", "delivered_at", "destination", "envelope", "fate", "id",
        "number", "origin", "read_at", "sent_at", "stage",
    )  # fmt: skip

    def __init__(self, message_id: str, number: str, destination: str, correlation_id: str | None) -> None:
        self.id = message_id
        self.number = number
        self.destination = destination
        self.correlation_id = correlation_id
        self.origin = ""
        self.channel = "whatsapp"
        self.body: Json = {}
        self.content = ""
        self.envelope: Json = {}
        self.fate = Fate()
        self.stage = Stage.ACCEPTED
        self.at = 0
        self.sent_at = 0
        self.delivered_at = 0
        self.read_at = 0

    def as_json(self) -> Json:
        return {
            "id": self.id, "correlationId": self.correlation_id, "destination": self.destination,
            "number": self.number, "origin": self.origin, "channel": self.channel, "message": self.body,
            "content": self.content, "acceptedAt": self.at, "stage": self.stage.name.lower(),
            "sentStatusCode": self.fate.sent_code, "deliveredStatusCode": self.fate.delivered_code,
        }  # fmt: skip


def iso(milliseconds: int) -> str:
    """Epoch milliseconds as `2017-12-18T17:09:31.891Z`."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def as_strings(value: Any) -> Any:
    """The same structure with every number as text; booleans stay."""
    if isinstance(value, dict):
        return {key: as_strings(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_strings(each) for each in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _stamp(name: str, at: int) -> Json:
    return {f"{name}Date": iso(at), f"{name}At": at}


def status_item(message: Message, stage: Stage, faults: Faults) -> Json:
    """One WhatsApp status as section 3 of the wire has it: the whole state up to `stage`."""
    sent = message.fate.sent_code == SUCCESS
    item: Json = {
        "id": message.id, "correlationId": message.correlation_id, "destination": message.number,
        "origin": message.origin, "campaignId": 100, **message.envelope,
        "sent": sent, "sentStatusCode": message.fate.sent_code,
        "sentStatus": NAMES.get(message.fate.sent_code, "UNKNOWN"), **_stamp("sent", message.sent_at),
    }  # fmt: skip
    updated = message.sent_at
    if stage >= Stage.DELIVERED:
        code = message.fate.delivered_code
        updated = message.delivered_at
        item |= {
            "delivered": code == DELIVERED, "deliveredStatusCode": code,
            "deliveredStatus": NAMES.get(code, "UNKNOWN"), **_stamp("delivered", updated),
        }  # fmt: skip
    if stage >= Stage.READ:
        updated = message.read_at
        if faults.read_as_code:
            item |= {"deliveredStatusCode": READ, "deliveredStatus": NAMES[READ]}
        else:
            item |= {"read": True, **_stamp("read", updated)}
    item |= _stamp("updated", updated)
    if faults.booleans_missing:
        item = {key: value for key, value in item.items() if not isinstance(value, bool)}
    if faults.newer_fields:
        item["type"] = "MESSAGE"
    return item


def sms_item(message: Message, stage: Stage) -> Json:
    """One SMS status as section 4 has it; the delivery report spells its times the other way."""
    common: Json = {
        "id": message.id, "correlationId": message.correlation_id, "carrierId": 1, "carrierName": "CLARO",
        "destination": message.number, "campaignId": "100", **message.envelope,
        "sentStatusCode": message.fate.sent_code, "sentStatus": NAMES.get(message.fate.sent_code, "UNKNOWN"),
        "sent": message.fate.sent_code == SUCCESS,
    }  # fmt: skip
    if stage == Stage.SENT:
        return common | {"sentAt": message.sent_at, "sentDate": iso(message.sent_at)}
    code = message.fate.delivered_code
    return common | {
        "sentStatusAt": message.sent_at, "sentStatusDate": iso(message.sent_at),
        "delivered": code == DELIVERED, "deliveredStatusCode": code, "deliveredStatus": NAMES.get(code, "UNKNOWN"),
        **_stamp("delivered", message.delivered_at),
    }  # fmt: skip
