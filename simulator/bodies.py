"""Checks the body of a WhatsApp send by the documentation, strictly, and says what it holds."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any

from simulator.checks import a_list, a_text, an_object, only, optional_texts
from simulator.interactive import check_interactive
from simulator.wire import BadRequestError, Json

ENVELOPE = frozenset({"destinations", "message", "flowId", "defaultExtraInfo", "campaignAlias"})
DESTINATION = frozenset({"destination", "correlationId"})
HSM = frozenset({"namespace", "elementName", "parameters", "languagePolicy", "languageCode"})
MEDIA = frozenset({"type", "url", "data", "caption"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
_GEO_POINT = re.compile(r"\s*-?\d{1,2}(\.\d+)?\s*,\s*-?\d{1,3}(\.\d+)?\s*")


def _check_hsm(value: Any) -> None:
    hsm = an_object(value, "message.hsm")
    only(hsm, "message.hsm", HSM)
    a_text(hsm.get("namespace"), "message.hsm.namespace")
    a_text(hsm.get("elementName"), "message.hsm.elementName")
    for position, parameter in enumerate(
        a_list(hsm.get("parameters"), "message.hsm.parameters", 0, 0), start=1
    ):
        if not isinstance(parameter, str):
            raise BadRequestError(f"message.hsm.parameters: number {position} must be a text.")
    if hsm.get("languagePolicy", "DETERMINISTIC") not in ("DETERMINISTIC", "FALLBACK"):
        raise BadRequestError("message.hsm.languagePolicy must be DETERMINISTIC or FALLBACK.")
    code = hsm.get("languageCode")
    if code is not None and not (isinstance(code, str) and _LANGUAGE.fullmatch(code)):
        raise BadRequestError("message.hsm.languageCode must be like es or pt_BR.")


def _check_template(value: Any) -> None:
    template = an_object(value, "message.template")
    for name in ("namespace", "elementName", "languageCode"):
        a_text(template.get(name), f"message.template.{name}")


def _media(name: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        where = f"message.{name}"
        media = an_object(value, where)
        only(media, where, MEDIA)
        a_text(media.get("type"), f"{where}.type")
        optional_texts(media, where, "caption")
        if ("url" in media) == ("data" in media):
            raise BadRequestError(f"{where} needs either url or data.")
        if "url" in media:
            if not a_text(media["url"], f"{where}.url").startswith(("http://", "https://")):
                raise BadRequestError(f"{where}.url must begin with http:// or https://.")
            return
        try:
            base64.b64decode(a_text(media["data"], f"{where}.data"), validate=True)
        except binascii.Error as error:
            raise BadRequestError(f"{where}.data is not base64.") from error

    return check


def _check_location(value: Any) -> None:
    location = an_object(value, "message.location")
    only(location, "message.location", {"geoPoint", "name", "address"})
    if not _GEO_POINT.fullmatch(a_text(location.get("geoPoint"), "message.location.geoPoint")):
        raise BadRequestError("message.location.geoPoint must be latitude,longitude.")
    optional_texts(location, "message.location", "name", "address")


def _check_text(value: Any) -> None:
    a_text(value, "message.messageText")


VARIANTS: dict[str, Callable[[Any], None]] = {
    "messageText": _check_text, "hsm": _check_hsm, "template": _check_template, "image": _media("image"),
    "audio": _media("audio"), "document": _media("document"), "video": _media("video"), "location": _check_location,
    "interactive": check_interactive,
}  # fmt: skip
MESSAGE = frozenset(VARIANTS) | {"ttl"}


def check_message(value: Any) -> Json:
    """Exactly one variant, right in itself; `ttl` only beside a template, clamped to 1–30 days."""
    message = an_object(value, "message")
    only(message, "message", MESSAGE)
    found = [name for name in message if name in VARIANTS]
    if len(found) != 1:
        raise BadRequestError(f"message must hold exactly one of: {', '.join(VARIANTS)}.")
    VARIANTS[found[0]](message[found[0]])
    if "ttl" in message:
        ttl = message["ttl"]
        if isinstance(ttl, bool) or not isinstance(ttl, int):
            raise BadRequestError("message.ttl must be a whole number of days.")
        if found[0] not in ("hsm", "template"):
            raise BadRequestError("message.ttl is for templates only.")
        message = {**message, "ttl": min(max(ttl, 1), 30)}
    return message


def check_send(data: Any) -> tuple[list[Json], Json]:
    """The destinations and the message of a send; raises `BadRequestError` for whatever the documentation forbids."""
    body = an_object(data, "The body")
    only(body, "The body", ENVELOPE)
    optional_texts(body, "The body", "flowId", "defaultExtraInfo", "campaignAlias")
    destinations = a_list(body.get("destinations"), "destinations", 1, 0)
    for position, entry in enumerate(destinations, start=1):
        where = f"destinations: number {position}"
        only(an_object(entry, where), where, DESTINATION)
        a_text(entry.get("destination"), f"{where}, destination,")
        optional_texts(entry, where, "correlationId")
    return destinations, check_message(body.get("message"))


def content_of(message: Json) -> str:
    """One line for counting and for people: the text, or `hsm:code:parameters`, or the variant as JSON."""
    if "messageText" in message:
        return str(message["messageText"])
    if "hsm" in message:
        hsm = message["hsm"]
        return ":".join(["hsm", hsm["elementName"], *hsm["parameters"]])
    return json.dumps(message, ensure_ascii=False, sort_keys=True)
