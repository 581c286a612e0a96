"""The proof of `make chaos` would notice: each misdeed breaks the claim that forbids it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from providers.states import State
from tools.chaos.evidence import Evidence, Key, Line, Sent
from tools.chaos.plan import plan_of
from tools.chaos.proof import Witness, claims
from tools.chaos.strikes import Struck

BASE = 7
KEYS = [Key(f"551191000000{n}", f"hsm:x:no. {n}") for n in range(3)]
Misdeed = Callable[[Evidence, Witness], tuple[Evidence, Witness]]


def message(number: int, state: State = State.READ, **more: Any) -> Sent:
    known: dict[str, Any] = {
        "id": number,
        "key": KEYS[number],
        "state": state,
        "error": "",
        "correlation": f"c{number}",
        "sent_again": False,
        "decided": False,
        "was_uncertain": False,
        "batch": BASE,
    }
    return Sent(**(known | more))


def tally(**counts: int) -> dict[str, int]:
    return (
        dict.fromkeys(("pending", "queued", "submitting", "uncertain", "read", "skipped", "replied"), 0)
        | counts
    )


def clean() -> tuple[Evidence, Witness]:
    """Three rows, all taken once and read; one worker was killed with one message in flight."""
    base = {"id": BASE, "state": "finished", "lines": 4, "valid": 3, "invalid": 1, "tally": tally(read=3)}
    evidence = Evidence(
        lines=[Line(BASE, n, KEYS[n], False, n) for n in range(3)],
        messages={n: message(n) for n in range(3)},
        bases=[base],
        stored_callbacks=5,
        waiting_callbacks=0,
        taken=dict.fromkeys(KEYS, 1),
        correlations={f"c{n}": 1 for n in range(3)},
        counts={"hidden": {}, "callbacks": {"answered_200": 5}},
    )
    strikes = (Struck("workers", taken=1, in_flight=1, running=1, ready_seconds=1, sending_seconds=1),)
    nothing: frozenset[int] = frozenset()
    return evidence, Witness(strikes, nothing, nothing, wrong=(), looks=99, longest_outage=2.0, dialled=0)


def with_message(number: int, **changes: Any) -> Misdeed:
    def happen(evidence: Evidence, witness: Witness) -> tuple[Evidence, Witness]:
        changed = replace(evidence.messages[number], **changes)
        return replace(evidence, messages={**evidence.messages, number: changed}), witness

    return happen


def with_evidence(**changes: Any) -> Misdeed:
    return lambda evidence, witness: (replace(evidence, **changes), witness)


def with_base(**changes: Any) -> Misdeed:
    return lambda evidence, witness: (
        replace(evidence, bases=[{**evidence.bases[0], **changes}]),
        witness,
    )


def with_witness(**changes: Any) -> Misdeed:
    return lambda evidence, witness: (evidence, replace(witness, **changes))


def unconfirmed(count: int) -> Misdeed:
    def happen(evidence: Evidence, witness: Witness) -> tuple[Evidence, Witness]:
        doubtful = {n: message(n, State.UNCERTAIN, error="x", was_uncertain=True) for n in range(count)}
        base = {**evidence.bases[0], "tally": tally(read=3 - count, uncertain=count)}
        return replace(evidence, messages=evidence.messages | doubtful, bases=[base]), witness

    return happen


def emptied_redis(count: int) -> Misdeed:
    def happen(evidence: Evidence, witness: Witness) -> tuple[Evidence, Witness]:
        strikes = (Struck("redis", taken=1, in_flight=9, running=1, ready_seconds=1, sending_seconds=1),)
        return unconfirmed(count)(evidence, replace(witness, strikes=strikes))

    return happen


IDLE = (Struck("web", taken=1, in_flight=0, running=0, ready_seconds=1, sending_seconds=1),)
CROWDED = (Struck("workers", taken=1, in_flight=1_001, running=1, ready_seconds=1, sending_seconds=1),)

MISDEEDS: list[tuple[str, Misdeed, str]] = [
    ("a row came twice", with_evidence(taken={**dict.fromkeys(KEYS, 1), KEYS[1]: 2}), "the same row twice"),
    (
        "a message left twice",
        with_evidence(correlations={"c0": 2, "c1": 1, "c2": 1}),
        "no message left twice",
    ),
    ("sent again by itself", with_message(1, sent_again=True), "that no operator asked for"),
    (
        "a row vanished",
        with_evidence(lines=[Line(BASE, 1, Key("1", "y"), False, None)]),
        "every row was taken, or says why not",
    ),
    (
        "a row was skipped in a base that nobody cancelled",
        with_evidence(lines=[Line(BASE, 1, Key("1", "y"), True, None)]),
        "every row was taken, or says why not",
    ),
    ("taken for sent", with_evidence(correlations={"c0": 1, "c1": 1}), "the other side took"),
    ("turned away, yet it left", with_message(2, state=State.REFUSED), "did not leave"),
    (
        "sent past the ledger",
        with_evidence(correlations={f"c{n}": 1 for n in range(4)}),
        "the other side took is in the ledger",
    ),
    ("more in doubt than in flight", unconfirmed(2), "unconfirmed at the end"),
    ("more was in doubt", unconfirmed(2), "ever unconfirmed"),
    ("a doubt that an emptied Redis left", emptied_redis(1), "ever unconfirmed"),
    ("too much in flight", with_witness(strikes=CROWDED), "in flight at a kill"),
    ("a line fell out", with_base(lines=5), "valid and invalid to lines"),
    ("a state fell out", with_base(tally=tally(read=2)), "add up to valid"),
    ("a tally that is wrong", with_base(tally=tally(read=2, uncertain=1)), "each tally is what its rows are"),
    ("a row hangs", with_base(tally=tally(read=2, queued=1)), "every row is at an end"),
    ("a base hangs", with_base(state="running"), "every base ended by itself"),
    ("a kill that hit nothing", with_witness(strikes=IDLE), "while bases were running"),
    ("a callback was lost", with_evidence(stored_callbacks=4), "not on disk"),
    ("a callback waits", with_evidence(waiting_callbacks=1), "still wait"),
    ("somebody was signed out", with_witness(wrong=("signed out",)), "nobody was signed out"),
    ("nobody looked", with_witness(looks=3), "somebody looked"),
    ("it stayed away", with_witness(longest_outage=61.0), "without an answer"),
    ("the command fails", with_witness(dialled=1), "manage.py dial"),
]


def broken(evidence: Evidence, witness: Witness) -> list[str]:
    return [claim.words for claim in claims(evidence, witness) if not claim.holds]


def test_a_clean_run_bears_out_every_claim() -> None:
    assert broken(*clean()) == []


@pytest.mark.parametrize(
    ("misdeed", "words"),
    [(misdeed, words) for _, misdeed, words in MISDEEDS],
    ids=[name for name, _, _ in MISDEEDS],
)
def test_a_misdeed_breaks_the_claim_that_forbids_it(misdeed: Misdeed, words: str) -> None:
    assert any(words in claim for claim in broken(*misdeed(*clean())))


def test_what_an_operator_sent_again_may_come_twice() -> None:
    evidence, witness = clean()
    again = message(1, State.UNCERTAIN, sent_again=True, decided=True, was_uncertain=True, batch=None)
    new = replace(message(2), id=3, key=KEYS[1], correlation="c3")
    evidence = replace(
        evidence,
        messages={**evidence.messages, 1: again, 3: new},
        lines=[*evidence.lines[:1], Line(BASE, 1, KEYS[1], False, 3), evidence.lines[2]],
        taken={**evidence.taken, KEYS[1]: 2},
        correlations={**evidence.correlations, "c3": 1},
    )
    assert broken(evidence, replace(witness, sent_again=frozenset({1}))) == []


def test_a_cancelled_base_that_calls_itself_finished_is_noticed() -> None:
    evidence, witness = clean()
    base = {**evidence.bases[0], "tally": tally(read=2, skipped=1)}
    found = broken(replace(evidence, bases=[base]), replace(witness, cancelled=frozenset({BASE})))
    assert any("calls itself finished" in claim for claim in found)


def test_what_a_cancel_left_is_skipped_with_good_reason() -> None:
    evidence, witness = clean()
    unsent = Key("5511910000009", "hsm:x:no. 9")
    base = {
        **evidence.bases[0],
        "lines": 5,
        "valid": 4,
        "state": "cancelled",
        "tally": tally(read=3, skipped=1),
    }
    evidence = replace(evidence, lines=[*evidence.lines, Line(BASE, 9, unsent, True, None)], bases=[base])
    assert broken(evidence, replace(witness, cancelled=frozenset({BASE}))) == []


def test_the_same_seed_draws_the_same_run() -> None:
    assert plan_of(2_000, 5) == plan_of(2_000, 5) != plan_of(2_000, 6)


def test_no_two_rows_of_a_run_are_the_same() -> None:
    lines = [line.partition(";")[2] for piece in plan_of(2_000, 1).pieces for line in piece.valid_lines()]
    assert len(set(lines)) == len(lines) == 2_000
