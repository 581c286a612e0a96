"""The WavyWhatsapp driver: WhatsApp through the Wavy messaging API."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from providers.drivers.base import (
    Account,
    Answer,
    Content,
    Hsm,
    ListedPage,
    Lost,
    Recipient,
    Request,
    Sent,
)
from providers.drivers.wavy_driver import WavyDriver
from providers.drivers.wavy_requests import post
from providers.drivers.wavy_templates import build_templates, read_templates

SEND_PATH = "/v1/whatsapp/send"
SHORTEST_TTL, LONGEST_TTL = 1, 30  # days


class WavyWhatsapp(WavyDriver):
    """Sends text, files and approved templates; reads Wavy's answers and callbacks."""

    key = "WavyWhatsapp"
    label = "WavyWhatsapp"
    windowed = True
    templates = True
    files = True
    mixed = False
    segmented = False
    longest_text = 4096

    def build(
        self, account: Account, contents: Sequence[Content], recipients: Sequence[Recipient]
    ) -> Request:
        """One request that carries the first content, which all of them share, to the recipients (at least one)."""
        if not recipients:
            raise ValueError("A request needs at least one recipient.")
        destinations = [
            {"destination": one.address, "correlationId": one.correlation_id} for one in recipients
        ]
        return _send(account, {"destinations": destinations, "message": _message(account, contents[0])})

    def build_probe(self, account: Account) -> Request:
        """A send to nobody: a 400 shows that the credentials were accepted."""
        return _send(account, {"destinations": [], "message": {"messageText": ""}})

    def build_templates(self, account: Account, page: int) -> Request:
        """Asks for a page of the account's templates."""
        return build_templates(account, page)

    def read_templates(self, answer: Answer | Lost) -> ListedPage:
        """What is on it."""
        return read_templates(answer)


def _message(account: Account, content: Content) -> dict[str, Any]:
    if isinstance(content, Sent):
        return {content.kind: _file(content)}
    if not isinstance(content, Hsm):
        return {"messageText": content.text}
    hsm: dict[str, Any] = {
        "namespace": account.sms_from,
        "elementName": content.code,
        "parameters": list(content.parameters),
        "languagePolicy": "DETERMINISTIC",
    }
    if content.language:
        hsm["languageCode"] = content.language
    if content.ttl is None:
        return {"hsm": hsm}
    return {"ttl": min(max(content.ttl, SHORTEST_TTL), LONGEST_TTL), "hsm": hsm}


def _file(sent: Sent) -> dict[str, str]:
    """`image` is documented with both ways of bringing the bytes; the other kinds are written like it."""
    said = {"type": sent.type}
    if sent.data:
        said["data"] = b64encode(sent.data).decode()
    else:
        said["url"] = sent.url
    if sent.caption:
        said["caption"] = sent.caption
    return said


def _send(account: Account, body: dict[str, Any]) -> Request:
    return post(account, SEND_PATH, body)
