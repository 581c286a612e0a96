"""Bases through the API: upload, tally, acts, error report, unconfirmed messages."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from dialers.loading import load
from dialers.models import Base, BaseState, Dialer
from providers.models import Message, Provider
from providers.states import TALLY_KEYS, State
from tests.api.conftest import API, Problem
from tests.factories import NOW, make_base, make_contact, make_dialer, make_template, outgoing

STATES = [key for key in TALLY_KEYS.values() if key != "replied"]
FILE = (
    b"WavyDialer;59899123401;Hello;1\n"
    b"WavyDialer;59899123402;Hello;1\n"
    b"Another;59899123403;Hello;1\n"
    b"WavyDialer;59899123404;Hello;1\n"
)


@pytest.fixture
def dialer(provider: Provider, tmp_path: Path, settings: Any) -> Dialer:
    settings.MEDIA_ROOT = tmp_path
    return make_dialer(provider)


@pytest.fixture
def loaded(dialer: Dialer, as_operator: APIClient) -> int:
    """The id of a base of three valid lines and an invalid one, loaded."""
    base_id: int = upload(as_operator, dialer).json()["id"]
    load(base_id)
    return base_id


def upload(client: APIClient, dialer: Dialer, content: bytes = FILE, name: str = "monday.csv") -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(f"{API}dialers/{dialer.pk}/bases/", {"file": file}, format="multipart")


def check_sums(document: dict[str, Any]) -> None:
    assert sum(document["tally"][state] for state in STATES) == document["valid"]
    assert document["valid"] + document["invalid"] == document["lines"]


def test_an_upload_is_accepted_and_shows_every_key_at_once(as_operator: APIClient, dialer: Dialer) -> None:
    response = upload(as_operator, dialer)
    document = response.json()
    assert response.status_code == 202
    assert (document["state"], document["name"], document["dialer"]) == ("loading", "monday.csv", dialer.pk)
    assert document["tally"] == dict.fromkeys(TALLY_KEYS.values(), 0)
    assert document == as_operator.get(f"{API}bases/{document['id']}/").json()
    check_sums(document)


def test_a_loaded_base_counts_its_lines(as_operator: APIClient, loaded: int) -> None:
    document = as_operator.get(f"{API}bases/{loaded}/").json()
    assert (document["state"], document["lines"], document["valid"], document["invalid"]) == (
        "ready",
        4,
        3,
        1,
    )
    assert (document["tally"]["pending"], document["waiting_for"]) == (3, None)
    check_sums(document)


def test_a_base_is_read_in_one_statement_so_that_its_sums_hold(
    as_operator: APIClient, loaded: int, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4) as captured:  # the token, permissions (2), the base with its tally
        as_operator.get(f"{API}bases/{loaded}/")
    assert sum("tally" in query["sql"] for query in captured.captured_queries) == 1


def test_a_base_is_listed_with_its_dialer_and_by_it(
    as_operator: APIClient, loaded: int, dialer: Dialer
) -> None:
    document = as_operator.get(f"{API}bases/{loaded}/").json()
    for path in (f"dialers/{dialer.pk}/bases/", f"bases/?dialer={dialer.pk}", "bases/?state=ready"):
        assert as_operator.get(API + path).json()["results"] == [document]
    assert as_operator.get(f"{API}bases/?state=running").json()["results"] == []


def test_a_base_is_started_paused_resumed_and_cancelled(as_operator: APIClient, loaded: int) -> None:
    states = []
    for act in ("start", "pause", "start", "cancel"):
        response = as_operator.post(f"{API}bases/{loaded}/{act}/")
        assert response.status_code == 200
        check_sums(response.json())
        states.append(response.json()["state"])
    assert states == ["running", "paused", "running", "cancelled"]
    assert response.json()["tally"]["skipped"] == 3


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("loading", "start"),
        ("ready", "pause"),
        ("finished", "cancel"),
        ("cancelled", "start"),
        ("failed", "start"),
    ],
)
def test_an_act_that_cannot_be_says_why(
    state: str, act: str, dialer: Dialer, as_operator: APIClient, problem: Problem
) -> None:
    base = make_base(dialer, state=state)
    document = problem(as_operator.post(f"{API}bases/{base.pk}/{act}/"), 409, "not_ready")
    assert state in document["detail"]


def test_a_dialer_that_is_not_enabled_starts_nothing(
    as_operator: APIClient, dialer: Dialer, loaded: int, problem: Problem
) -> None:
    Dialer.objects.update(enabled=False)
    problem(as_operator.post(f"{API}bases/{loaded}/start/"), 409, "dialer_disabled")
    problem(as_operator.post(f"{API}dialers/{dialer.pk}/start/"), 409, "dialer_disabled")


def test_a_dialers_acts_are_those_of_its_bases(as_operator: APIClient, dialer: Dialer, loaded: int) -> None:
    seen = []
    for act in ("start", "pause", "start", "stop"):
        document = as_operator.post(f"{API}dialers/{dialer.pk}/{act}/").json()
        seen.append((document["state"], as_operator.get(f"{API}bases/{loaded}/").json()["state"]))
    assert seen == [
        ("running", "running"),
        ("paused", "paused"),
        ("running", "running"),
        ("idle", "cancelled"),
    ]
    assert document["tally"]["skipped"] == 3


def test_a_dialer_with_nothing_to_do_says_so(
    as_operator: APIClient, dialer: Dialer, problem: Problem
) -> None:
    for act in ("start", "pause", "stop"):
        problem(as_operator.post(f"{API}dialers/{dialer.pk}/{act}/"), 409, "nothing_to_do")


@pytest.mark.parametrize("language", ["en", "es", "pt-br"])
def test_the_error_report_is_csv_with_line_reason_and_text(
    as_operator: APIClient, loaded: int, language: str
) -> None:
    response: Any = as_operator.get(
        f"{API}bases/{loaded}/errors/", HTTP_ACCEPT="text/csv", HTTP_ACCEPT_LANGUAGE=language
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "monday-errors.csv" in response["Content-Disposition"]
    header, line = b"".join(response.streaming_content).decode().splitlines()
    assert header == "line;reason;text"
    assert line.startswith("3;")
    assert "Another;59899123403;Hello;1" in line


def test_a_ready_base_may_be_discarded_and_a_running_one_not(
    as_operator: APIClient, dialer: Dialer, loaded: int, problem: Problem
) -> None:
    running = make_base(dialer, state=BaseState.RUNNING)
    problem(as_operator.delete(f"{API}bases/{running.pk}/"), 409, "not_ready")
    assert as_operator.delete(f"{API}bases/{loaded}/").status_code == 204
    assert as_operator.get(f"{API}bases/{loaded}/").status_code == 404


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        pytest.param({}, 400, "invalid", id="no file"),
        pytest.param({"file": "text"}, 400, "invalid", id="text instead of a file"),
        pytest.param({"file": SimpleUploadedFile("a.csv", b"")}, 400, "invalid", id="an empty file"),
        pytest.param(
            {"file": SimpleUploadedFile("a.png", b"\x89PNG\0\0\0")}, 400, "not_text", id="a picture"
        ),
    ],
)
def test_what_is_no_base_is_refused(
    files: dict[str, Any], status: int, code: str, as_operator: APIClient, dialer: Dialer, problem: Problem
) -> None:
    problem(as_operator.post(f"{API}dialers/{dialer.pk}/bases/", files, format="multipart"), status, code)
    assert not Base.objects.exists()


def test_an_upload_is_multipart(as_operator: APIClient, dialer: Dialer, problem: Problem) -> None:
    response = as_operator.post(f"{API}dialers/{dialer.pk}/bases/", {"file": "x"}, format="json")
    problem(response, 415, "unsupported_media_type")


def test_unconfirmed_messages_are_listed_and_settled_by_the_operator(
    as_operator: APIClient, dialer: Dialer, problem: Problem
) -> None:
    base = make_base(dialer, state=BaseState.FINISHED, lines=3, valid=3)
    first, second, third = (
        outgoing(make_contact(dialer.provider, f"5989912340{i}"), base=base) for i in range(3)
    )
    for message in (first, second):
        message.state, message.uncertain_at = State.UNCERTAIN, NOW
        message.save()
    listed = as_operator.get(f"{API}bases/{base.pk}/uncertain/").json()
    assert [row["id"] for row in listed["results"]] == [second.pk, first.pk]
    taken = as_operator.post(f"{API}messages/{first.pk}/take-as-sent/").json()
    assert (taken["id"], taken["state"]) == (first.pk, "accepted")
    again = as_operator.post(f"{API}messages/{second.pk}/send-again/").json()
    assert (again["state"], again["batch"], again["contact"]) == ("queued", base.pk, "59899123401")
    assert again["id"] not in (first.pk, second.pk, third.pk)
    assert as_operator.get(f"{API}bases/{base.pk}/uncertain/").json()["results"] == []
    problem(as_operator.post(f"{API}messages/{second.pk}/send-again/"), 409, "not_uncertain")
    problem(as_operator.post(f"{API}messages/{third.pk}/take-as-sent/"), 409, "not_uncertain")


@pytest.mark.parametrize("line", [{"line": 1}, {}, {"line": None}], ids=["a line", "none named", "null"])
def test_a_line_is_test_sent_beside_the_base(
    as_operator: APIClient, operator: User, dialer: Dialer, loaded: int, line: Any
) -> None:
    make_contact(dialer.provider, "59899000111", last_incoming_at=timezone.now())
    before = as_operator.get(f"{API}bases/{loaded}/").json()
    response = as_operator.post(f"{API}bases/{loaded}/test-send/", {"to": "+598 99 000 111", **line})

    document = response.json()
    assert (response.status_code, document["state"], document["batch"]) == (201, "queued", None)
    assert Message.objects.get().author == operator
    assert as_operator.get(f"{API}bases/{loaded}/").json() == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"to": "59899000111"}, 409, "window_closed", id="free text without a window"),
        pytest.param({"to": "59899000111", "line": 3}, 400, "no_such_line", id="an invalid line"),
        pytest.param({"to": "nobody"}, 400, "number_characters", id="no number"),
    ],
)
def test_a_test_send_that_cannot_be_says_why(
    as_operator: APIClient, loaded: int, problem: Problem, body: Any, status: int, code: str
) -> None:
    problem(as_operator.post(f"{API}bases/{loaded}/test-send/", body), status, code)
    assert not Message.objects.exists()


def test_template_and_columns_are_chosen_through_the_api(
    as_operator: APIClient, provider: Provider, dialer: Dialer, problem: Problem
) -> None:
    make_template(provider, "notice", "Dear {{1}}")
    base = upload(as_operator, dialer, b"nombre;cel cliente;saldo\nAna;59899123456;10\n").json()["id"]
    load(base)
    told = as_operator.get(f"{API}bases/{base}/").json()
    assert (told["state"], told["needs_mapping"]) == ("failed", True)
    assert told["header"] == ["nombre", "cel cliente", "saldo"]

    wrong = {"template": "notice", "destination": "celular", "parameters": ["nombre"]}
    problem(as_operator.post(f"{API}bases/{base}/mapping/", wrong, format="json"), 400, "mapping_column")
    right = wrong | {"destination": "cel cliente"}
    answer = as_operator.post(f"{API}bases/{base}/mapping/", right, format="json")
    assert (answer.status_code, answer.json()["state"]) == (202, "loading")
    load(base)
    told = as_operator.get(f"{API}bases/{base}/").json()
    assert (told["state"], told["valid"], told["mapping"]["template"]) == ("ready", 1, "notice")
