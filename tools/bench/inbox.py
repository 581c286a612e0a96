"""Callbacks to measure with: a ledger of messages that were accepted, the statuses of each, and what is still to do."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from tools.bench.stage import Stage
from tools.waiting import TooLateError

BATCH = 7_000_000_000  # a batch of no base: the tally counts it, no page shows it
STAGES = ("sent", "delivered", "read")
STATE = {"accepted": 40, "sent": 60, "delivered": 90, "read": 100}
FIRST_NUMBER = 5511970000000
SENT_AT = 1_735_689_600_000  # epoch milliseconds
STALL_SECONDS = 60.0

# md5 makes ids that are spread like real ones, and that both sides can compute.
FILL = """
INSERT INTO providers_contact (provider_id, contact, address, name, created_at)
SELECT %(provider)s, number, number, '', now() FROM (
    SELECT (%(number)s::bigint + n)::text AS number FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
) AS numbers;
INSERT INTO providers_message (provider_id, contact_id, direction, did, address, kind, text, content, correlation_id,
    provider_message_id, state, error, error_detail, raw_code, attempts, batch, taken_up, opt_out, created_at,
    submitting_at, accepted_at)
SELECT %(provider)s::bigint, c.id, 1, '5511900000001', c.contact, 'hsm', 'Integra: operation ' || n || ' performed',
    jsonb_build_object('code', 'chatclub_open_session_v2', 'language', 'en', 'parameters', jsonb_build_array('a', n)),
    md5(n::text)::uuid, 'w-' || md5('w' || n), 40, '', '', '', 1, %(batch)s, false, false, now(), now(), now()
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
JOIN providers_contact c ON c.provider_id = %(provider)s AND c.contact = (%(number)s::bigint + n)::text ORDER BY n;
INSERT INTO providers_tallydelta (batch, state, n) VALUES (%(batch)s, 40, %(last)s::int - %(first)s::int + 1)
"""
WAITING = "SELECT count(*) FROM providers_callback WHERE state = 0"
REACHED = "SELECT count(*) FROM providers_message WHERE batch = %s AND state >= %s"
STORE = """
INSERT INTO providers_callback (provider_id, kind, body, received_at, state, attempts, error)
VALUES (%s, 'status', %s, now(), 0, 0, '')
"""


def provider_of(stage: Stage) -> dict[str, Any]:
    """The demo's provider with its callback URLs."""
    (provider,) = stage.installation.get("providers/?name=Wavy")["results"]
    return dict(provider)


def status_url(stage: Stage) -> str:
    """Where Wavy would post statuses, with the token."""
    address: str = provider_of(stage)["status_callback_url"]
    return stage.installation.url + address[address.index("/Integra") :]


def fill(stage: Stage, count: int, first: int = 0) -> None:
    """Gives the ledger `count` messages that were accepted, past the product, by SQL."""
    values = {
        "provider": provider_of(stage)["id"],
        "number": FIRST_NUMBER,
        "batch": BATCH,
        "first": first,
        "last": first + count - 1,
    }
    with stage.installation.database() as database:
        for statement in FILL.split(";\n"):
            database.execute(statement, values)
        database.execute("VACUUM (ANALYZE) providers_message")
        database.execute("CHECKPOINT")


def correlation_id(n: int) -> UUID:
    """Of the message number n."""
    return UUID(hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest())


def item(n: int, stage: str) -> dict[str, Any]:
    """The status item of message number n when it got so far, as Wavy writes it."""
    at = SENT_AT + n
    told: dict[str, Any] = {
        "id": "w-" + hashlib.md5(f"w{n}".encode(), usedforsecurity=False).hexdigest(),
        "correlationId": str(correlation_id(n)),
        "destination": str(FIRST_NUMBER + n),
        "origin": "5511900000001",
        "campaignId": 100,
        "extraInfo": "",
        **_step("sent", 2, at),
    }
    if stage != "sent":
        told |= _step("delivered", 4, at + 1_500)
    if stage == "read":
        told |= {"read": True, "readDate": _iso(at + 60_000), "readAt": at + 60_000}
    return told


def _step(stage: str, code: int, at: int) -> dict[str, Any]:
    name = f"{stage.upper()}_SUCCESS"
    return {
        stage: True, f"{stage}StatusCode": code, f"{stage}Status": name, f"{stage}Date": _iso(at), f"{stage}At": at,
    }  # fmt: skip


def _iso(milliseconds: int) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds / 1000))
    return f"{whole}.{milliseconds % 1000:03}Z"


def body(items: Sequence[dict[str, Any]]) -> bytes:
    """One callback that carries them."""
    client = {"customerId": 42, "subAccountId": 1291, "userId": 1}
    return json.dumps({"total": len(items), "data": items, "clientInfo": client}).encode()


def bodies(messages: int, size: int) -> Iterator[bytes]:
    """Callbacks of so many items: first all messages are sent, then delivered, then read."""
    for stage in STAGES:
        for begin in range(0, messages, size):
            yield body([item(n, stage) for n in range(begin, min(begin + size, messages))])


def until_empty(stage: Stage) -> float:
    """Waits until the inbox holds nothing that is to be applied; returns the epoch seconds of that moment."""
    moved, seen = time.monotonic(), -1
    with stage.installation.database() as database:
        while True:
            (waiting,) = database.execute(WAITING).fetchone() or (0,)
            if not waiting:
                return time.time()
            if waiting != seen:
                moved, seen = time.monotonic(), waiting
            if time.monotonic() - moved > STALL_SECONDS:
                raise TooLateError(f"{waiting} callbacks wait, and nothing more for {STALL_SECONDS} s")
            time.sleep(0.02)


def reached(stage: Stage, state: str) -> int:
    """How many messages of the ledger got so far, or further."""
    with stage.installation.database() as database:
        (count,) = database.execute(REACHED, [BATCH, STATE[state]]).fetchone() or (0,)
    return int(count)


def store(stage: Stage, stored: Sequence[bytes]) -> None:
    """Puts callbacks into the inbox at once, past the product, so that the drain finds them all."""
    provider = provider_of(stage)["id"]
    with (
        stage.installation.database() as database,
        database.transaction(),
        database.cursor() as cursor,
    ):
        cursor.executemany(STORE, [(provider, one) for one in stored])
