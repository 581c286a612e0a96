"""Wavy's status codes and names, and what each becomes: the only table of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """`state` is a message state in lower case; `error` a key of providers.errors.ERRORS."""

    name: str
    state: str
    error: str = ""
    opted_out: bool = False


CODES: dict[str, Code] = {
    "2": Code("SENT_SUCCESS", "sent"),
    "4": Code("DELIVERED_SUCCESS", "delivered"),
    "5": Code("READ_SUCCESS", "read"),
    "101": Code("EXPIRED", "expired", "expired"),
    "102": Code("CARRIER_COMMUNICATION_ERROR", "failed", "carrier_error"),
    "103": Code("REJECTED_BY_CARRIER", "failed", "carrier_rejected"),
    "104": Code("NOT_DELIVERED", "failed", "not_delivered"),
    "201": Code("NO_CREDIT", "failed", "no_credit"),
    "202": Code("INVALID_DESTINATION_NUMBER", "failed", "invalid_number"),
    "203": Code("BLACKLISTED", "failed", "blacklisted"),
    "204": Code("DESTINATION_BLOCKED_BY_OPTOUT", "failed", "opted_out", opted_out=True),
    "205": Code("DESTINATION_MESSAGE_LIMIT_REACHED", "failed", "message_limit"),
    "206": Code("INVALID_MESSAGE_LENGTH", "failed", "invalid_length"),
    "207": Code("INVALID_MESSAGE_TEXT", "failed", "invalid_parameter"),
    "209": Code("INVALID_CONTENT", "failed", "invalid_content"),
    "210": Code("INVALID_SESSION", "failed", "window_closed"),
    "211": Code("DESTINATION_BLOCKED_BY_OPTIN", "failed", "blocked_optin"),
    "212": Code("DESTINATION_BLOCKED_BY_WHITELIST", "failed", "blocked_whitelist"),
    "301": Code("INTERNAL_ERROR", "failed", "provider_internal"),
    "311": Code("INTERNAL_ERROR", "failed", "provider_internal"),
}

CODE_OF_NAME: dict[str, str] = {code.name: number for number, code in CODES.items()}

# How far a status item has got: the highest of what it says counts.
RANK: dict[str, int] = {"": 0, "sent": 1, "expired": 2, "failed": 3, "delivered": 4, "read": 5}
