"""What a driver is: values in, values out, no connection and no database.

It writes the requests that carry messages, and reads what comes back: answers, statuses, customers' messages.
Whoever calls it does the input and output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """The part of a provider's configuration that its driver needs."""

    base_url: str
    number: str
    username: str
    password: str = field(repr=False)
    sms_from: str = ""
    templates_url: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; over WhatsApp allowed inside the 24-hour session only."""

    text: str


@dataclass(frozen=True, slots=True)
class Hsm:
    """An approved template with its positional parameters; ttl in days, None leaves it to the provider."""

    code: str
    language: str
    parameters: tuple[str, ...] = ()
    ttl: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A file: `kind` is image, audio, video or document, `type` what the provider calls its format (JPG, PDF).

    Either its bytes, `data`, or the address at which the provider fetches it, `url`; a caption where there is one.
    """

    kind: str
    type: str
    url: str = ""
    data: bytes = field(default=b"", repr=False)
    caption: str = ""


Content = Text | Hsm | Sent


@dataclass(slots=True)  # not frozen: making one would take five times as long
class Recipient:
    """One person of a request: where to send (digits) and our own id for the message."""

    address: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, ready to leave. `secrets` are the values that no log may show."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP: the status code and the body as bytes."""

    status: int
    body: bytes


class Lost(StrEnum):
    """How a request ended without an answer."""

    NOT_SENT = "not_sent"  # refused, DNS, TLS or connect time-out: nothing left this machine
    UNKNOWN = "unknown"  # it left, or may have left, and no readable answer came


class Verdict(StrEnum):
    """What an answer means for one recipient, and so what happens next."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # final
    SPLIT = "split"  # a group was turned away: send its halves
    NOT_SENT = "not_sent"  # known not to have left; uses no attempt
    SLOW_DOWN = "slow_down"  # 420, 429: known not to have left; uses no attempt; the pace slows
    CREDENTIALS = "credentials"  # 401, 403: known not to have left; uses no attempt; its dialers pause
    RETRY = "retry"  # 500, 503 with a JSON body: known not to have left; uses an attempt
    UNCERTAIN = "uncertain"  # nobody can know whether it left: never sent again by itself


@dataclass(slots=True)  # not frozen: making one would take five times as long
class Outcome:
    """The verdict for one recipient. `error` is a key of `providers.errors.ERRORS`, empty when accepted;
    `detail` the provider's own words (already free of secrets)."""

    correlation_id: str
    verdict: Verdict
    provider_message_id: str = ""
    error: str = ""
    detail: str = ""


@dataclass(slots=True)  # not frozen: making one would take five times as long
class Receipt:
    """One status item: the whole state so far of one message of ours.

    `state` is a name of `providers.states.State` in lower case, or "" when the code is unknown (the
    state then stays, `raw_code` is kept). `times` maps stages (sent, delivered, read, failed, expired)
    to aware UTC times.
    `opted_out` is true where the provider says that the person opted out (code 204).
    """

    correlation_id: str
    provider_message_id: str
    state: str
    times: dict[str, datetime]
    raw_code: str = ""
    error: str = ""
    detail: str = ""
    origin: str = ""
    destination: str = ""
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a customer.

    `kind` is text, image, audio, video, document, sticker, button, list_reply, location, contacts,
    order or unknown; `text` what a person would read of it; `content` the message object as it came.
    `answers` is the correlation id of the message being answered, "" when not known. `media_url` is where
    its file may be fetched, "" when it has none; `media_name` what its sender calls the file, "" when not told.
    """

    provider_message_id: str
    source: str
    origin: str
    kind: str
    text: str
    content: dict[str, Any]
    received_at: datetime | None
    name: str = ""
    answers: str = ""
    media_url: str = ""
    media_name: str = ""


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item that cannot be applied, with the reason in plain words."""

    raw: Any
    reason: str


class Probe(StrEnum):
    """What a connection test found."""

    OK = "ok"
    CREDENTIALS = "credentials"
    UNREACHABLE = "unreachable"
    TROUBLE = "trouble"  # it answered, but neither yes nor no


class Listing(StrEnum):
    """How asking for the list of templates ended."""

    READ = "read"
    ABSENT = "absent"  # the account, or this page of it, has no list
    CREDENTIALS = "credentials"
    UNREACHABLE = "unreachable"
    TROUBLE = "trouble"  # it answered, but with nothing that can be read


@dataclass(frozen=True, slots=True)
class Listed:
    """One language of one template as the provider lists it.

    `state` is a value of TemplateState, `raw_state` the provider's own word; `language` is spelt es or pt_BR;
    `names` are what the provider calls the parameters; `header_type` is "" without a header.
    """

    code: str
    language: str
    state: str
    text: str
    raw_state: str = ""
    namespace: str = ""
    names: tuple[str, ...] = ()
    header_type: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page of the list. `unread`: the codes of entries that cannot be read, "" where not even that."""

    ended: Listing
    templates: tuple[Listed, ...] = ()
    unread: tuple[str, ...] = ()


class Driver(Protocol):
    """One API type. Stateless: one instance serves every provider of its type."""

    key: str
    label: str
    windowed: bool  # free text only within 24 hours of the customer's last message
    templates: bool  # knows approved templates
    files: bool  # takes pictures, sound, films and documents, under the rule of `windowed`
    mixed: bool  # the messages of one request may differ
    segmented: bool  # a text is cut into SMS segments; our own number may be a short code
    longest_text: int  # characters

    def build(
        self, account: Account, contents: Sequence[Content], recipients: Sequence[Recipient]
    ) -> Request:
        """One request to all the recipients (at least one), with a content for each: the same one unless `mixed`."""

    def read(self, answer: Answer | Lost, recipients: Sequence[Recipient]) -> list[Outcome]:
        """One outcome a recipient, in the recipients' order, whatever came back."""

    def account_headers(self, account: Account) -> dict[str, str]:
        """The headers by which the provider knows the account: all that is secret of a request."""

    def build_probe(self, account: Account) -> Request:
        """A request that sends nothing to anybody and tells whether the credentials hold."""

    def read_probe(self, answer: Answer | Lost) -> Probe:
        """What the probe's answer means."""

    def parse_statuses(self, body: Any) -> list[Receipt | BadItem]:
        """Decoded JSON of a status callback (envelope, bare item or array) into receipts, in order."""

    def parse_messages(self, body: Any) -> list[Incoming | BadItem]:
        """Decoded JSON of a message callback (envelope, bare item or array) into messages, in order."""

    def build_templates(self, account: Account, page: int) -> Request:
        """Asks for a page of the account's templates, from 1. ValueError where the type knows none."""

    def read_templates(self, answer: Answer | Lost) -> ListedPage:
        """What is on it. Never raises."""
