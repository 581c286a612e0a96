"""The other side of the callbacks: a small server that keeps what came and answers as it is told."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One callback as it arrived."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]


class Receiver:
    """Answers 200, or the statuses in `answers` first; holds answers back while `gate` is not set."""

    def __init__(self) -> None:
        self.calls: queue.Queue[Call] = queue.Queue()
        self.answers: queue.Queue[int] = queue.Queue()
        self.gate = threading.Event()
        self.gate.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def do_GET(self) -> None:
                receiver.take(self)

            def log_message(self, *arguments: Any) -> None:
                """Nobody reads a log of these."""

        return Handler

    def take(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        body = json.loads(request.rfile.read(length)) if length else None
        self.calls.put(Call(request.command, request.path, body, dict(request.headers)))
        self.gate.wait(20)
        status = 200 if self.answers.empty() else self.answers.get()
        request.send_response(status)
        request.send_header("Content-Length", "2")
        request.end_headers()
        request.wfile.write(b"{}")

    def next(self) -> Call:
        """The next callback; fails when none comes."""
        return self.calls.get(timeout=10)

    def all(self) -> list[Call]:
        """Everything that has come so far."""
        found = []
        while not self.calls.empty():
            found.append(self.calls.get())
        return found

    def items(self) -> list[Any]:
        """The items of all envelopes that have come so far."""
        return [item for call in self.all() for item in call.body["data"]]

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
