"""What `make run` tells its children where nobody has told it otherwise."""

from pathlib import Path

import pytest

from ucontact_wavy.run.__main__ import set_environment

PORTS = {"PORT": 8000, "PUSH_PORT": 8001, "SIMULATOR_PORT": 8099}


@pytest.mark.parametrize(
    ("given", "private"),
    [
        pytest.param({}, "127.0.0.1:8099", id="the own imitation of Wavy"),
        pytest.param({"WAVY_API_URL": "http://localhost:9000"}, "localhost:9000", id="another one here"),
        pytest.param({"WAVY_API_URL": "https://api-messaging.wavy.global"}, None, id="Wavy itself"),
        pytest.param({"WAVY_API_URL": "http://10.0.0.5:9000"}, None, id="a machine of the own network"),
        pytest.param({"MEDIA_PRIVATE_HOSTS": "files.internal"}, "files.internal", id="what is set wins"),
    ],
)
def test_files_come_from_this_machine_only_where_an_imitation_of_wavy_runs_on_it(
    given: dict[str, str], private: str | None, tmp_path: Path
) -> None:
    environ = dict(given)
    set_environment(environ, tmp_path, PORTS)
    assert environ.get("MEDIA_PRIVATE_HOSTS") == private
