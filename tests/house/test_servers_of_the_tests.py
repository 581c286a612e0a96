"""The test run's own house-keeping: separate slots, and nothing that leaves the machine."""

import os
import socket
from pathlib import Path

import pytest

from tests.servers import OutsideLoopbackError, environment, take_slot


def test_two_runs_at_once_get_different_slots(tmp_path: Path) -> None:
    assert [take_slot(tmp_path), take_slot(tmp_path)] == [1, 2]


def test_each_slot_has_its_own_database_and_redis_number(tmp_path: Path) -> None:
    found = environment(tmp_path, 7, "postgresql://ucontact@/ucontact?host=/x", "unix:///x/redis.sock?db=0")
    assert found["DATABASE_URL"] == "postgresql://ucontact@/run7?host=/x"
    assert found["REDIS_URL"] == "unix:///x/redis.sock?db=7"


@pytest.mark.parametrize("host", ["api-messaging.wavy.global", "1.1.1.1", "2606:4700:4700::1111"])
def test_reaching_for_the_outside_fails_loudly(host: str) -> None:
    with pytest.raises(OutsideLoopbackError, match="a test tried to reach"):
        socket.create_connection((host, 443), timeout=1)


def test_a_reserved_name_is_not_found() -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection(("wavy.invalid", 80), timeout=1)


def test_this_machine_may_be_reached() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        socket.create_connection(("localhost", listener.getsockname()[1]), timeout=5).close()


def test_the_settings_of_a_run_never_name_the_real_wavy() -> None:
    assert os.environ["WAVY_API_URL"].endswith(".invalid")
    assert os.environ["WAVY_TEMPLATES_URL"].endswith(".invalid")
