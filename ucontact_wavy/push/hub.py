"""Between Redis and the streams: one subscription for all of them, and who hears what."""

import asyncio
from collections import defaultdict

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from providers.streams import EVERYBODY, kind_of
from ucontact_wavy.push.stream import CATCH_UP, DEAF, Stream

log = structlog.get_logger(__name__)
QUIET_SECONDS = 5.0  # without a word from Redis; then it is asked, and given up after as long again
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
# So many pages a second may come and look at what all of them heard at once.
LOOKS_A_SECOND = 50


class SilentError(RedisError):
    """Redis does not answer."""


class Hub:
    """The streams of this process. Everything happens in one event loop."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0))
        self._streams: dict[str, set[Stream]] = defaultdict(set)
        self._all: set[Stream] = set()
        self._asked: set[str] = set()  # channels that Redis was asked for
        self._heard: set[str] = set()  # and those that it confirmed
        self._wanted = asyncio.Event()
        self._hearing = False

    def __len__(self) -> int:
        return len(self._all)

    def add(self, stream: Stream) -> None:
        """It is told to catch up as soon as it hears everything; from then on nothing escapes it."""
        self._all.add(stream)
        for channel in stream.channels:
            self._streams[channel].add(stream)
        stream.unheard = set(stream.channels - self._heard)
        if not stream.unheard:
            stream.tell(CATCH_UP)
        elif not self._hearing:
            stream.deaf = True
            stream.tell(DEAF)
        self._wanted.set()

    def remove(self, stream: Stream) -> None:
        """It hears nothing any more."""
        stream.close()
        self._all.discard(stream)
        for channel in stream.channels:
            self._streams[channel].discard(stream)
            if not self._streams[channel]:
                del self._streams[channel]
        self._wanted.set()

    async def run(self) -> None:
        """Listens for ever; whenever Redis was away, all streams are told to catch up."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(EVERYBODY)
                    self._hearing, pause = True, FIRST_PAUSE_SECONDS
                    await self._together(pubsub)
            except (RedisError, OSError) as error:
                log.warning("push_deaf", error=type(error).__name__, streams=len(self))
            if self._hearing:
                self._deafen()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _together(self, pubsub: PubSub) -> None:
        """Asks and listens until one of the two fails."""
        asking = asyncio.ensure_future(self._ask(pubsub))
        listening = asyncio.ensure_future(self._listen(pubsub))
        try:
            await asyncio.wait({asking, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (asking, listening):
                task.cancel()
            results = await asyncio.gather(asking, listening, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result

    async def _ask(self, pubsub: PubSub) -> None:
        """Keeps what is subscribed to what the streams want."""
        self._wanted.set()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            wanted = set(self._streams)
            new, gone = wanted - self._asked, self._asked - wanted
            self._asked = wanted
            self._heard -= gone
            if new:
                await pubsub.subscribe(*new)
            if gone:
                await pubsub.unsubscribe(*gone)

    async def _listen(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=QUIET_SECONDS)
            if message is not None:
                asked = False
                self._take(message["type"], message["channel"], message["data"])
            elif asked:
                raise SilentError
            else:
                asked = True
                await pubsub.ping()

    def _take(self, kind: str, name: bytes | None, word: bytes | int) -> None:
        channel = (name or b"").decode()
        if kind == "message" and isinstance(word, bytes):
            self._tell(channel, word.decode())
        elif kind == "subscribe" and channel in self._asked:
            self._heard.add(channel)
            for stream in [one for one in self._streams.get(channel, ()) if channel in one.unheard]:
                stream.unheard.discard(channel)
                if not stream.unheard:
                    self._catch_up(stream)

    def _catch_up(self, stream: Stream) -> None:
        """At once for a page that has just come; those that all missed something come one after the other."""
        if stream.deaf:
            stream.deaf = False
            stream.tell_within(CATCH_UP, *spread(len(self)))
        else:
            stream.tell(CATCH_UP)

    def _tell(self, channel: str, about: str) -> None:
        """What concerns only the open conversation of a page is a `line` of its lists, and waits for its next look."""
        kind, streams = kind_of(channel), self._streams.get(channel, set())
        for stream in streams:
            if kind == "queue":
                stream.tell_within(kind, *spread(len(streams)))
            else:
                stream.tell("line" if kind == "user" and about == stream.contact else kind)

    def _deafen(self) -> None:
        self._hearing = False
        self._asked, self._heard = set(), set()
        for stream in self._all:
            stream.unheard, stream.deaf = set(stream.channels), True
            stream.tell(DEAF)


def spread(streams: int) -> tuple[float, float]:
    """Within how many seconds each of so many is told, and how many seconds lie between two times at least."""
    seconds = streams / LOOKS_A_SECOND
    return seconds, max(1.0, seconds)
