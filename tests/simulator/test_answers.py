"""The faults that an answer to a send can have, switch by switch."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
import requests

from tests.simulator.process import HEADERS, HELLO, MARIA, Simulator

NUMBERS = [f"55119100000{number:02d}" for number in range(1, 31)]


@pytest.mark.parametrize("code", [302, 400, 401, 403, 404, 405, 412, 420, 429, 500, 503], ids=str)
def test_each_code_can_be_the_answer(simulator: Simulator, code: int) -> None:
    simulator.switch(answers={str(code): 1})
    body = {"destinations": [{"destination": MARIA}], "message": HELLO}
    answer = simulator.call("POST", "/v1/whatsapp/send", body, headers=HEADERS, allow_redirects=False)
    assert answer.status_code == code
    assert answer.json()["errorCode"] == code
    assert answer.json()["errorMessage"]
    counts = simulator.counts()
    assert (counts["accepted"], counts["answers"]) == (0, {str(code): 1})


@pytest.mark.parametrize("code", [502, 504], ids=str)
@pytest.mark.parametrize(("hidden", "accepted"), [(0, 0), (1, 1)], ids=["nothing taken", "message taken"])
def test_a_gateway_answers_with_a_web_page(
    simulator: Simulator, code: int, hidden: int, accepted: int
) -> None:
    simulator.switch(answers={str(code): 1}, gateway_accepts=hidden)
    answer = simulator.send()
    assert (answer.status_code, answer.headers["Content-Type"]) == (code, "text/html")
    assert simulator.counts()["accepted"] == accepted


def test_errors_can_come_without_json(simulator: Simulator) -> None:
    simulator.switch(answers={"500": 1}, plain_errors=True)
    with pytest.raises(requests.JSONDecodeError):
        simulator.send().json()


def test_a_share_hits_some_and_not_all(simulator: Simulator) -> None:
    simulator.switch(answers={"420": 0.3, "429": 0.2}, seed=7)
    codes = [simulator.send().status_code for _ in range(60)]
    assert set(codes) == {200, 420, 429}
    assert simulator.counts()["accepted"] == codes.count(200)


def test_the_same_seed_gives_the_same_faults(simulator: Simulator) -> None:
    runs = []
    for seed in (7, 7, 8):
        simulator.ask("POST", "/control/reset")
        simulator.switch(answers={"420": 0.5}, stage_min_ms=0, stage_max_ms=0, seed=seed, callbacks_off=True)
        runs.append([simulator.send().status_code for _ in range(30)])
        simulator.flush()
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    ("faults", "accepted"),
    [({"reset_before": 1}, 0), ({"reset_after": 1}, 1)],
    ids=["before acceptance", "after acceptance"],
)
def test_the_connection_can_break(simulator: Simulator, faults: dict[str, Any], accepted: int) -> None:
    simulator.switch(**faults)
    with pytest.raises(requests.ConnectionError):
        simulator.send()
    counts = simulator.counts()
    assert (counts["accepted"], counts["answers"]) == (accepted, {"reset": 1})


def test_an_answer_can_come_too_late(simulator: Simulator) -> None:
    simulator.switch(late_answers=1, late_answer_ms=60_000)
    body = {"destinations": [{"destination": MARIA}], "message": HELLO}
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{simulator.url}/v1/whatsapp/send", json=body, headers=HEADERS, timeout=0.2)
    counts = simulator.counts()
    assert (counts["accepted"], counts["answers"]) == (1, {"late": 1})
    simulator.flush()
    assert len(simulator.received()) == 1


def test_a_200_can_be_unreadable(simulator: Simulator) -> None:
    simulator.switch(unreadable=1)
    answer = simulator.send()
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    assert simulator.counts()["accepted"] == 1


def test_recipients_can_be_missing_from_the_answer(simulator: Simulator) -> None:
    simulator.switch(missing=0.5)
    answered = {entry["destination"] for entry in simulator.send(*NUMBERS).json()["destinations"]}
    assert 0 < len(answered) < 30
    assert len(simulator.counts()["by_destination"]) == 30


@pytest.mark.parametrize(
    ("faults", "hidden"),
    [
        ({"reset_before": 1}, {"reset_before": 2}),
        ({"reset_after": 1}, {"reset_after": 2}),
        ({"unreadable": 1}, {"unreadable": 2}),
        ({"late_answers": 1, "late_answer_ms": 1}, {"late": 2}),
        ({"missing": 1}, {"missing": 2}),
        ({"answers": {"502": 1}}, {"gateway": 2}),
        ({"answers": {"503": 1}, "plain_errors": True}, {"gateway": 2}),
        ({"answers": {"302": 1}}, {"redirected": 2}),
        ({"answers": {"500": 1}}, {}),
        ({"answers": {"420": 1}}, {}),
        ({"missing": 1, "reset_after": 1}, {"missing": 2}),
    ],
    ids=str,
)
def test_messages_whose_fate_an_answer_hides_are_counted_once(
    simulator: Simulator, faults: dict[str, Any], hidden: dict[str, int]
) -> None:
    simulator.switch(**faults)
    body = {"destinations": [{"destination": number} for number in NUMBERS[:2]], "message": HELLO}
    with suppress(requests.ConnectionError):
        simulator.call("POST", "/v1/whatsapp/send", body, headers=HEADERS, allow_redirects=False)
    counted = {name: n for name, n in simulator.counts()["hidden"].items() if n}
    assert counted == hidden


def test_latency_holds_every_answer_back(simulator: Simulator) -> None:
    simulator.switch(latency_ms=150)
    begun = time.monotonic()
    simulator.send()
    assert time.monotonic() - begun >= 0.15


@pytest.mark.parametrize(
    ("spelling", "keys"),
    [("id", {"id", "destinations"}), ("Id", {"Id", "destination"})],
    ids=["small", "as printed"],
)
def test_the_keys_of_the_answer_can_be_spelt_otherwise(
    simulator: Simulator, spelling: str, keys: set[str]
) -> None:
    simulator.switch(answer_spelling=spelling)
    answer = simulator.send().json()
    assert set(answer) == keys
    entries = answer.get("destinations") or answer.get("destination")
    assert entries[0][spelling]
    assert entries[0]["destination"] == MARIA


def test_the_spelling_can_change_from_answer_to_answer(simulator: Simulator) -> None:
    simulator.switch(answer_spelling="mixed")
    assert {"Id" in simulator.send().json() for _ in range(20)} == {True, False}


def test_the_answer_can_stand_in_an_array(simulator: Simulator) -> None:
    simulator.switch(answer_array=True)
    assert simulator.send().json()[0]["destinations"][0]["destination"] == MARIA


def test_more_than_the_limit_a_second_is_told_420(simulator: Simulator) -> None:
    simulator.switch(rate_limit=5)
    codes = [simulator.send().status_code for _ in range(30)]
    assert codes.count(420) > 0
    assert max(simulator.counts()["accepted_by_second"].values()) <= 5


def test_too_many_recipients_are_refused(simulator: Simulator) -> None:
    simulator.switch(max_destinations=2)
    assert simulator.send(*NUMBERS[:2]).status_code == 200
    assert simulator.send(*NUMBERS[:3]).status_code == 400


def test_one_bad_number_can_refuse_the_whole_request(simulator: Simulator) -> None:
    simulator.switch(refuse_invalid_numbers=True)
    answer = simulator.send(MARIA, "123")
    assert answer.status_code == 400
    assert "'123'" in answer.json()["errorMessage"]
    assert simulator.counts()["accepted"] == 0


@pytest.mark.parametrize(
    ("faults", "complaint"),
    [
        ({"latency": 5}, "no switch named 'latency'"),
        ({"latency_ms": -1}, "between 0 and 600000"),
        ({"latency_ms": "5"}, "must be a number"),
        ({"lost": 1.5}, "between 0 and 1"),
        ({"lost": True}, "must be a number"),
        ({"callbacks_off": 1}, "true or false"),
        ({"callback_shape": "xml"}, "envelope, array, object"),
        ({"reply_text": 5}, "must be a text"),
        ({"answers": {"418": 0.5}}, "'418' is no code"),
        ({"answers": {"420": 2}}, "between 0 and 1"),
        ({"answers": {"420": 0.6, "429": 0.6}}, "more than 1"),
        ({"answers": [420]}, "an object"),
        ({"stage_min_ms": 500}, "stage_max_ms"),
        ({"seed": "x"}, "seed must be"),
    ],
    ids=[
        "unknown", "negative", "text", "share over 1", "share as yes", "yes as number", "choice", "text as number",
        "code", "share of a code", "sum of shares", "array of codes", "steps crossed", "seed",
    ],
)  # fmt: skip
def test_a_wrong_switch_is_refused_and_nothing_changes(
    simulator: Simulator, faults: dict[str, Any], complaint: str
) -> None:
    before = simulator.ask("GET", "/control/faults")
    answer = simulator.call("PUT", "/control/faults", {"late": 0.5, **faults})
    assert answer.status_code == 400
    assert complaint in answer.json()["errorMessage"]
    assert simulator.ask("GET", "/control/faults") == before


def test_all_switches_go_back(simulator: Simulator) -> None:
    before = simulator.ask("GET", "/control/faults")
    simulator.switch(lost=0.5, answers={"420": 1}, batch=3, seed=99)
    assert simulator.ask("DELETE", "/control/faults") == before


def test_every_switch_says_what_it_does(simulator: Simulator) -> None:
    described = simulator.ask("GET", "/control/switches")["switches"]
    assert {each["name"] for each in described} | {"seed"} == set(simulator.ask("GET", "/control/faults"))
    assert all(each["words"].endswith(".") and each["label"] and each["group"] for each in described)
