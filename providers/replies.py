"""The lane of single messages: agents' answers and whatever is in no base. One at a time a contact, in order."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection

from providers import live, pace
from providers.models import Message
from providers.sending import RetryPolicy, send_chunk

# The oldest queued message of each contact, and none while an earlier one is leaving: nothing overtakes.
DUE = """
SELECT id FROM (
    SELECT DISTINCT ON (m.contact_id) m.id, m.contact_id, m.not_before
    FROM providers_message m
    WHERE m.listed_state = 10 AND m.batch IS NULL AND m.provider_id <> ALL(%s::bigint[])
    ORDER BY m.contact_id, m.id
) AS next
WHERE (not_before IS NULL OR not_before <= %s)
  AND NOT EXISTS (
    SELECT 1 FROM providers_message s WHERE s.contact_id = next.contact_id AND s.state = 20 AND s.batch IS NULL
  )
ORDER BY id LIMIT %s
"""
BATCH = 32


def send_replies(clock: Callable[[], datetime]) -> int:
    """Sends what is due until nothing is; returns how many. Safe beside others of its kind: who submits, sends.

    A provider that turns everything away or cannot be reached is left alone until the next call.
    """
    sent = 0
    resting: list[int] = []
    while keys := _due(clock(), resting):
        by_provider: dict[int, list[Message]] = {}
        for message in (
            Message.objects.filter(pk__in=keys).select_related("contact", "provider", "media").order_by("id")
        ):
            by_provider.setdefault(message.provider_id, []).append(message)
        for messages in by_provider.values():
            provider = messages[0].provider
            pace.spend({f"provider:{provider.pk}": float(provider.messages_per_second)}, len(messages))
            report = send_chunk(provider, messages, clock, policy=RetryPolicy())
            live.tell_contacts(message.contact_id for message in messages)
            if report.must_stop:
                resting.append(messages[0].provider_id)
        sent += len(keys)
    return sent


def _due(now: datetime, resting: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(DUE, [resting, now, BATCH])
        return [row[0] for row in cursor.fetchall()]
