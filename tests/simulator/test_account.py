"""Templates, lists and sessions of the account."""

from typing import Any

import pytest

from tests.simulator.process import HEADERS, MARIA, Simulator

TEMPLATES = "/api/v1/whatsapp_message_templates"


def templates(simulator: Simulator, query: str = "") -> dict[str, Any]:
    answer = simulator.call("GET", TEMPLATES + query, headers=HEADERS)
    assert answer.status_code == 200
    return {entry["element_name"]: entry for entry in answer.json()["data"]}


def test_templates_are_listed_with_their_languages(simulator: Simulator) -> None:
    entry = templates(simulator)["chatclub_open_session_v2"]
    assert entry["languages"] == ["es", "en"]
    message = entry["messages"][0]
    assert (message["language"], message["status"]) == ("es", "approved")
    assert message["text"] == "{{1}} reports:\n{{2}}"
    assert len(message["placeholders"]) == 2


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("appointment_reminder", "approved"),
        ("last_call_offer", "disapproved"),
        ("delivery_on_its_way", "in_analysis"),
    ],
    ids=["approved", "disapproved", "in analysis"],
)
def test_each_language_has_its_state(simulator: Simulator, name: str, status: str) -> None:
    assert {message["status"] for message in templates(simulator)[name]["messages"]} == {status}


def test_templates_come_in_pages(simulator: Simulator) -> None:
    names = list(templates(simulator))
    assert list(templates(simulator, "?page=2&page_size=2")) == names[2:4]
    assert templates(simulator, "?page=99&page_size=2") == {}


def test_a_template_can_be_added(simulator: Simulator) -> None:
    texts = {"pt_BR": "Olá {{1}}"}
    simulator.ask(
        "PUT", "/control/templates", {"element_name": "ola", "texts": texts, "status": "in_analysis"}
    )
    message = templates(simulator)["ola"]["messages"][0]
    assert (message["language"], message["text"], message["status"]) == ("pt_BR", "Olá {{1}}", "in_analysis")


@pytest.mark.parametrize(
    "path", [TEMPLATES, "/v1/list/OPTOUT", "/v1/session"], ids=["templates", "lists", "sessions"]
)
def test_the_account_asks_who_is_there(simulator: Simulator, path: str) -> None:
    assert simulator.call("GET", path).status_code == 401
    assert simulator.call("GET", path, headers=HEADERS).status_code == 200


def test_the_template_list_can_be_away(simulator: Simulator) -> None:
    simulator.switch(templates_down=True)
    assert simulator.call("GET", TEMPLATES, headers=HEADERS).status_code == 503


@pytest.mark.parametrize("name", ["OPTIN", "OPTOUT", "BLACKLIST", "WHITELIST"])
def test_a_list_is_a_csv_file_behind_a_link(simulator: Simulator, name: str) -> None:
    simulator.ask("PUT", f"/control/lists/{name}", {"numbers": ["+55 (11) 91000-0001"]})
    answer = simulator.call("GET", f"/v1/list/{name}?customerId=42&subAccountId=1291", headers=HEADERS).json()
    assert answer["success"] is True
    lines = simulator.http.get(answer["data"], timeout=5).text.splitlines()
    assert lines[0] == "source,createdAt"
    assert lines[1].startswith(f"{MARIA},20")
    assert len(lines) == 2


def test_an_unknown_list_is_not_found(simulator: Simulator) -> None:
    assert simulator.call("GET", "/v1/list/FRIENDS", headers=HEADERS).status_code == 404


def test_open_sessions_are_a_csv_file_behind_a_link(simulator: Simulator) -> None:
    simulator.say("Hello")
    simulator.send("5511910000002")
    simulator.flush()
    url = simulator.call("GET", "/v1/session?customerId=42&subAccountId=1291", headers=HEADERS).json()[
        "file_url"
    ]
    lines = simulator.http.get(url, timeout=5).text.splitlines()
    assert lines[0] == "source,session_created_at"
    assert [line.split(",")[0] for line in lines[1:]] == [MARIA]
