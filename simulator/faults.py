"""Every switch of the simulator, with what it does in words; the page and the control API read this table."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from simulator.switches import Switch, choice, number, share, shares, text, yes
from simulator.wire import BadRequestError, Json

ANSWERS = "Answers to a send"
SPELLING = "How things are spelt"
CALLBACKS = "Callbacks"
PACE = "Pace of callbacks"
STATUSES = "What becomes of a message"
PHONES = "Customers"
ACCOUNT = "The account"

ANSWER_CODES = {
    302: "redirected", 400: "bad request", 401: "wrong user name or password", 403: "forbidden", 404: "not found",
    405: "method not allowed", 412: "precondition failed", 420: "message is rate limited", 429: "too many requests",
    500: "internal error", 502: "bad gateway", 503: "unavailable", 504: "gateway time-out",
}  # fmt: skip
STATUS_CODES = {
    101: "expired", 102: "carrier communication error", 103: "rejected by carrier", 104: "not delivered",
    201: "no credit", 202: "invalid number", 203: "blacklisted", 204: "opted out", 205: "limit reached",
    206: "invalid length", 207: "invalid text", 209: "invalid content", 210: "no session open",
    211: "blocked by opt-in", 212: "blocked by white list", 301: "internal error (SMS)", 311: "internal error",
    999: "a code nobody knows",
}  # fmt: skip


@dataclass(slots=True)
class Faults:
    """The switches and where they stand; a share is a chance from 0 to 1, times are milliseconds."""

    latency_ms: int = number(ANSWERS, "Latency", "Every answer waits this long.")
    answers: dict[int, float] = field(default_factory=dict, metadata=shares(
        ANSWERS, "Error answers",
        "This share of requests is answered with the code and not taken. 502 and 504 come as a web page.",
        ANSWER_CODES,
    ))  # fmt: skip
    plain_errors: bool = yes(
        ANSWERS, "Errors without JSON", "500 and 503 come as a web page instead of JSON."
    )
    gateway_accepts: float = share(
        ANSWERS,
        "502 and 504 after acceptance",
        "This share of the 502 and 504 answers hides an accepted message.",
        0.5,
    )
    reset_before: float = share(
        ANSWERS, "Reset before acceptance", "The connection breaks and nothing was taken."
    )
    reset_after: float = share(
        ANSWERS, "Reset after acceptance", "The message is taken, then the connection breaks."
    )
    late_answers: float = share(ANSWERS, "Too late", "The message is taken, but the answer comes too late.")
    late_answer_ms: int = number(ANSWERS, "How late", "How long an answer that is too late takes.", 60_000)
    unreadable: float = share(
        ANSWERS, "Unreadable 200", "The message is taken, but the answer is cut off in the middle."
    )
    missing: float = share(
        ANSWERS, "Recipients missing", "This share of recipients is taken, but absent from the 200."
    )
    rate_limit: int = number(
        ANSWERS,
        "Messages a second",
        "More than this many a second get 420 (SMS: 429). 0 is no limit.",
        0,
        1_000_000,
        "",
    )
    max_destinations: int = number(
        ANSWERS,
        "Recipients a request",
        "More than this many in one request get 400. 0 is no limit.",
        0,
        100_000,
        "",
    )
    refuse_invalid_numbers: bool = yes(
        ANSWERS,
        "Refuse bad numbers at once",
        "One bad number gets the whole request 400, instead of code 202 later.",
    )

    answer_spelling: str = choice(
        SPELLING, "Keys of the answer", "id and destinations, or Id and destination, or now one, now the other.",
        "id", "Id", "mixed",
    )  # fmt: skip
    answer_array: bool = yes(SPELLING, "Answer in an array", "The answer stands inside an array.")
    callback_shape: str = choice(
        SPELLING, "Shape of callbacks", "Total and data, a bare array, or one bare object a call.",
        "envelope", "array", "object",
    )  # fmt: skip
    numbers_as_strings: bool = yes(
        SPELLING, "Numbers as text", "Totals, codes and times in callbacks come as strings."
    )
    booleans_missing: bool = yes(
        SPELLING, "Without yes and no", "sent, delivered and read are left out of statuses."
    )
    read_as_code: bool = yes(
        SPELLING, "Read as code 5", "A read message comes as delivered code 5, without read: true."
    )
    session_id_key: bool = yes(
        SPELLING, "sessionId", "Incoming messages name their session sessionId instead of id."
    )
    newer_fields: bool = yes(
        SPELLING, "Newer fields", "Statuses carry type and the envelope a ConversationID."
    )

    callbacks_off: bool = yes(
        CALLBACKS, "No callbacks", "Nothing is called back, and nothing is kept for later."
    )
    lost: float = share(CALLBACKS, "Lost", "This share of callback items never comes.")
    duplicated: float = share(CALLBACKS, "Twice", "This share of callback items comes twice.")
    shuffled: float = share(
        CALLBACKS, "Out of order", "This share of callback items is overtaken by later ones."
    )
    late: float = share(CALLBACKS, "Late", "This share of callback items comes late.")
    late_ms: int = number(CALLBACKS, "How late", "How long a late callback waits.", 5_000)
    slow_ms: int = number(CALLBACKS, "Slow", "Writing one callback takes this long.", 0, 60_000)
    status_before_answer: bool = yes(
        CALLBACKS, "Status before the answer", "The first status is called back before the send is answered."
    )

    stage_min_ms: int = number(
        PACE, "Shortest step", "At least this long between sent, delivered and read.", 50
    )
    stage_max_ms: int = number(
        PACE, "Longest step", "At most this long between sent, delivered and read.", 200
    )
    batch: int = number(
        PACE, "Items a callback", "At most this many items travel in one callback.", 100, 10_000, ""
    )
    gather_ms: int = number(
        PACE, "Gathering", "Items wait up to this long for others to travel with.", 50, 60_000
    )
    connections: int = number(
        PACE, "At a time", "So many callbacks of one kind are under way at most.", 4, 64, ""
    )
    timeout_ms: int = number(
        PACE, "Patience", "A callback unanswered for this long counts as failed.", 10_000, 120_000
    )
    retry_ms: int = number(
        PACE, "Again after", "A failed callback is tried again after this, then twice as long.", 1_000
    )
    retries: int = number(
        PACE, "How often again", "After so many repeats a callback is given up.", 10, 100, ""
    )

    statuses: dict[int, float] = field(default_factory=dict, metadata=shares(
        STATUSES, "Status codes",
        "This share of messages ends with the code. A code of your own counts as unknown.",
        STATUS_CODES, others=True,
    ))  # fmt: skip
    delivered_share: float = share(
        STATUSES, "Delivered", "This share of sent messages reaches the phone.", 1.0
    )
    read_share: float = share(STATUSES, "Read", "This share of delivered messages is read.", 1.0)
    gaps: float = share(
        STATUSES, "Gaps", "For this share the delivered callback is left out: read comes after sent."
    )
    window_code: str = choice(
        STATUSES, "Free text outside the window",
        "The code for free text to somebody who has not written within 24 hours.", "210", "104",
    )  # fmt: skip
    strict_templates: bool = yes(
        STATUSES, "Known templates only", "A template or language that is not in the list fails with 2/104."
    )
    namespace: str = text(
        STATUSES, "Namespace", "Templates of any other namespace fail with 2/104. Empty is any."
    )

    carries_correlation: bool = yes(
        PHONES,
        "Answers name the message",
        "A customer's message carries the correlation id of the last one received.",
        True,
    )
    other_spelling: bool = yes(
        PHONES,
        "Answer in the other spelling",
        "Customers answer without Brazil's ninth digit (Mexico's 1, Argentina's 9).",
    )
    reply_share: float = share(PHONES, "Answer by themselves", "This share of readers answers on its own.")
    reply_text: str = text(PHONES, "What they answer", "The text of those answers.", "Yes, thank you")
    sms_by_get: bool = yes(PHONES, "SMS by GET", "Incoming SMS come as GET with a query string.")
    media_needs_headers: bool = yes(
        PHONES, "Closed media", "Media addresses ask for the two headers of the account."
    )

    templates_down: bool = yes(ACCOUNT, "Template list away", "The list of templates answers 503.")
    templates_absent: bool = yes(
        ACCOUNT, "No template list", "The account has no list of templates: asking for it gets 404."
    )
    templates_unreadable: bool = yes(
        ACCOUNT, "Template list garbled", "The list of templates breaks off in the middle of its JSON."
    )
    templates_a_page: int = number(
        ACCOUNT, "Templates a page", "A page never has more than this, whatever is asked for. 0 is no limit.",
        0, 999, "",
    )  # fmt: skip
    template_languages: str = choice(
        ACCOUNT, "Languages of templates", "As they were entered, or in capitals: EN, PT_BR.", "listed", "capitals",
    )  # fmt: skip

    def change(self, wanted: Json) -> None:
        """Sets the named switches and leaves the others; raises `BadRequestError` and changes nothing on a bad one."""
        known = switches()
        cleaned = {}
        for name, value in wanted.items():
            if name not in known:
                raise BadRequestError(f"There is no switch named {name!r}. See GET /control/faults.")
            cleaned[name] = known[name].clean(name, value)
        shortest = cleaned.get("stage_min_ms", self.stage_min_ms)
        if shortest > cleaned.get("stage_max_ms", self.stage_max_ms):
            raise BadRequestError("stage_min_ms must not be more than stage_max_ms.")
        for name, value in cleaned.items():
            setattr(self, name, value)

    def reset(self) -> None:
        """Every switch back to where it stands at the start."""
        for each in fields(self):
            setattr(self, each.name, _default(each))

    def values(self) -> Json:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def describe(self) -> list[Json]:
        return [
            each.metadata["switch"].describe(each.name, getattr(self, each.name), _default(each))
            for each in fields(self)
        ]


def _default(each: Field[Any]) -> Any:
    return {} if each.default is MISSING else each.default


def switches() -> dict[str, Switch]:
    return {each.name: each.metadata["switch"] for each in fields(Faults)}
