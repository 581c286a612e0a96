"""The claims that a run must bear out, each with what was found and what is allowed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from providers.states import State
from tools.chaos.evidence import Evidence, Line, Sent
from tools.chaos.strikes import Struck
from tools.chaos.watch import imbalance

MOST_IN_FLIGHT = 1_000  # messages a running base, at a kill
LONGEST_OUTAGE = 60.0  # seconds
FEWEST_LOOKS = 10
SHOWN = 5
TOOK = (State.ACCEPTED, State.SENT, State.EXPIRED, State.FAILED, State.DELIVERED, State.READ)
OPEN = ("pending", "queued", "submitting")
# An emptied Redis and a web server that died leave no doubt about any message.
COST = ("workers", "one worker", "postgres", "everything")


@dataclass(frozen=True, slots=True)
class Claim:
    """`found` counts what speaks against it, or is the figure itself; `examples` name a few."""

    words: str
    holds: bool
    found: float
    allowed: float
    examples: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"claim": self.words, "found": self.found, "allowed": self.allowed}
        return shown | {"holds": self.holds} | ({"examples": list(self.examples)} if self.examples else {})


def none(words: str, against: Sequence[object]) -> Claim:
    """A claim that nothing may speak against."""
    return Claim(words, not against, len(against), 0, tuple(str(one) for one in against[:SHOWN]))


def at_most(words: str, found: float, allowed: float) -> Claim:
    return Claim(words, found <= allowed, found, allowed)


@dataclass(frozen=True, slots=True)
class Witness:
    """What was seen and done from outside.

    `sent_again` are ids of messages, `cancelled` of bases, `dialled` is the exit code of `manage.py dial`.
    """

    strikes: tuple[Struck, ...]
    sent_again: frozenset[int]
    cancelled: frozenset[int]
    wrong: tuple[str, ...]
    looks: int
    longest_outage: float
    dialled: int


def claims(evidence: Evidence, witness: Witness) -> list[Claim]:
    """All of them, those about customers first."""
    return [
        *_never_twice(evidence, witness),
        *_none_missing(evidence, witness),
        *_in_doubt(evidence, witness.strikes),
        *_adds_up(evidence),
        *_keeps_going(evidence, witness),
    ]


def _never_twice(evidence: Evidence, witness: Witness) -> list[Claim]:
    again = Counter(message.key for message in evidence.messages.values() if message.sent_again)
    twice = [key for key, times in evidence.taken.items() if times > 1 + again[key]]
    left_twice = [one for one, times in evidence.correlations.items() if times > 1]
    unasked = [
        one.id for one in evidence.messages.values() if one.sent_again and one.id not in witness.sent_again
    ]
    return [
        none("nobody got the same row twice without an operator's send again", twice),
        none("no message left twice", left_twice),
        none("nothing was sent again that no operator asked for", unasked),
    ]


def _none_missing(evidence: Evidence, witness: Witness) -> list[Claim]:
    ledger = {message.correlation for message in evidence.messages.values()}
    unknown = [one for one in evidence.messages.values() if _says_taken(one) and not _left(evidence, one)]
    refused = [
        one for one in evidence.messages.values() if one.state is State.REFUSED and _left(evidence, one)
    ]
    return [
        none(
            "every row was taken, or says why not",
            [x for x in evidence.lines if not _accounted(evidence, witness, x)],
        ),
        none("whatever the ledger holds for taken, the other side took", unknown),
        none("whatever the ledger holds for turned away, did not leave", refused),
        none(
            "whatever the other side took is in the ledger",
            [x for x in evidence.correlations if x not in ledger],
        ),
    ]


def _left(evidence: Evidence, message: Sent) -> bool:
    return message.correlation in evidence.correlations


def _says_taken(message: Sent) -> bool:
    """An operator who takes a message as sent may be wrong; everybody else must know."""
    return message.state in TOOK and not (message.decided and message.state is State.ACCEPTED)


def _accounted(evidence: Evidence, witness: Witness, line: Line) -> bool:
    if line.key in evidence.taken:
        return True
    if line.message is None:
        return line.skipped and line.base in witness.cancelled
    message = evidence.messages[line.message]
    if message.state in (State.UNCERTAIN, State.REFUSED):
        return bool(message.error)
    return message.decided and message.state is State.ACCEPTED


def _in_doubt(evidence: Evidence, strikes: Sequence[Struck]) -> list[Claim]:
    in_flight = sum(one.in_flight for one in strikes if one.kind in COST)
    hidden = sum(evidence.counts["hidden"].values())
    ever = sum(message.was_uncertain for message in evidence.messages.values())
    now = sum(base["tally"]["uncertain"] for base in evidence.bases)
    most = max((one.in_flight - MOST_IN_FLIGHT * max(1, one.running) for one in strikes), default=0)
    words = "in flight at the kills of workers and PostgreSQL plus answers lost on purpose"
    return [
        at_most(f"unconfirmed at the end: no more than {words}", now, in_flight + hidden),
        at_most(f"ever unconfirmed: no more than {words}", ever, in_flight + hidden),
        at_most("in flight at a kill beyond 1,000 for each running base", max(0, most), 0),
    ]


def _adds_up(evidence: Evidence) -> list[Claim]:
    wrong = [words for base in evidence.bases for words in imbalance(base)]
    differ = []
    for base in evidence.bases:
        shown = {key: n for key, n in base["tally"].items() if n and key != "replied"}
        recounted = evidence.recount(base["id"])
        if shown != recounted:
            differ.append(f"base {base['id']}: shown {shown}, counted {recounted}")
    left_open = [
        f"base {base['id']}: {base['state']}, {key} {base['tally'][key]}"
        for base in evidence.bases
        for key in OPEN
        if base["tally"][key]
    ]
    return [
        none("the states add up to valid, valid and invalid to lines", wrong),
        none("each tally is what its rows are", differ),
        none("every row is at an end", left_open),
    ]


def _keeps_going(evidence: Evidence, witness: Witness) -> list[Claim]:
    unfinished = [base for base in evidence.bases if base["state"] not in ("finished", "cancelled")]
    lost = evidence.counts["callbacks"]["answered_200"] - evidence.stored_callbacks
    idle = [one.kind for one in witness.strikes if not one.running]
    revived = [
        base for base in evidence.bases if base["id"] in witness.cancelled and base["state"] == "finished"
    ]
    return [
        none(
            "no base whose rows were skipped by a cancel calls itself finished",
            [base["id"] for base in revived if base["tally"]["skipped"]],
        ),
        none("every base ended by itself", [(base["id"], base["state"]) for base in unfinished]),
        none("every kill came while bases were running", idle),
        at_most("callbacks that were answered 200 and are not on disk", max(0, lost), 0),
        at_most("callbacks that still wait", evidence.waiting_callbacks, 0),
        none("while it went on, tallies added up and nobody was signed out", sorted(set(witness.wrong))),
        Claim("somebody looked all the time", witness.looks >= FEWEST_LOOKS, witness.looks, FEWEST_LOOKS),
        at_most(
            "longest time without an answer, in seconds", round(witness.longest_outage, 1), LONGEST_OUTAGE
        ),
        at_most("exit code of manage.py dial after all that", witness.dialled, 0),
    ]
