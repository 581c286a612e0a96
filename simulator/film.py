"""A film of a second in MP4, made here: each of its pictures is plain samples inside H.264."""

from __future__ import annotations

import struct
from functools import cache

BLOCKS = 8  # a side, of 16 points each
SIDE = BLOCKS * 16
FRAMES = 8  # a second


class _Bits:
    """Writes numbers as H.264 does, most significant bit first."""

    def __init__(self) -> None:
        self.bits = ""

    def fixed(self, value: int, width: int) -> _Bits:
        self.bits += format(value, f"0{width}b")
        return self

    def golomb(self, *values: int) -> _Bits:
        for value in values:
            code = format(value + 1, "b")
            self.bits += "0" * (len(code) - 1) + code
        return self

    def align(self) -> bytes:
        self.bits += "0" * (-len(self.bits) % 8)
        whole, self.bits = self.bits, ""
        return int(whole, 2).to_bytes(len(whole) // 8, "big") if whole else b""

    def end(self) -> bytes:
        self.bits += "1"
        return self.align()


def _unit(head: int, body: bytes) -> bytes:
    """A unit, with a 3 wherever its bytes would look like the start of another."""
    safe, zeros = bytearray([head]), 0
    for byte in body:
        if zeros >= 2 and byte <= 3:
            safe.append(3)
            zeros = 0
        safe.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(safe)


def _sequence() -> bytes:
    bits = _Bits().fixed(66, 8).fixed(0xC0, 8).fixed(30, 8)
    bits.golomb(0, 0, 2, 0).fixed(0, 1).golomb(BLOCKS - 1, BLOCKS - 1).fixed(0b1000, 4)
    return _unit(0x67, bits.end())


def _picture_set() -> bytes:
    bits = _Bits().golomb(0, 0).fixed(0, 2).golomb(0, 0, 0).fixed(0, 3).golomb(0, 0, 0).fixed(0b100, 3)
    return _unit(0x68, bits.end())


def _picture(number: int) -> bytes:
    """A bright ball that wanders over a dark field."""
    bits = _Bits().golomb(0, 7, 0).fixed(0, 4).golomb(number % 2).fixed(0, 2).golomb(0, 1)
    body = bytearray()
    centre = (16 + number * (SIDE - 32) // (FRAMES - 1), SIDE // 2)
    for block in range(BLOCKS * BLOCKS):
        left, top = block % BLOCKS * 16, block // BLOCKS * 16
        body += bits.golomb(25).align()
        for y in range(top, top + 16):
            body += bytes(_light(x, y, centre) for x in range(left, left + 16))
        body += bytes([110] * 64 + [150] * 64)
    return _unit(0x65, bytes(body) + b"\x80")


def _light(x: int, y: int, centre: tuple[int, int]) -> int:
    return 220 if (x - centre[0]) ** 2 + (y - centre[1]) ** 2 < 14**2 else 70 + y // 4


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + name + body


def _numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def _table(samples: list[bytes], offset: int) -> bytes:
    sequence, pictures = _sequence(), _picture_set()
    config = b"\x01" + sequence[1:4] + b"\xff\xe1" + struct.pack(">H", len(sequence)) + sequence
    config += b"\x01" + struct.pack(">H", len(pictures)) + pictures
    look = bytes(6) + struct.pack(">H", 1) + bytes(16) + struct.pack(">HH", SIDE, SIDE)
    look += _numbers(0x480000, 0x480000, 0) + struct.pack(">H", 1) + bytes(32) + struct.pack(">Hh", 24, -1)
    return _box(
        b"stbl",
        _box(b"stsd", _numbers(0, 1), _box(b"avc1", look, _box(b"avcC", config))),
        _box(b"stts", _numbers(0, 1, len(samples), 1)),
        _box(b"stsc", _numbers(0, 1, 1, len(samples), 1)),
        _box(b"stsz", _numbers(0, 0, len(samples), *map(len, samples))),
        _box(b"stco", _numbers(0, 1, offset)),
    )


def _head(samples: list[bytes], offset: int) -> bytes:
    matrix = _numbers(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    whole = (
        _numbers(0, 0, 0, FRAMES, len(samples), 0x10000, 0x01000000, 0, 0) + matrix + _numbers(*[0] * 6, 2)
    )
    track = _numbers(3, 0, 0, 1, 0, len(samples), 0, 0, 0, 0) + matrix + _numbers(SIDE << 16, SIDE << 16)
    source = _box(b"dinf", _box(b"dref", _numbers(0, 1), _box(b"url ", _numbers(1))))
    handler = _box(b"hdlr", _numbers(0, 0), b"vide", _numbers(0, 0, 0), b"film\0")
    times = _box(b"mdhd", _numbers(0, 0, 0, FRAMES, len(samples), 0x55C40000))
    inside = _box(b"minf", _box(b"vmhd", _numbers(1, 0, 0)), source, _table(samples, offset))
    return _box(
        b"moov",
        _box(b"mvhd", whole),
        _box(b"trak", _box(b"tkhd", track), _box(b"mdia", times, handler, inside)),
    )


@cache
def film() -> bytes:
    """The whole file."""
    units = [_picture(number) for number in range(FRAMES)]
    samples = [struct.pack(">I", len(unit)) + unit for unit in units]
    kind = _box(b"ftyp", b"mp42", _numbers(0), b"mp42isomavc1")
    offset = len(kind) + len(_head(samples, 0)) + 8
    return kind + _head(samples, offset) + _box(b"mdat", *samples)
