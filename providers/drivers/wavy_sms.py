"""The Wavy SMS driver: SMS through the Wavy messaging API, each message of a request its own."""

from __future__ import annotations

from collections.abc import Sequence

from providers.drivers.base import (
    Account,
    Answer,
    Content,
    ListedPage,
    Listing,
    Lost,
    Recipient,
    Request,
    Text,
)
from providers.drivers.wavy_driver import WavyDriver
from providers.drivers.wavy_requests import post

SINGLE_PATH = "/v1/send-sms"
BULK_PATH = "/v1/send-bulk-sms"
LONGEST_ID = 64  # characters of a correlation id
MOST = 1000  # messages of a bulk


class WavySms(WavyDriver):
    """Sends texts alone or in bulk; reads Wavy's answers and callbacks."""

    key = "WavySMS"
    label = "Wavy SMS"
    windowed = False
    templates = False
    files = False
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

    def build_probe(self, account: Account) -> Request:
        """A bulk of no message: a 400 shows that the credentials were accepted."""
        return post(account, BULK_PATH, {"messages": []})

    def build_templates(self, account: Account, page: int) -> Request:
        """There are none to ask for."""
        raise ValueError("SMS has no templates.")

    def read_templates(self, answer: Answer | Lost) -> ListedPage:
        """Nothing."""
        return ListedPage(Listing.ABSENT)


def _message(content: Content, recipient: Recipient) -> dict[str, str]:
    if not isinstance(content, Text):
        raise ValueError("SMS has no templates and no files.")
    if not 0 < len(content.text) <= WavySms.longest_text:
        raise ValueError(f"An SMS has 1 to {WavySms.longest_text} characters.")
    if len(recipient.correlation_id) > LONGEST_ID:
        raise ValueError(f"A correlation id has {LONGEST_ID} characters at most.")
    return {
        "destination": recipient.address,
        "messageText": content.text,
        "correlationId": recipient.correlation_id,
    }
