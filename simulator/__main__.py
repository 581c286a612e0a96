"""`python -m simulator`: listens until SIGTERM or SIGINT, then stops at once."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys

from simulator.app import App
from simulator.config import Config, ConfigError, config_from
from simulator.server import Connection
from simulator.wire import BadRequestError
from simulator.world import World


async def serve(config: Config) -> None:
    """Serves until a signal comes; says on standard output where it listens."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    world = World(config)
    app = App(world)
    live: set[Connection] = set()
    server = await loop.create_server(lambda: Connection(app, live), config.host, config.port, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"Wavy simulator: http://{config.host}:{port}/phone/\n")
    sys.stdout.flush()
    turning = loop.create_task(world.wheel.turn(world.outbox.pump))
    await stopped.wait()
    server.close()
    turning.cancel()
    for connection in list(live):
        connection.transport.abort()
    await world.outbox.stop()
    with contextlib.suppress(asyncio.CancelledError):
        await turning


def main() -> int:
    # A full collection over a million remembered messages would stop the loop for a second.
    gc.set_threshold(50_000, 50, 100)
    try:
        asyncio.run(serve(config_from(os.environ)))
    except (ConfigError, BadRequestError) as error:
        sys.stderr.write(f"Wavy simulator: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"Wavy simulator: cannot listen: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
