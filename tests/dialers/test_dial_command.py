"""manage.py dial: exit codes, the one JSON object, and errors that say what to do."""

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dialers.dispatch import dispatch, look_round
from dialers.loading import being_loaded, load
from dialers.management.commands import dial
from dialers.models import Base, BaseState, Dialer
from providers import ledger
from providers.locks import Lock, advisory_lock
from providers.models import Message
from providers.states import State
from tests.dialers.files import ADDRESS, hsm_lines
from tests.dialers.wavy import Reply, Wavy, accept
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


class Worker:
    """Loads and sends in a thread of its own, as beat and a worker do; reads what was accepted, if asked to."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.customers_read = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        try:
            while not self.stop.wait(0.02):
                for base_id in Base.objects.filter(state=BaseState.LOADING).values_list("id", flat=True):
                    load(base_id)
                for base_id in look_round(NOW):
                    dispatch(base_id, lambda: NOW)
                if self.customers_read:
                    accepted = Message.objects.filter(state=State.ACCEPTED).values_list("id", flat=True)
                    ledger.move(ledger.Move(key, State.READ, {"read_at": NOW}) for key in accepted)
        finally:
            connection.close()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(dial, "POLL", 0.02)
    worker = Worker()
    yield worker
    worker.end()


@pytest.fixture
def base_file(tmp_path: Path) -> Path:
    path = tmp_path / "monday.csv"
    path.write_text("\n".join(hsm_lines(20)))
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one line on standard output, decoded."""
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert isinstance(answer, dict)
    return answer


def test_a_base_at_its_end_prints_its_tally_and_exits_with_0(
    wavy: Wavy, dialer: Dialer, worker: Worker, base_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("dial", "WavyDialer", str(base_file), settle=0)
    answer = printed(capsys)
    tally = answer.pop("tally")
    assert answer == {
        "id": Base.objects.get().pk,
        "dialer": dialer.pk,
        "name": "monday.csv",
        "state": "finished",
        "lines": 20,
        "valid": 20,
        "invalid": 0,
    }
    assert {key: n for key, n in tally.items() if n} == {"accepted": 20}
    assert set(tally) == {
        *("pending", "queued", "submitting", "uncertain", "accepted", "refused", "sent"),
        *("expired", "failed", "delivered", "read", "skipped", "replied"),
    }
    assert set(wavy.times_reached.values()) == {1}


def test_it_waits_for_what_the_customers_phones_report(
    wavy: Wavy, dialer: Dialer, worker: Worker, base_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker.customers_read = True
    call_command("dial", "WavyDialer", str(base_file), settle=30)
    assert printed(capsys)["tally"]["read"] == 20


def test_an_unconfirmed_row_exits_with_1(
    wavy: Wavy, dialer: Dialer, worker: Worker, base_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_one(body: dict[str, Any]) -> Reply:
        rest = [one for one in body["destinations"] if one["destination"] != str(ADDRESS + 7)]
        return accept({**body, "destinations": rest})

    wavy.behave = without_one
    with pytest.raises(SystemExit) as ended:
        call_command("dial", "WavyDialer", str(base_file), settle=0)
    assert ended.value.code == 1
    assert {key: n for key, n in printed(capsys)["tally"].items() if n} == {"accepted": 19, "uncertain": 1}


def test_a_base_without_a_good_line_prints_its_counts_and_the_reasons(
    dialer: Dialer, worker: Worker, base_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base_file.write_text("nonsense\nOther;59899123456;hsm:welcome;1\n")
    with pytest.raises(CommandError, match="No line is good"):
        call_command("dial", "WavyDialer", str(base_file), settle=0)
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert (answer["state"], answer["lines"], answer["valid"], answer["invalid"]) == ("failed", 2, 0, 2)
    assert "line 1: 1 column instead" in captured.err
    assert "line 2: The first column names “Other”" in captured.err


def test_an_unknown_dialer_names_those_there_are(dialer: Dialer, base_file: Path) -> None:
    with pytest.raises(CommandError, match=r"no dialer “Nobody”\. There are: WavyDialer"):
        call_command("dial", "Nobody", str(base_file))


@pytest.mark.parametrize(
    ("make", "part"),
    [
        pytest.param(lambda path: None, "cannot be read: No such file", id="missing"),
        pytest.param(lambda path: path.mkdir(), "cannot be read: Is a directory", id="a folder"),
        pytest.param(lambda path: path.write_bytes(b"PK\x03\x04"), "not text", id="a workbook"),
        pytest.param(lambda path: path.write_bytes(b""), "file is empty", id="empty"),
    ],
)
def test_a_file_that_will_not_do_says_why(dialer: Dialer, tmp_path: Path, make: Any, part: str) -> None:
    make(tmp_path / "base")
    with pytest.raises(CommandError, match=part):
        call_command("dial", "WavyDialer", str(tmp_path / "base"))
    assert not Base.objects.exists()


def test_a_disabled_dialer_says_what_to_do(dialer: Dialer, worker: Worker, base_file: Path) -> None:
    Dialer.objects.update(enabled=False)
    with pytest.raises(CommandError, match="Enable it first"):
        call_command("dial", "WavyDialer", str(base_file))


def test_without_a_worker_it_says_so(
    dialer: Dialer, base_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial, "HINT_AFTER", 0)
    monkeypatch.setattr(dial, "LOADER_PATIENCE", 0)
    monkeypatch.setattr(dial, "POLL", 0.01)
    said = io.StringIO()
    with pytest.raises(CommandError, match="No worker has loaded the base"):
        call_command("dial", "WavyDialer", str(base_file), stderr=said)
    assert "Waiting for a worker" in said.getvalue()


def test_a_loader_that_takes_its_time_is_no_missing_worker(dialer: Dialer) -> None:
    assert not being_loaded(1)
    at_work, done = threading.Event(), threading.Event()

    def loader() -> None:
        with advisory_lock(Lock.IMPORT, 1):
            at_work.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=loader)
    thread.start()
    assert at_work.wait(10)
    seen = being_loaded(1)
    done.set()
    thread.join(10)
    assert seen
    assert not being_loaded(1)
