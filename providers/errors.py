"""The named errors of the wire: whose fault, may it be sent again, and what the operator reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Fault(StrEnum):
    """Who can put it right."""

    OURS = "ours"
    RECIPIENT = "recipient"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """`again`: a person may send the same message again. `sentence`: what happened and what to do."""

    again: bool
    fault: Fault
    sentence: str | Promise


UNKNOWN = ErrorKind(
    False, Fault.PROVIDER, _("The provider gave a reason that is not known here. Look at its own words.")
)

# What a status callback tells about a message that was accepted before.
_TOLD_LATER: dict[str, ErrorKind] = {
    "expired": ErrorKind(
        False, Fault.RECIPIENT, _("It was not delivered before its time ran out. The phone may be off.")
    ),
    "not_delivered": ErrorKind(
        False,
        Fault.PROVIDER,
        _(
            "It was not delivered: a limit was reached, the template is missing, the 24-hour session is "
            "closed, or the account or its media has a problem. Check the account at the provider."
        ),
    ),
    "carrier_error": ErrorKind(
        True,
        Fault.PROVIDER,
        _("The carrier could not be reached, or WhatsApp could not fetch the file. Send it again."),
    ),
    "carrier_rejected": ErrorKind(
        True, Fault.PROVIDER, _("The carrier turned the message away. It may be sent again.")
    ),
    "no_credit": ErrorKind(
        False, Fault.OURS, _("The account at the provider has no credit. Top it up, then send a new message.")
    ),
    "invalid_number": ErrorKind(
        False, Fault.RECIPIENT, _("The number does not exist or has no WhatsApp. Correct it in the base.")
    ),
    "blacklisted": ErrorKind(
        False,
        Fault.RECIPIENT,
        _("The number is on the provider's blacklist. Ask the provider to release it."),
    ),
    "opted_out": ErrorKind(
        False, Fault.RECIPIENT, _("The person asked for no more messages. The number is on do-not-call now.")
    ),
    "message_limit": ErrorKind(
        False, Fault.RECIPIENT, _("The number has received as many messages as allowed. Try another day.")
    ),
    "invalid_length": ErrorKind(False, Fault.OURS, _("The text is too long or empty. Shorten or fill it.")),
    "invalid_parameter": ErrorKind(
        False, Fault.OURS, _("A parameter of the message is not allowed. Correct it in the base.")
    ),
    "invalid_content": ErrorKind(
        False, Fault.OURS, _("The content of the message is not allowed. Change the text or the file.")
    ),
    "window_closed": ErrorKind(
        False, Fault.OURS, _("The 24-hour session of this customer is closed. Send an approved template.")
    ),
    "blocked_optin": ErrorKind(
        False, Fault.RECIPIENT, _("The person has not agreed to receive messages. Ask for the opt-in first.")
    ),
    "blocked_whitelist": ErrorKind(
        False, Fault.OURS, _("The number is not on the account's whitelist. Ask the provider to add it.")
    ),
    "provider_internal": ErrorKind(
        True, Fault.PROVIDER, _("The provider had an internal error. Send it again in a while.")
    ),
}

# What the answer to a send tells, or the lack of one.
_TOLD_AT_ONCE: dict[str, ErrorKind] = {
    "unreachable": ErrorKind(
        True, Fault.PROVIDER, _("The provider cannot be reached; nothing was sent. Check its address.")
    ),
    "rate_limited": ErrorKind(
        True, Fault.PROVIDER, _("The provider asks for a slower pace; the message waits and goes by itself.")
    ),
    "credentials": ErrorKind(
        True, Fault.OURS, _("The provider does not accept the username or password. Correct the provider.")
    ),
    "provider_trouble": ErrorKind(
        True,
        Fault.PROVIDER,
        _("The provider reported trouble of its own; nothing was sent. Try again later."),
    ),
    "bad_request": ErrorKind(
        False, Fault.OURS, _("The provider turned the message away. Check the number, template and text.")
    ),
    "not_found": ErrorKind(
        False, Fault.OURS, _("The provider does not know this address or account. Check the provider.")
    ),
    "method": ErrorKind(
        False, Fault.OURS, _("The provider does not take messages at this address. Check the provider.")
    ),
    "precondition": ErrorKind(
        False,
        Fault.OURS,
        _("Something is missing at the provider for this message. Check the account there."),
    ),
    "no_answer": ErrorKind(
        True, Fault.PROVIDER, _("No answer came, so it may have left. Sending it again may reach them twice.")
    ),
    "bad_gateway": ErrorKind(
        True,
        Fault.PROVIDER,
        _("A server on the way answered for the provider, so it may have left. Check before resending."),
    ),
    "unreadable_answer": ErrorKind(
        True,
        Fault.PROVIDER,
        _("The provider's answer could not be read, so it may have left. Check before sending it again."),
    ),
    "recipient_missing": ErrorKind(
        True,
        Fault.PROVIDER,
        _("The provider's answer does not name this number, so it may have left. Check before resending."),
    ),
    "unlisted_answer": ErrorKind(
        True,
        Fault.PROVIDER,
        _("The provider's answer is not in its own list, so it may have left. Check before resending."),
    ),
}

# What our own gate says before anything leaves.
_TOLD_BY_THE_GATE: dict[str, ErrorKind] = {
    "do_not_call": ErrorKind(
        False, Fault.RECIPIENT, _("The number is on the do-not-call list. Nothing is sent to it.")
    ),
    "template_unknown": ErrorKind(
        False, Fault.OURS, _("The provider has no template with this code. Check the code and the language.")
    ),
    "no_templates": ErrorKind(
        False, Fault.OURS, _("SMS knows no templates. Write the message itself in place of the template.")
    ),
    "no_files": ErrorKind(False, Fault.OURS, _("An SMS carries no file. Write a text in its place.")),
    "file_missing": ErrorKind(
        False, Fault.OURS, _("Our own storage has not kept the file, so nothing was sent. Send it again.")
    ),
    "too_long": ErrorKind(False, Fault.OURS, _("The text is longer than the provider takes. Shorten it.")),
    "template_not_approved": ErrorKind(
        False, Fault.OURS, _("The template is not approved. Choose another or wait for the approval.")
    ),
    "template_parameters": ErrorKind(
        False, Fault.OURS, _("The parameters do not fit the template. Give as many as it has, none empty.")
    ),
    "number_refused": ErrorKind(
        False, Fault.OURS, _("The dialing chain or the provider's SMS RegExp does not accept this number.")
    ),
    "contact_cap": ErrorKind(
        False,
        Fault.OURS,
        _("This customer has had as many messages today as allowed, from all bases together. Try tomorrow."),
    ),
    "erased": ErrorKind(
        False, Fault.OURS, _("The data of this customer was erased on request; nothing is sent to them here.")
    ),
}

# What is wrong with a number before anybody is asked.
_TOLD_BY_THE_NUMBER: dict[str, ErrorKind] = {
    "number_empty": ErrorKind(False, Fault.OURS, _("The number is empty. Write it with its country code.")),
    "number_spreadsheet": ErrorKind(
        False,
        Fault.OURS,
        _("A spreadsheet has shortened this number. Format the column as text and enter it again."),
    ),
    "number_characters": ErrorKind(
        False,
        Fault.OURS,
        _("The number has letters or signs in it. Use digits, blanks, +, -, . and brackets."),
    ),
    "number_length": ErrorKind(
        False, Fault.OURS, _("The number is too short or too long. Write it with its country code.")
    ),
    "number_country": ErrorKind(
        False,
        Fault.OURS,
        _("The number has no country code. Add it, or set a default country for the dialer."),
    ),
    "number_invalid": ErrorKind(
        False, Fault.OURS, _("No such number exists. Check the country code and count the digits.")
    ),
}

ERRORS: dict[str, ErrorKind] = {**_TOLD_LATER, **_TOLD_AT_ONCE, **_TOLD_BY_THE_GATE, **_TOLD_BY_THE_NUMBER}


def kind_of(key: str) -> ErrorKind:
    """The named error of `key`; UNKNOWN for a key that is not in the table."""
    return ERRORS.get(key, UNKNOWN)


HELD_BACK = frozenset({*_TOLD_BY_THE_GATE, "window_closed"})


def held_back(refused: bool, error: str) -> bool:
    """Whether a refused message was held back by our own gate, so that it never left."""
    return refused and error in HELD_BACK


class Kept(Protocol):
    """A sentence that is kept as something else than its words: see providers.told."""

    @property
    def kept(self) -> str: ...


class Refusal(Exception):  # noqa: N818 - an act that is refused is no fault of the program
    """Something cannot be done, and here is why.

    `code` is for programs, `sentence` for people (without one, that of ERRORS), `status` the HTTP
    status that the API answers with. The sentence is translated when it is read, not when it is raised.
    """

    status: int = 409

    def __init__(
        self, code: str, sentence: str | Promise | Kept | None = None, *, status: int | None = None
    ) -> None:
        super().__init__(code, sentence)
        self.code = code
        self._sentence = kind_of(code).sentence if sentence is None else sentence
        if status is not None:
            self.status = status

    @property
    def sentence(self) -> str:
        """The reason in the reader's language."""
        return str(self._sentence)

    @property
    def detail(self) -> str:
        """What a message keeps of the reason beside its code: the values of the sentence, so that it may be told in
        any language; its words where it has no values; "" where ERRORS has the sentence."""
        if self._sentence is kind_of(self.code).sentence:
            return ""
        return self.sentence if isinstance(self._sentence, str | Promise) else self._sentence.kept

    def __str__(self) -> str:
        return self.sentence
