"""One HTTP request out, for callbacks; plain asyncio, so that it can be cancelled at any moment."""

from __future__ import annotations

import asyncio
import base64
import ssl
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from simulator.wire import BadRequestError

MAX_ANSWER = 64 * 1024


class CallFailedError(OSError):
    """No answer that could be read came back."""


def check_url(url: str) -> str:
    """The URL, or `BadRequestError` when it is no http(s) URL; empty stays empty and means: call nobody."""
    try:
        parts = urlsplit(url)
        usable = not url or (parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError as error:
        raise BadRequestError(f"{url!r} cannot be read as a URL: {error}") from error
    if not usable:
        raise BadRequestError(f"{url!r} is no http or https URL.")
    return url


def _head(method: str, parts: SplitResult, length: int) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: Wavy-Simulator",
        "Connection: close",
    ]
    if parts.password is not None:
        pair = f"{unquote(parts.username or '')}:{unquote(parts.password)}"
        lines.append(f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    if method == "POST":
        lines += ["Content-Type: application/json;charset=UTF-8", f"Content-Length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _exchange(method: str, url: str, body: bytes, slow: float) -> int:
    parts = urlsplit(url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure)
    try:
        half = len(body) // 2 if slow else 0
        writer.write(_head(method, parts, len(body)) + body[:half])
        if slow:
            await writer.drain()
            await asyncio.sleep(slow)
        writer.write(body[half:])
        await writer.drain()
        answer = await reader.read(MAX_ANSWER)
        while answer and b"\r\n\r\n" not in answer and len(answer) < MAX_ANSWER:
            more = await reader.read(MAX_ANSWER)
            if not more:
                break
            answer += more
    finally:
        writer.close()
    words = answer.split(b"\r\n", 1)[0].split(b" ")
    if len(words) < 2 or not words[1].isdigit():
        raise CallFailedError("the answer is not HTTP")
    return int(words[1])


async def call(
    method: Literal["POST", "GET"], url: str, body: bytes, *, timeout_s: float, slow_s: float = 0.0
) -> int:
    """The status of the answer; raises `OSError` (`TimeoutError` included) when none came within `timeout_s`."""
    async with asyncio.timeout(timeout_s + slow_s):
        return await _exchange(method, url, body, slow_s)
