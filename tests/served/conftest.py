"""One served installation for all the tests here; each begins with an empty inbox."""

from collections.abc import Iterator

import pytest

from tests.served.served import Served


@pytest.fixture(scope="package")
def one_served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("served") / "var")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def served(one_served: Served) -> Served:
    one_served.forget()
    return one_served
