"""A loopback server of files for tests: each path answers with the bytes laid out for it, or acts by itself."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Act = Callable[[socket.socket, "FileServer"], None]


@dataclass
class FileServer:
    """`answers` by path; what is asked for is kept, whole, in `requests`."""

    port: int
    answers: dict[str, bytes | Act] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def paths(self) -> list[str]:
        return [request.split(" ")[1] for request in self.requests]

    def serve(self, peer: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            chunk = peer.recv(65536)
            if not chunk:
                return
            received += chunk
        request = received.decode()
        self.requests.append(request)
        answer = self.answers.get(request.split(" ")[1], reply(404))
        if callable(answer):
            answer(peer, self)
        else:
            peer.sendall(answer)


def reply(status: int, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer; its length is told unless a header tells another."""
    told = headers if any(h.startswith(("Content-Length", "Transfer")) for h in headers) else (
        *headers, f"Content-Length: {len(body)}"
    )  # fmt: skip
    return "\r\n".join((f"HTTP/1.1 {status} X", *told, "", "")).encode() + body


def redirect(to: str) -> bytes:
    return reply(302, b"", f"Location: {to}")


def dripping_body(peer: socket.socket, server: FileServer) -> None:
    """A byte often enough that no single read runs into its time-out."""
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not server.over.wait(0.02):
        peer.sendall(b"x")


def dripping_headers(peer: socket.socket, server: FileServer) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not server.over.wait(0.02):
        peer.sendall(b"x")


def endless_body(peer: socket.socket, server: FileServer) -> None:
    """Chunks without end and without an announced length."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not server.over.is_set():
        peer.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def unless_headers(answer: bytes, needed: str, otherwise: int = 401) -> Act:
    """Answers those who bring the header, others with the status."""

    def act(peer: socket.socket, server: FileServer) -> None:
        peer.sendall(answer if needed in server.requests[-1] else reply(otherwise))

    return act


@contextmanager
def file_server(tls: ssl.SSLContext | None = None) -> Iterator[FileServer]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server = FileServer(listener.getsockname()[1])

        def treat(peer: socket.socket) -> None:
            with suppress(OSError), peer:
                if tls:
                    with tls.wrap_socket(peer, server_side=True) as wrapped:
                        server.serve(wrapped)
                else:
                    server.serve(peer)

        def accept() -> None:
            while not server.over.is_set():
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=treat, args=[peer], daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for one name, and the bundle that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    bundle, whole = folder / "bundle.pem", folder / "server.pem"
    bundle.write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    whole.write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(whole)
    return context, bundle
