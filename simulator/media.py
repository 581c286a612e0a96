"""Small files for incoming pictures, sound and documents, made here so that nothing binary is kept."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from simulator.film import film
from simulator.sending import NO_USER, authenticate
from simulator.wire import Json, Reply, Request, error_reply
from simulator.world import World

SIDE = 240


@cache
def picture() -> bytes:
    """A PNG of a sun over hills."""
    rows = bytearray()
    for y in range(SIDE):
        rows.append(0)
        for x in range(SIDE):
            hill = y > 160 + 24 * ((x / 60) % 2 - 1) ** 2
            sun = (x - 170) ** 2 + (y - 70) ** 2 < 32**2
            rows += bytes((62, 142, 90) if hill else (255, 205, 86) if sun else (120 + y // 3, 190, 235))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )


@cache
def _sound() -> bytes:
    """A WAV of half a second, a plain tone."""
    samples = bytes(128 + (40 if (position // 20) % 2 else -40) for position in range(4_000))
    head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt "
    return (
        head
        + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 8_000, 1, 8)
        + b"data"
        + struct.pack("<I", len(samples))
        + samples
    )


@cache
def _document() -> bytes:
    """The smallest PDF that opens: one empty page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


FILES = {
    "picture.png": ("image/png", picture), "sticker.png": ("image/png", picture),
    "sound.wav": ("audio/wav", _sound), "document.pdf": ("application/pdf", _document),
    "film.mp4": ("video/mp4", film),
}  # fmt: skip


def serve(world: World, request: Request) -> Reply:
    """One of the files; with the switch on only to somebody who knows the account."""
    found = FILES.get(request.path.rpartition("/")[2])
    if found is None:
        return error_reply(404, "There is no such file.")
    if world.faults.media_needs_headers and authenticate(world, request) is None:
        return error_reply(401, NO_USER)
    content_type, make = found
    return Reply(200, make(), content_type)


def said(kind: str, base: str, caption: str) -> Json | None:
    """A customer's `message` of this kind, or None for an unknown kind."""
    media = {
        "image": ("IMAGE", "picture.png"), "audio": ("AUDIO", "sound.wav"), "document": ("DOCUMENT", "document.pdf"),
        "sticker": ("STICKER", "sticker.png"), "video": ("VIDEO", "film.mp4"),
    }  # fmt: skip
    if kind in media:
        name, file = media[kind]
        body: Json = {"type": name, "mediaUrl": f"{base}/media/{file}", "mimeType": FILES[file][0]}
        return body | ({"caption": caption} if caption else {})
    if kind == "location":
        return {
            "location": {
                "geoPoint": "-22.894180,-47.047960", "name": "Wavy", "address": "Av. Cel. Silva Telles, Campinas",
            }
        }  # fmt: skip
    if kind == "contacts":
        phone = {"phone": "+1 (940) 555-1234", "type": "HOME", "wa_id": "19405551234"}
        return {"contacts": [{"name": {"formatted_name": "John Smith"}, "phones": [phone]}]}
    return None
