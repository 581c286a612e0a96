"""A person in every place that can hold one, and the search of all places for their number."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import connection

from dialers.models import Base, Dialer
from providers import do_not_call
from providers.media import folder_of
from providers.models import (
    Callback,
    Contact,
    DoNotCallUpload,
    Erasure,
    Media,
    MediaState,
    Message,
    Provider,
)
from providers.models.callback import CallbackKind, CallbackState
from providers.models.do_not_call import Source
from providers.models.media import customers_storage
from sessions import events
from sessions.models import ChatSession, EventKind, SessionState, Transfer
from sessions.routing import route
from tests.dialers.files import in_flight, started
from tests.factories import NOW, make_agent, make_campaign, make_session
from tests.providers.scenes import clock, later, message_item, messages, status_item, statuses, stored
from ucontact_wavy import erasing

NUMBER = "5511987654321"
OTHER = "5511955554444"


def erase(number: str = NUMBER) -> Erasure:
    erasure = erasing.request(number, None, None, NOW)
    assert erasing.erase(erasure.pk, clock())
    erasure.refresh_from_db()
    return erasure


def texts_of_the_database() -> Iterator[tuple[str, str, str]]:
    """Table, column and value of everything that can hold text, of every table there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'uuid', 'ARRAY')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')  # noqa: S608
            for (value,) in cursor.fetchall():
                yield (
                    table,
                    column,
                    bytes(value).decode("latin-1") if isinstance(value, memoryview) else str(value),
                )


def texts_of_the_storage(root: Path) -> Iterator[tuple[str, str, str]]:
    for path in root.rglob("*"):
        if path.is_file():
            yield "storage", path.name, path.read_bytes().replace(b"\0", b"").decode("latin-1")


def found(root: Path, tail: str) -> set[tuple[str, str]]:
    """Where the last digits of a number stand, whatever stands between them."""
    pattern = re.compile(r"[\s().+-]*".join(tail))
    everything = [*texts_of_the_database(), *texts_of_the_storage(root)]
    return {(table, column) for table, column, text in everything if pattern.search(text)}


def told_by_colleagues(contact: Contact, spelling: str) -> None:
    """What colleagues wrote about somebody: a note, a transfer's note, a closed interaction's comment."""
    agent, campaign = make_agent("colleague"), make_campaign(contact.provider, "Where colleagues write")
    session = ChatSession.objects.get(contact=contact)
    events.add(session, EventKind.NOTE, NOW, user=agent, text=f"Calls from {spelling}")
    Transfer.objects.create(
        session=session, sender=agent, sender_campaign=campaign, to_agent=agent, note=f"Is {spelling}", at=NOW
    )
    before = make_session(contact, campaign, agent, state=SessionState.CLOSED, closed_at=NOW)
    before.comment, before.reschedule_at = f"Write to {spelling}", later(days=1)
    before.save()


def everywhere(provider: Provider, dialer: Dialer, canonical: str, spelling: str) -> Base:
    """A person in every place that can hold one: base, ledger, media, inbox, registry, interaction, history."""
    lines = [
        "WavyDialer;5511955554444;hsm:notice:first;9999",
        f"WavyDialer;{canonical};hsm:notice:María of {canonical};9999",
        f"WavyDialer;{spelling};hsm:nothing:bad {spelling};9999",
    ]
    base = started(dialer, lines)
    (first, mine) = in_flight(base, 2)
    statuses(
        provider,
        status_item(Message.objects.get(pk=first), 2, 4, destination=OTHER),
        status_item(Message.objects.get(pk=mine), 2, 4, destination=spelling),
        {"id": "unknown-1", "destination": spelling, "sent": True, "sentStatusCode": 2},
        {"sent": True, "destination": spelling},
    )
    picture = message_item(spelling, "look", id="pic-1")
    messages(provider, message_item(OTHER, "hi"), picture, {"id": "no-source", "from": spelling})
    stored(provider, CallbackKind.MESSAGE, b"{broken " + spelling.encode(), NOW)
    Callback.objects.filter(state=CallbackState.NEW).update(state=CallbackState.FAILED, error=spelling)
    route(NOW)
    incoming = Message.objects.get(provider_message_id="pic-1")
    told_by_colleagues(incoming.contact, spelling)
    name = customers_storage.save(f"{folder_of(incoming.pk)}/file", ContentFile(canonical.encode()))
    Media.objects.create(message=incoming, state=MediaState.STORED, file=name, url=f"https://w/{canonical}")
    do_not_call.add(canonical, provider, Source.CUSTOMER, f"María said so from {spelling}", None)
    upload = DoNotCallUpload.objects.create(
        name="x.csv", source=Source.OPERATOR, uploaded_at=NOW, added=0, known=0, invalid=2
    )
    upload.report.save("r.csv", ContentFile(f"1;bad;{spelling}\n2;bad;77\n".encode()))
    return base
