"""Which tests the workers of one run (`-n 2`) may do at once, and in which order.

A file stays together. All files that talk to a whole installation stay in one worker, which begins with them: they
share it, wait much and compute little, and none of them judges an installation while another takes the machine.
"""

from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

WHOLE = "whole installations"
TALK_TO_ONE = ("from tools.installation import", "from tools.chaos.", "from tests.served.")


@cache
def group_of(file: str) -> str:
    """The group of a test file: what its tests talk to, which its imports tell, else the file alone."""
    text = Path(file).read_text()
    return WHOLE if any(module in text for module in TALK_TO_ONE) else file


class Spreading(LoadScopeScheduling):
    """Hands each worker a group at a time, in the order of the tests."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(str(self.config.rootpath / nodeid.partition("::")[0]))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spreading:
    config.option.loadscopereorder = False
    return Spreading(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    yield
    items.sort(key=lambda item: group_of(str(item.path)) != WHOLE)
