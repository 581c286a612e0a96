"""A small Wavy on a loopback port: remembers what reached it, answers as a test wants."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request: when it came (monotonic seconds), for whom, with what."""

    at: float
    numbers: tuple[str, ...]
    message: dict[str, Any]


def accept(body: dict[str, Any]) -> Reply:
    """Takes every recipient of a request, over WhatsApp or SMS."""
    if "destinations" not in body:
        taken = [
            {"id": f"m-{one['correlationId']}", "correlationId": one["correlationId"]}
            for one in texts_of(body)
        ]
        return 200, {"id": "request", "messages": taken} if "messages" in body else taken[0]
    destinations = [{**one, "id": f"m-{one['correlationId']}"} for one in body["destinations"]]
    return 200, {"id": "request", "destinations": destinations}


def texts_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The SMS of a request, single or bulk."""
    return list(body.get("messages", [body]))


def trouble(status: int) -> Callable[[dict[str, Any]], Reply]:
    """Answers with a status and Wavy's error body."""
    return lambda body: (status, {"errorCode": status, "errorMessage": f"trouble {status}"})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Wavy:
    """`behave` may be changed at any time; it runs in the server's threads and must not touch the database."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.behave: Callable[[dict[str, Any]], Reply] = accept
        self.lock = threading.Lock()
        self.server = Server(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def numbers(self) -> list[str]:
        """Everybody who was written to, in the order of arrival."""
        with self.lock:
            return [number for arrival in self.arrivals for number in arrival.numbers]

    @property
    def times_reached(self) -> Counter[str]:
        return Counter(self.numbers)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        wavy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                recipients = body["destinations"] if "destinations" in body else texts_of(body)
                numbers = tuple(one["destination"] for one in recipients)
                with wavy.lock:
                    wavy.arrivals.append(Arrival(time.monotonic(), numbers, body.get("message", {})))
                status, answer = wavy.behave(body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        return Handler
