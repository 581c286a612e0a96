"""Reads Wavy's status items: each carries the whole state so far, and the highest stage counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from providers.drivers.base import BadItem, Receipt
from providers.drivers.loose_json import clean_tree, flag, mapping, moment, scalar
from providers.drivers.wavy_codes import CODE_OF_NAME, CODES, RANK

LONGEST_CODE = 64
FAILURES = ("failed", "expired")


def read_status(item: Any) -> Receipt | BadItem:
    """One item of a status callback, or why it cannot be applied."""
    if not isinstance(item, dict):
        return BadItem(clean_tree(item), "The item is not an object.")
    correlation_id = scalar(item.get("correlationId"))
    message_id = scalar(item.get("id")) or scalar(item.get("Id"))
    if not correlation_id and not message_id:
        return BadItem(clean_tree(item), "The status has neither id nor correlationId.")
    sent_code = _code(item, "sent")
    delivered_code = _code(item, "delivered")
    state, deciding = _state(item, sent_code, delivered_code)
    unknown = next((code for code in (delivered_code, sent_code) if code and code not in CODES), "")
    known = CODES.get(deciding)
    failed = known if known is not None and state in FAILURES else None
    return Receipt(
        correlation_id=correlation_id,
        provider_message_id=message_id,
        state=state,
        times=_times(item, state, sent_code),
        raw_code=(unknown or deciding)[:LONGEST_CODE],
        error=failed.error if failed else "",
        detail=_detail(item, failed is not None or bool(unknown)),
        origin=scalar(item.get("origin")),
        destination=scalar(item.get("destination")),
        opted_out=bool(failed and failed.opted_out),
    )


def _code(item: dict[str, Any], stage: str) -> str:
    """The stage's code as text; by its name where the code is missing; "" where there is neither."""
    code = scalar(item.get(f"{stage}StatusCode"))
    if code and code != "0":
        return code
    return CODE_OF_NAME.get(scalar(item.get(f"{stage}Status")).upper(), "")


def _state(item: dict[str, Any], sent_code: str, delivered_code: str) -> tuple[str, str]:
    """The highest stage that the item vouches for, and the code that says so."""
    best, deciding = "", ""
    for code in (sent_code, delivered_code):
        known = CODES.get(code)
        if known is not None and RANK[known.state] > RANK[best]:
            best, deciding = known.state, code
    if flag(item.get("read")):
        return "read", deciding if best == "read" else ""
    if delivered_code not in CODES and flag(item.get("delivered")) and RANK[best] < RANK["delivered"]:
        return "delivered", ""
    if not sent_code and not best and flag(item.get("sent")):
        return "sent", ""
    return best, deciding


def _times(item: dict[str, Any], state: str, sent_code: str) -> dict[str, datetime]:
    """The stages that the item dates. A failure is dated by the stage whose code tells of it."""
    found = {"sent": _at(item, "sent")}
    if state in FAILURES:
        told = _at(item, "delivered") or moment(item.get("updatedAt"), item.get("updatedDate"))
        left = sent_code in CODES and CODES[sent_code].state not in FAILURES
        found = found | {state: told} if left else {state: found["sent"] or told}
    elif not state:
        return {}
    if state in ("delivered", "read"):
        found["delivered"] = _at(item, "delivered")
    if state == "read":
        found["read"] = moment(item.get("readAt"), item.get("readDate"))
    return {stage: at for stage, at in found.items() if at is not None}


def _at(item: dict[str, Any], stage: str) -> datetime | None:
    """When the item says that the stage was reached, in one of its spellings."""
    return moment(
        item.get(f"{stage}At"),
        item.get(f"{stage}Date"),
        item.get(f"{stage}StatusAt"),
        item.get(f"{stage}StatusDate"),
    )


def _detail(item: dict[str, Any], wanted: bool) -> str:
    """Wavy's own words for what went wrong."""
    if not wanted:
        return ""
    spoken = (scalar(item.get("deliveredStatus")), scalar(item.get("sentStatus")))
    error = mapping(item.get("error"))
    reasons = (scalar(item.get("errorMessage")), scalar(error.get("message") or error.get("details")))
    return next((text for text in (*reasons, *spoken) if text), "")
