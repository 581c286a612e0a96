"""Scenes of the wire: queued messages, Wavy's answers to them, and callbacks as Wavy sends them."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import requests
import responses

from providers import ledger, reasons, tally
from providers.callbacks import drain as draining
from providers.callbacks import intake
from providers.models import Callback, Direction, Message, Provider
from providers.models.callback import CallbackKind
from providers.sending import RetryPolicy, send_chunk
from providers.states import REPLIED, TALLY_KEYS, TROUBLE
from tests.factories import NOW, make_contact

TOKEN = "a-token-of-tests"
SEND_URL = "http://wavy.invalid/v1/whatsapp/send"
BATCH = 77
_serial = count(1)
POLICY = RetryPolicy(attempts=3, retry_after=timedelta(seconds=60))


def later(**delta: float) -> datetime:
    return NOW + timedelta(**delta)


def clock(at: datetime = NOW) -> Callable[[], datetime]:
    return lambda: at


def number(index: int) -> str:
    """Brazilian mobile numbers, all different."""
    return f"55119{80000000 + index}"


def queued(
    provider: Provider, n: int = 1, *, batch: int | None = BATCH, text: str = "Hello"
) -> list[Message]:
    """Texts to people whose session is open."""
    contacts = [make_contact(provider, number(next(_serial)), last_incoming_at=NOW) for _ in range(n)]
    return ledger.queue(
        provider,
        [ledger.Draft(contact, "text", {"text": text}, text, batch=batch) for contact in contacts],
        NOW,
    )


def reloaded(message: Message) -> Message:
    return Message.objects.select_related("contact", "provider").get(pk=message.pk)


def states(messages: Iterable[Message]) -> list[str]:
    """The states that the ledger holds for them, in their order."""
    keys = [message.pk for message in messages]
    found = {message.pk: message.state_key for message in Message.objects.filter(pk__in=keys)}
    return [found[key] for key in keys]


def accepted(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    """Wavy's answer that takes every destination; ids are made of the correlation ids."""
    wanted = sent_by(request)
    return answer(200, {"id": "e", "destinations": [{"id": f"w-{c}", "correlationId": c} for c in wanted]})


def answer(status: int, body: Any) -> tuple[int, dict[str, str], str]:
    return status, {}, body if isinstance(body, str) else json.dumps(body)


def sent_by(request: requests.PreparedRequest) -> list[str]:
    """The correlation ids of a request."""
    body = json.loads(request.body or b"")
    return [destination["correlationId"] for destination in body["destinations"]]


def on_wire(wavy: responses.RequestsMock) -> Counter[str]:
    """How often each correlation id was asked for."""
    return Counter(c for call in wavy.calls for c in sent_by(call.request))


def answers_with(
    wavy: responses.RequestsMock, reply: Callable[[requests.PreparedRequest], tuple[int, dict[str, str], str]]
) -> None:
    wavy.add_callback(responses.POST, SEND_URL, callback=reply)


def stored(provider: Provider | None, kind: CallbackKind, body: Any, at: datetime = NOW) -> Callback:
    """A callback in the inbox, its body as bytes or as JSON to be."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    if provider is None:
        return Callback.objects.get(pk=intake.store_open(kind, raw, at))
    return Callback.objects.create(provider=provider, kind=kind, body=raw, received_at=at)


def envelope(*items: Any) -> dict[str, Any]:
    return {"total": len(items), "data": list(items), "clientInfo": {"customerId": 42}}


def statuses(provider: Provider | None, *items: Any, at: datetime = NOW) -> Callback:
    """A bulk callback of statuses, stored and drained."""
    callback = stored(provider, CallbackKind.STATUS, envelope(*items), at)
    draining.drain(CallbackKind.STATUS, clock(at))
    callback.refresh_from_db()
    return callback


def messages(provider: Provider | None, *items: Any, at: datetime = NOW) -> Callback:
    """A bulk callback of customers' messages, stored and drained."""
    callback = stored(provider, CallbackKind.MESSAGE, envelope(*items), at)
    draining.drain(CallbackKind.MESSAGE, clock(at))
    callback.refresh_from_db()
    return callback


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def status_item(
    message: Message, sent: int | str = 2, delivered: int | str | None = None, **more: Any
) -> dict[str, Any]:
    """One status item of a message of ours."""
    item: dict[str, Any] = {
        "id": f"w-{message.correlation_id}",
        "correlationId": str(message.correlation_id),
        "origin": message.did,
        "sent": True,
        "sentStatusCode": sent,
        "sentAt": millis(NOW),
    }
    if delivered is not None:
        item |= {"deliveredStatusCode": delivered, "deliveredAt": millis(later(seconds=5))}
    return item | more


def message_item(source: str, text: str = "Hello", at: datetime = NOW, **more: Any) -> dict[str, Any]:
    """One message of a customer."""
    return {
        "id": f"in-{next(_serial)}",
        "source": source,
        "origin": "5511900000001",
        "message": {"type": "TEXT", "messageText": text},
        "receivedAt": millis(at),
    } | more


def assert_tally_is_exact(batch: int = BATCH) -> None:
    """What the tallies say, of states and of reasons, is what counting the ledger says."""
    counted = Counter(
        TALLY_KEYS[state]
        for state in Message.objects.filter(batch=batch, direction=Direction.OUT).values_list(
            "state", flat=True
        )
    )
    counted[TALLY_KEYS[REPLIED]] = Message.objects.filter(batch=batch).exclude(replied_at=None).count()
    assert {key: n for key, n in tally.read([batch])[batch].items() if n} == {
        k: n for k, n in counted.items() if n
    }
    troubled = Message.objects.filter(batch=batch, state__in=TROUBLE).values_list("state", "error")
    assert reasons.read([batch])[batch] == Counter(troubled)


def send(provider: Provider, messages: list[Message], at: Any = NOW, **more: Any) -> Any:
    """One chunk, as a worker would load it."""
    loaded = [reloaded(message) for message in messages]
    return send_chunk(provider, loaded, clock(at), policy=more.pop("policy", POLICY), **more)
