"""A loopback server for tests that treats each connection as it is told to."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from providers.drivers.base import Request

URL = "http://wavy.invalid/v1/whatsapp/send"
TOKEN = "t0ken-secret"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def request_to(url: str = URL, *secrets: str, token: str = TOKEN) -> Request:
    headers = {"UserName": "ana", "AuthenticationToken": token}
    return Request("POST", url, headers, b'{"a": 1}', secrets or (token,))


@dataclass
class Listener:
    """A loopback server that treats each connection as `act` does, in turn."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    peers: list[socket.socket] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def connections(self) -> int:
        return len(self.peers)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/whatsapp/send"


Act = Callable[[socket.socket, Listener], None]


def take_request(peer: socket.socket, listener: Listener) -> bool:
    """Reads one whole request of those that `request_to` makes; False where the client has gone."""
    received = b""
    while not received.endswith(b'{"a": 1}'):
        chunk = peer.recv(65536)
        if not chunk:
            return False
        received += chunk
    listener.requests.append(received)
    return True


def answering(*answers: bytes) -> Act:
    def act(peer: socket.socket, listener: Listener) -> None:
        for answer in answers:
            if take_request(peer, listener):
                peer.sendall(answer)

    return act


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def reset_after_request(peer: socket.socket, listener: Listener) -> None:
    take_request(peer, listener)
    reset(peer)


def close_after_request(peer: socket.socket, listener: Listener) -> None:
    take_request(peer, listener)


def silent_after_request(peer: socket.socket, listener: Listener) -> None:
    take_request(peer, listener)
    listener.over.wait(10)


def silent_from_the_start(peer: socket.socket, listener: Listener) -> None:
    listener.over.wait(10)


def drip(peer: socket.socket, listener: Listener) -> None:
    """A byte often enough that no single read runs into its time-out."""
    take_request(peer, listener)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while not listener.over.wait(0.02):
        peer.sendall(b"x")


@contextmanager
def listening(act: Act) -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server.getsockname()[1])

        def serve() -> None:
            while not listener.over.is_set():
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                listener.peers.append(peer)
                with peer:
                    try:
                        act(peer, listener)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            listener.over.set()
            for endpoint in (server, *listener.peers):
                with suppress(OSError):  # closed already
                    endpoint.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
