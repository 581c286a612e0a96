"""What Wavy's drivers have in common: one account's headers, one shape of answers and of callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from providers.drivers.base import (
    Account,
    Answer,
    BadItem,
    Incoming,
    Lost,
    Outcome,
    Probe,
    Receipt,
    Recipient,
)
from providers.drivers.loose_json import items
from providers.drivers.wavy_answers import read_answer, read_probe
from providers.drivers.wavy_messages import read_message
from providers.drivers.wavy_requests import account_headers
from providers.drivers.wavy_statuses import read_status


class WavyDriver:
    """Reads what comes back; how a message leaves is each driver's own."""

    def read(self, answer: Answer | Lost, recipients: Sequence[Recipient]) -> list[Outcome]:
        """One outcome a recipient, in the recipients' order, whatever came back."""
        return read_answer(answer, recipients)

    def account_headers(self, account: Account) -> dict[str, str]:
        """The headers by which Wavy knows the account."""
        return account_headers(account)

    def read_probe(self, answer: Answer | Lost) -> Probe:
        """What the probe's answer means."""
        return read_probe(answer)

    def parse_statuses(self, body: Any) -> list[Receipt | BadItem]:
        """Decoded JSON of a status callback (envelope, bare item or array) into receipts, in order."""
        return [read_status(item) for item in items(body)]

    def parse_messages(self, body: Any) -> list[Incoming | BadItem]:
        """Decoded JSON of a message callback (envelope, bare item or array) into messages, in order."""
        return [read_message(item) for item in items(body)]
