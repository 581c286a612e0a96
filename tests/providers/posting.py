"""Callbacks posted as Wavy does: on the guide's two paths, with a token or without."""

import base64
from typing import Any
from urllib.parse import quote

from django.test import Client

from tests.providers.scenes import TOKEN

STATUS = "/Integra/resources/Wavy/status"
MESSAGE = "/Integra/resources/Wavy/message"
LIMIT = 10 * 1024 * 1024


def post(client: Client, path: str, body: bytes, token: str | None = TOKEN, **headers: Any) -> Any:
    url = path if token is None else f"{path}?token={quote(token)}"
    return client.post(url, body, content_type="application/json", **headers)


def basic(password: str, user: str = "wavy") -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
