"""Many agents at their desks, in one process: each does what `static/desk/live.js` does in a browser.

`python -m tools.bench.agents URL FILE --until SECONDS` opens the page of each agent in FILE (see desk_scene.py), says
`ready` once all their streams have begun, and prints one JSON object at that epoch second: when which message was
first in an answer that its agent had fetched, and how the fetches went.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

FIELD = re.compile(r'<input type="hidden" name="(after|after_event|v|list|standing)" value="([^"]*)">')
PLACE = re.compile(r'<div id="live"[^>]*>')
ATTRIBUTE = re.compile(r'data-(\w+)="([^"]*)"')
SAID = re.compile(r'id="text-\d+">live-(\d+)<')
WITH_LISTS = ("list", "standing")
AT_ONCE = 20  # pages that are opened at a time, while nothing is measured


class Told:
    """What all agents saw together."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self.fetches: list[float] = []
        self.statuses: dict[int, int] = {}
        self.events: dict[str, int] = {}


class Agent:
    """One page of the desk with its stream."""

    def __init__(self, client: aiohttp.ClientSession, url: str, known: dict[str, Any], told: Told) -> None:
        self.client, self.url, self.told = client, url, told
        self.page = f"{url}/desk/{known['session']}/"
        self.headers = {"Cookie": f"sessionid={known['cookie']}"}
        self.fields: dict[str, str] = {}
        self.place: dict[str, str] = {}
        self.wanted: set[str] = set()
        self.hinted = asyncio.Event()
        self.begun = asyncio.Event()

    async def open(self) -> None:
        """The page as it is loaded first."""
        async with self.client.get(self.page, headers=self.headers) as answer:
            answer.raise_for_status()
            html = await answer.text()
        self.fields.update(FIELD.findall(html))
        place = PLACE.search(html)
        self.place = dict(ATTRIBUTE.findall(place[0])) if place else {}

    async def listen(self) -> None:
        """The stream; each event is a hint to look."""
        query = {"ticket": self.place["ticket"]}
        async with self.client.get(
            self.place["stream"], params=query, headers={"Origin": self.url}
        ) as answer:
            answer.raise_for_status()
            name = ""
            async for line in answer.content:
                field, _, value = line.decode().strip().partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    self._hint(name, value)

    def _hint(self, name: str, kinds: str) -> None:
        self.told.events[name] = self.told.events.get(name, 0) + 1
        if name == "changed":
            self.wanted |= set(kinds.split())
        elif name == "beat":
            self.wanted |= {"user", "beat"}
        elif name == "catch-up":
            self.wanted |= {"user"}
        self.hinted.set()

    async def follow(self) -> None:
        """One fetch at a time; whatever is hinted meanwhile is looked for right after it."""
        while True:
            await self.hinted.wait()
            self.hinted.clear()
            wanted, self.wanted = self.wanted, set()
            await self._look(wanted)
            self.begun.set()

    async def _look(self, wanted: set[str]) -> None:
        values = {name: value for name, value in self.fields.items() if name not in WITH_LISTS}
        values["reading"] = "1"
        if wanted & {"user", "queue"}:
            values |= {name: self.fields[name] for name in WITH_LISTS}
        if "beat" in wanted:
            values["beat"] = "1"
        headers = self.headers | {"HX-Request": "true", "HX-Current-URL": self.page}
        begun = time.time()
        async with self.client.get(
            self.url + self.place["changes"], params=values, headers=headers
        ) as answer:
            html = await answer.text()
        now = time.time()
        self.told.fetches.append(now - begun)
        self.told.statuses[answer.status] = self.told.statuses.get(answer.status, 0) + 1
        self.fields.update(FIELD.findall(html))
        for number in SAID.findall(html):
            self.told.seen.setdefault(int(number), now)


async def work(url: str, known: list[dict[str, Any]], until: float) -> Told:
    told = Told()
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, connect=30)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
        agents = [Agent(client, url, one, told) for one in known]
        for begin in range(0, len(agents), AT_ONCE):
            await asyncio.gather(*(agent.open() for agent in agents[begin : begin + AT_ONCE]))
        tasks = [asyncio.create_task(step) for agent in agents for step in (agent.listen(), agent.follow())]
        await asyncio.wait_for(asyncio.gather(*(agent.begun.wait() for agent in agents)), 60)
        told.fetches, told.statuses = [], {}
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        ended, _ = await asyncio.wait(tasks, timeout=max(0, until - time.time()))
        for task in tasks:
            task.cancel()
        for task in ended:
            task.result()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.bench.agents", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("file", type=Path)
    parser.add_argument("--until", type=float, required=True, help="epoch seconds")
    options = parser.parse_args()
    told = asyncio.run(work(options.url, json.loads(options.file.read_bytes()), options.until))
    ordered = sorted(told.fetches)
    share = {f"p{n}_ms": round(1000 * ordered[int(len(ordered) * n / 100)], 1) for n in (50, 95) if ordered}
    fetched = {"n": len(ordered), "statuses": told.statuses, **share}
    sys.stdout.write(json.dumps({"seen": told.seen, "fetched": fetched, "events": told.events}))


if __name__ == "__main__":
    main()
