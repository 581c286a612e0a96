"""A simulator for the whole run, as good as new for each test, and somebody whom it can call back."""

from collections.abc import Iterator

import pytest

from tests.simulator.process import Simulator, running
from tests.simulator.receiver import Receiver


@pytest.fixture(scope="session")
def process() -> Iterator[Simulator]:
    with running() as started:
        yield started


@pytest.fixture
def simulator(process: Simulator) -> Simulator:
    process.ask("POST", "/control/reset", {"faults": True, "callbacks": True})
    process.ask("PUT", "/control/accounts", {"accounts": {}})
    return process


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    yield started
    started.close()


@pytest.fixture
def called(simulator: Simulator, receiver: Receiver) -> Receiver:
    """The receiver, with its URLs given to the simulator; calls of one kind come one after another."""
    simulator.switch(connections=1)
    urls = {"message_url": f"{receiver.url}/message?token=m", "status_url": f"{receiver.url}/status?token=s"}
    simulator.ask("PUT", "/control/callbacks", urls)
    return receiver
