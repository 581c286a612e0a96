"""The WavyWhatsapp driver: WhatsApp through the Wavy messaging API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from providers.drivers.base import (
    Account,
    Answer,
    BadItem,
    Content,
    Hsm,
    Incoming,
    ListedPage,
    Lost,
    Outcome,
    Probe,
    Receipt,
    Recipient,
    Request,
)
from providers.drivers.loose_json import items
from providers.drivers.wavy_answers import read_answer, read_probe
from providers.drivers.wavy_messages import read_message
from providers.drivers.wavy_requests import account_headers, post
from providers.drivers.wavy_statuses import read_status
from providers.drivers.wavy_templates import build_templates, read_templates

SEND_PATH = "/v1/whatsapp/send"
SHORTEST_TTL, LONGEST_TTL = 1, 30  # days


class WavyWhatsapp:
    """Sends text and approved templates; reads Wavy's answers and callbacks."""

    key = "WavyWhatsapp"
    label = "WavyWhatsapp"
    windowed = True
    templates = True
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

    def read(self, answer: Answer | Lost, recipients: Sequence[Recipient]) -> list[Outcome]:
        """One outcome a recipient, in the recipients' order, whatever came back."""
        return read_answer(answer, recipients)

    def account_headers(self, account: Account) -> dict[str, str]:
        """The headers by which Wavy knows the account."""
        return account_headers(account)

    def build_probe(self, account: Account) -> Request:
        """A send to nobody: a 400 shows that the credentials were accepted."""
        return _send(account, {"destinations": [], "message": {"messageText": ""}})

    def read_probe(self, answer: Answer | Lost) -> Probe:
        """What the probe's answer means."""
        return read_probe(answer)

    def parse_statuses(self, body: Any) -> list[Receipt | BadItem]:
        """Decoded JSON of a status callback (envelope, bare item or array) into receipts, in order."""
        return [read_status(item) for item in items(body)]

    def parse_messages(self, body: Any) -> list[Incoming | BadItem]:
        """Decoded JSON of a message callback (envelope, bare item or array) into messages, in order."""
        return [read_message(item) for item in items(body)]

    def build_templates(self, account: Account, page: int) -> Request:
        """Asks for a page of the account's templates."""
        return build_templates(account, page)

    def read_templates(self, answer: Answer | Lost) -> ListedPage:
        """What is on it."""
        return read_templates(answer)


def _message(account: Account, content: Content) -> dict[str, Any]:
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


def _send(account: Account, body: dict[str, Any]) -> Request:
    return post(account, SEND_PATH, body)
