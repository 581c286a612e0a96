"""What the OpenAPI schema says beside what the views tell: every operation may answer a problem document."""

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `detail` is a sentence for people, `code` a word for programs.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "Sentences by field, where the input is at fault.",
            "additionalProperties": True,
        },
    },
}
ANSWER = {
    "description": "Why it cannot be: 400, 401, 403, 404, 405, 409, 413, 415 or 503.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = ANSWER
    return result
