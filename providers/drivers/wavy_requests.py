"""Writes a request to Wavy: the two headers, the body as JSON."""

from __future__ import annotations

import json
from typing import Any

import orjson

from providers.drivers.base import Account, Request


def account_headers(account: Account) -> dict[str, str]:
    """User name and token; files that customers sent may ask for them too."""
    return {"UserName": account.username, "AuthenticationToken": account.password}


def post(account: Account, path: str, body: dict[str, Any]) -> Request:
    """A POST of `body` to a path below the account's address. Lone surrogates become question marks."""
    return Request(
        method="POST",
        url=account.base_url.rstrip("/") + path,
        headers={
            **account_headers(account),
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
        },
        body=_encoded(body),
        secrets=(account.password,),
    )


def get(account: Account, base_url: str, path: str) -> Request:
    """A GET of a path below an address of Wavy's."""
    return Request(
        method="GET",
        url=base_url.rstrip("/") + path,
        headers={**account_headers(account), "Accept": "application/json"},
        body=b"",
        secrets=(account.password,),
    )


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # half a surrogate pair, which UTF-8 has no bytes for
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
