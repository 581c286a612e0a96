"""The first baseline: the same bodies from a bare client loop, without a database, 64 requests in flight."""

import asyncio
import uuid
from collections.abc import Iterator

import aiohttp

from providers.drivers.base import Account, Hsm, Recipient, Request
from providers.drivers.wavy_whatsapp import WavyWhatsapp
from tools.bench.stage import FIRST_NUMBER

IN_FLIGHT = 64


def bodies(url: str, count: int) -> list[Request]:
    """The requests that the product would make of `stage.distinct(count)`."""
    driver = WavyWhatsapp()
    account = Account(url, "5511900000001", "demo", "demo-token", "whatsapp:hsm:demo:wavy")
    return [
        driver.build(
            account,
            [Hsm("chatclub_open_session_v2", "en", ("Integra", f"Operation {n} performed"))],
            [Recipient(str(FIRST_NUMBER + n), str(uuid.uuid4()))],
        )
        for n in range(count)
    ]


def send(requests: list[Request]) -> None:
    """Posts them all, in order; raises aiohttp.ClientError when one is not answered 200."""
    asyncio.run(_send(iter(requests)))


async def _send(requests: Iterator[Request]) -> None:
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    jar = aiohttp.DummyCookieJar()
    async with (
        aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(IN_FLIGHT):
            group.create_task(_one_after_another(session, requests))


async def _one_after_another(session: aiohttp.ClientSession, requests: Iterator[Request]) -> None:
    for request in requests:
        async with session.post(request.url, data=request.body, headers=request.headers) as answer:
            answer.raise_for_status()
            await answer.json()
