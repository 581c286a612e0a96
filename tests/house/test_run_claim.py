"""`make run` makes sure of VAR_DIR and the ports before it starts anything."""

import os
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ucontact_wavy import secret_file
from ucontact_wavy.embedded.processes import find
from ucontact_wavy.run.child import MARK
from ucontact_wavy.run.claim import claim, end_leftovers, ports
from ucontact_wavy.run.errors import RunError
from ucontact_wavy.secret_file import MissingSecretError

Start = Callable[..., subprocess.Popen[str]]
RUN = ("-m", "ucontact_wavy.run")


@pytest.fixture
def taken_port() -> Iterator[str]:
    """A port that something listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


def test_a_second_start_on_the_same_var_dir_names_the_first(tmp_path: Path, start: Start) -> None:
    descriptor = claim(tmp_path)
    second = start(*RUN, VAR_DIR=str(tmp_path), MAKELEVEL="")
    _, errors = second.communicate(timeout=60)
    os.close(descriptor)
    assert second.returncode == 1
    assert errors == (
        f"make run: Already running on {tmp_path}, as process {os.getpid()}. Stop that one, or set VAR_DIR.\n"
    )


def test_the_claim_of_a_process_that_ended_is_free(tmp_path: Path) -> None:
    os.close(claim(tmp_path))
    os.close(claim(tmp_path))


def test_a_taken_port_is_an_error_before_anything_starts(
    tmp_path: Path, start: Start, taken_port: str
) -> None:
    run = start(*RUN, VAR_DIR=str(tmp_path), PORT=taken_port, MAKELEVEL="")
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 1
    assert errors == (
        f"make run: Port {taken_port} cannot be had (Address already in use). Set PORT to a free one.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["run.lock"]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        pytest.param({"PORT": "http"}, "PORT=http is not a port", id="a word"),
        pytest.param({"PORT": "70000"}, "PORT=70000 is not a port", id="too high"),
        pytest.param({"SIMULATOR_PORT": "0"}, "SIMULATOR_PORT=0 is not a port", id="zero"),
        pytest.param({"PORT": "21777", "SIMULATOR_PORT": "21777"}, "is used twice", id="the same twice"),
    ],
)
def test_a_port_that_cannot_be_is_an_error(environ: dict[str, str], message: str) -> None:
    free = {"PORT": "21778", "PUSH_PORT": "21780", "SIMULATOR_PORT": "21779"}
    with pytest.raises(RunError, match=message):
        ports({**free, **environ})


def test_what_a_killed_run_left_is_ended_and_another_runs_processes_are_not(
    tmp_path: Path, start: Start
) -> None:
    left = start("-c", "input()", VAR_DIR=str(tmp_path), **{MARK: "web"})
    other = start("-c", "input()", VAR_DIR=str(tmp_path / "other"), **{MARK: "web"})
    command = start("-c", "input()", VAR_DIR=str(tmp_path))
    end_leftovers(tmp_path)
    assert left.wait(timeout=10) < 0
    assert [process.poll() for process in (other, command)] == [None, None]
    assert find(other.pid) is not None


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    made = secret_file.create(tmp_path, {})
    assert made.keys() == {"SECRET_KEY", "FIELD_KEYS"}
    assert secret_file.create(tmp_path, {}) == secret_file.load(tmp_path) == made
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_a_secret_of_the_environment_is_not_kept(tmp_path: Path) -> None:
    made = secret_file.create(tmp_path, {"SECRET_KEY": "from elsewhere"})
    assert made.keys() == {"FIELD_KEYS"}
    assert "from elsewhere" not in (tmp_path / "secrets.env").read_text()


def test_a_missing_secret_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        MissingSecretError, match=r"^FIELD_KEYS is not set, and not in .*secrets\.env\. Run `make"
    ):
        secret_file.require({"SECRET_KEY": "set"}, tmp_path)


def test_a_command_without_secrets_ends_with_one_clear_line(tmp_path: Path, start: Start) -> None:
    command = start("manage.py", "check", VAR_DIR=str(tmp_path / "var"), SECRET_KEY="", FIELD_KEYS="")
    output, errors = command.communicate(timeout=60)
    assert command.returncode == 1
    assert errors.startswith("manage.py: SECRET_KEY and FIELD_KEYS are not set, and not in ")
    assert (errors.count("\n"), output) == (1, "")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("arguments", [("help",), ("--version",), ("check", "--help")], ids=" ".join)
def test_help_needs_neither_secrets_nor_servers(
    tmp_path: Path, start: Start, arguments: tuple[str, ...]
) -> None:
    unset = dict.fromkeys(("SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "REDIS_URL"), "")
    command = start("manage.py", *arguments, VAR_DIR=str(tmp_path / "var"), **unset)
    command.communicate(timeout=60)
    assert command.returncode == 0
    assert not (tmp_path / "var").exists()
