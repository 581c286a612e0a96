"""The OpenAPI schema: complete, valid, and served with its page."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

CALLS = {
    **dict.fromkeys(("providers", "templates", "campaigns", "members", "dialers", "do-not-call"), "get post"),
    **dict.fromkeys(
        (
            f"{name}/{{id}}"
            for name in ("providers", "templates", "campaigns", "members", "dialers", "do-not-call")
        ),
        "get patch delete",
    ),
    "dialers/{id}/bases": "get post",
    **dict.fromkeys((f"dialers/{{id}}/{act}" for act in ("start", "pause", "stop")), "post"),
    "bases/{id}": "get patch delete",
    **dict.fromkeys(
        (f"bases/{{id}}/{act}" for act in ("start", "pause", "cancel", "test-send", "lift-cap")), "post"
    ),
    **dict.fromkeys((f"bases/{{id}}/{part}" for part in ("errors", "uncertain")), "get"),
    "messages": "get post",
    "messages/{id}": "get",
    "messages/{id}/media": "get",
    **dict.fromkeys((f"messages/{{id}}/{act}" for act in ("send-again", "take-as-sent")), "post"),
    "sessions": "get post",
    "sessions/{id}": "get",
    **dict.fromkeys((f"sessions/{{id}}/{act}" for act in ("take", "messages", "transfer", "close")), "post"),
    **dict.fromkeys((f"presence/{act}" for act in ("pause", "resume")), "post"),
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    generator: Any = SchemaGenerator
    document: dict[str, Any] = generator().get_schema(public=True)
    return document


def test_the_schema_is_valid_and_made_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


@pytest.mark.parametrize("path", CALLS)
def test_the_schema_holds_every_call_of_the_contract(path: str, schema: dict[str, Any]) -> None:
    assert schema["paths"][f"/api/v1/{path}/"].keys() == set(CALLS[path].split())


def test_every_operation_is_described_and_may_answer_a_problem(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("description"), (method, path)
            assert "application/problem+json" in operation["responses"]["default"]["content"], (method, path)


def test_a_password_is_in_no_answer(schema: dict[str, Any]) -> None:
    assert schema["components"]["schemas"]["Provider"]["properties"]["password"]["writeOnly"] is True


def test_the_docs_page_asks_no_other_host(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/swagger-ui" in page
    assert "//cdn" not in page
    assert "https://" not in page


def test_the_schema_is_served(client: Client) -> None:
    assert client.get("/api/schema/").status_code == 200
