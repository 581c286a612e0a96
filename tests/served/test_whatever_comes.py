"""Bodies of no shape at all, on both paths: never a 500, never a body lost, and nothing that stops the drain."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.served.served import PATHS, TOKEN, Served

LIMIT = 10 * 1024 * 1024
GOOD = b'{"data":[{"id":"m-1","source":"59899123456","message":{"messageText":"Hello"}},'


def filled(begin: bytes, end: bytes = b"", fill: bytes = b"x") -> bytes:
    """A body of exactly the limit."""
    return begin + fill * ((LIMIT - len(begin) - len(end)) // len(fill)) + end


NASTY = {
    "nothing": b"",
    "NUL": b"\x00",
    "NULs in texts": b'{"id":"a\\u0000b","source":"5\\u0000","message":{"messageText":"\\u0000"}}',
    "lone surrogates": b'[{"id":"\\ud800","source":"\\udfff","message":{"type":"\\ud83d","messageText":"a\\ude00"}}]',
    "raw surrogates": b'{"id":"\xed\xa0\x80"}',
    "Latin-1": '{"id":"1","message":"olá"}'.encode("latin-1"),
    "UTF-16": '{"id":"1"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf[]",
    "1e999": b'{"id":1e999,"correlationId":-1e999,"sentStatusCode":1e999,"sentAt":1e999,"receivedAt":1e999}',
    "ten to the five thousandth": b'{"id":1' + b"0" * 5000 + b',"sentAt":1' + b"0" * 5000 + b"}",
    "a million digits": b'{"id":' + b"7" * 1_000_000 + b"}",
    "NaN": b'{"id":NaN,"sentAt":Infinity,"readAt":-Infinity}',
    "keys that repeat": b'{"id":"a","id":"b","data":[],"data":[1]}',
    "nested in arrays": b"[" * 800 + b"]" * 800,
    "nested in objects": b'{"message":' * 800 + b"1" + b"}" * 800,
    "nested too deep": b"[" * 100_000 + b"]" * 100_000,
    "nested and broken off": b'{"data":[' * 100_000,
    "good and nested": GOOD + b'{"a":' * 700 + b"1" + b"}" * 700 + b"]}",
    "good and broken off": GOOD,
    "good and huge": GOOD + b'{"id":"x","sentAt":1' + b"0" * 10_000 + b"}]}",
    "items that are none": b'{"data":[null,1,"",[],true,{},-1,1.5,{"id":[]},{"source":{}}]}',
    "an endless text": filled(b'{"id":"', b'"}'),
    "endless blanks": filled(b"[", b"]", b" "),
    "endless bytes": filled(b"", b"", bytes(range(256))),
    "endless items": filled(b'{"data":[', b"1]}", b"1,"),
}


def drawn(seed: int, count: int) -> Iterator[bytes]:
    """Bytes, bent callbacks and values of any shape, always the same for a seed."""
    chance = random.Random(seed)
    for _ in range(count // 3):
        yield chance.randbytes(chance.randrange(300))
        yield bent(chance)
        yield json.dumps(value(chance, 6)).encode()


def bent(chance: random.Random) -> bytes:
    """A callback with bytes changed, taken out or doubled."""
    body = bytearray(GOOD + b'{"id":"m-2","sentStatusCode":2,"deliveredAt":1513616972400}]}')
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(body))
        body[at : at + chance.randrange(4)] = chance.choice(
            [b"", b"\x00", b'"', b"\\u0000", bytes(body[:at]), chance.randbytes(2)]
        )
    return bytes(body[:5000])


def value(chance: random.Random, depth: int) -> Any:
    """JSON out of the keys that callbacks have and values that they have not."""
    keys = [
        "data",
        "id",
        "source",
        "origin",
        "message",
        "type",
        "correlationId",
        "sentStatusCode",
        "sentAt",
        "mt",
    ]
    kinds = ["list", "object", "object"] if depth else []
    match chance.choice([*kinds, "leaf"]):
        case "list":
            return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case "object":
            return {chance.choice(keys): value(chance, depth - 1) for _ in range(chance.randrange(5))}
    return chance.choice(
        [
            None,
            True,
            2,
            "2",
            10**300,
            -1,
            1.5,
            float("inf"),
            "",
            "\x00",
            "\ud800",
            "5" * 300,
            "59899123456",
            "BUTTON",
        ]
    )


def digest(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def kept(served: Served) -> Counter[tuple[str, str]]:
    """The bodies in the inbox, whatever became of them, by kind and checksum."""
    return Counter(served.query("SELECT kind, md5(body) FROM providers_callback"))


def assert_all_are_settled(served: Served) -> None:
    """Each was applied or set aside, and each that was set aside says why."""
    assert served.query("SELECT count(*) FROM providers_callback WHERE state = 0") == [(0,)]
    assert served.query("SELECT count(*) FROM providers_callback WHERE state = 2 AND error = ''") == [(0,)]


def test_no_body_is_lost_and_none_makes_a_500(served: Served) -> None:
    bodies = [*NASTY.values(), *drawn(1, 300)]
    statuses: Counter[int] = Counter()
    with requests.Session() as wire:
        for path in PATHS.values():
            for body in bodies:
                url = f"{served.url}{path}?token={TOKEN}"
                statuses[wire.post(url, body, timeout=30).status_code] += 1
    assert set(statuses) == {200, 400}
    sent = Counter((kind, digest(body)) for kind in PATHS for body in bodies)
    assert kept(served) == sent
    served.drain()
    assert_all_are_settled(served)
    assert kept(served) == sent


@pytest.mark.parametrize(
    "name", [name for name in NASTY if name.startswith("good and") and "broken" not in name]
)
def test_a_good_message_beside_nonsense_arrives(served: Served, name: str) -> None:
    assert served.post("message", NASTY[name]).status_code == 200
    served.drain()
    assert served.query("SELECT text FROM providers_message") == [("Hello",)]


def test_no_query_string_is_lost_and_none_makes_a_500(served: Served) -> None:
    chance = random.Random(2)
    with requests.Session() as wire:
        for number in range(200):
            name, said = chance.randbytes(chance.randrange(1, 6)), chance.randbytes(chance.randrange(200))
            query = f"token={TOKEN}&id=q-{number}&source=59899123456&{quote(name)}={quote(said)}&%00=%ff&&=&a"
            assert wire.get(f"{served.url}{PATHS['message']}?{query}", timeout=30).status_code == 200
    assert served.query("SELECT count(*) FROM providers_callback") == [(200,)]
    served.drain()
    assert_all_are_settled(served)
    assert served.query("SELECT count(*) FROM providers_message") == [(200,)]
