"""The Wavy SMS driver: SMS through the Wavy messaging API, each message of a request its own."""

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
    Listing,
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

SINGLE_PATH = "/v1/send-sms"
BULK_PATH = "/v1/send-bulk-sms"
LONGEST_ID = 64  # characters of a correlation id
MOST = 1000  # messages of a bulk


class WavySms:
    """Sends texts alone or in bulk; reads Wavy's answers and callbacks."""

    key = "WavySMS"
    label = "Wavy SMS"
    windowed = False
    templates = False
    mixed = True
    segmented = True
    longest_text = 1280

    def build(
        self, account: Account, contents: Sequence[Content], recipients: Sequence[Recipient]
    ) -> Request:
        """One request with a message for each recipient (1 to MOST): single for one of them, else bulk.

        Raises ValueError for what Wavy would turn away whatever the number: no text, or one too long; too many.
        """
        if not 0 < len(recipients) <= MOST:
            raise ValueError(f"A request takes 1 to {MOST} messages.")
        messages = [_message(*pair) for pair in zip(contents, recipients, strict=True)]
        if len(messages) == 1:
            return post(account, SINGLE_PATH, messages[0])
        return post(account, BULK_PATH, {"messages": messages})

    def read(self, answer: Answer | Lost, recipients: Sequence[Recipient]) -> list[Outcome]:
        """One outcome a recipient, in the recipients' order, whatever came back."""
        return read_answer(answer, recipients)

    def account_headers(self, account: Account) -> dict[str, str]:
        """The headers by which Wavy knows the account."""
        return account_headers(account)

    def build_probe(self, account: Account) -> Request:
        """A bulk of no message: a 400 shows that the credentials were accepted."""
        return post(account, BULK_PATH, {"messages": []})

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
        """There are none to ask for."""
        raise ValueError("SMS has no templates.")

    def read_templates(self, answer: Answer | Lost) -> ListedPage:
        """Nothing."""
        return ListedPage(Listing.ABSENT)


def _message(content: Content, recipient: Recipient) -> dict[str, str]:
    if isinstance(content, Hsm):
        raise ValueError("SMS has no templates.")
    if not 0 < len(content.text) <= WavySms.longest_text:
        raise ValueError(f"An SMS has 1 to {WavySms.longest_text} characters.")
    if len(recipient.correlation_id) > LONGEST_ID:
        raise ValueError(f"A correlation id has {LONGEST_ID} characters at most.")
    return {
        "destination": recipient.address,
        "messageText": content.text,
        "correlationId": recipient.correlation_id,
    }
