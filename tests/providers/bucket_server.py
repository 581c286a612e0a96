"""A bucket on loopback for tests: as much of S3 as keeping files takes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape


class BucketServer:
    """`objects` by key; while `away`, everything is answered 403."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.away = False
        self.url = ""


def unchunked(body: bytes) -> bytes:
    """What an upload in signed chunks holds."""
    whole, rest = b"", body
    while rest:
        head, _, rest = rest.partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        if not size:
            break
        whole, rest = whole + rest[:size], rest[size + 2 :]
    return whole


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: BucketServer

    def log_message(self, *_arguments: Any) -> None:
        return

    def answer(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Wed, 04 Mar 2026 15:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    @property
    def key(self) -> str:
        return urlsplit(self.path).path.removeprefix("/files").lstrip("/")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.bucket.away:
            return self.answer(403)
        chunked = "aws-chunked" in self.headers.get("Content-Encoding", "")
        self.bucket.objects[self.key] = unchunked(body) if chunked else body
        return self.answer(200)

    def do_HEAD(self) -> None:
        found = self.bucket.objects.get(self.key)
        self.answer(404 if found is None else 200, length=len(found or b""))

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if self.bucket.away:
            return self.answer(403)
        if not self.key:
            return self.answer(200, self.listing(query.get("prefix", [""])[0]))
        found = self.bucket.objects.get(self.key)
        return self.answer(404) if found is None else self.answer(200, found)

    def do_DELETE(self) -> None:
        self.bucket.objects.pop(self.key, None)
        self.answer(204)

    def listing(self, prefix: str) -> bytes:
        keys = [key for key in self.bucket.objects if key.startswith(prefix)]
        rows = "".join(f"<Contents><Key>{escape(key)}</Key><Size>1</Size></Contents>" for key in keys)
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    bucket = BucketServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handling", (Handler,), {"bucket": bucket}))
    bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
