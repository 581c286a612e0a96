"""Under which spellings of a number its contact was seen, and how often."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from providers.models import Contact
from providers.numbers import display

MOST = 1000  # of a contact's messages, the newest


@dataclass(frozen=True, slots=True)
class Spelling:
    """Digits as on the wire; how many of the newest MOST messages had them, and when each side last used them."""

    digits: str
    messages: int = 0
    last_in: datetime | None = None
    last_out: datetime | None = None

    @property
    def readable(self) -> str:
        return display(self.digits)


SEEN = """
SELECT regexp_replace(address, '[^0-9]', '', 'g') AS digits, count(*),
    max(received_at) FILTER (WHERE direction = 2), max(created_at) FILTER (WHERE direction = 1)
FROM (
    SELECT address, direction, received_at, created_at FROM providers_message
    WHERE contact_id = %s ORDER BY id DESC LIMIT %s
) AS newest
GROUP BY digits HAVING regexp_replace(min(address), '[^0-9]', '', 'g') <> '' ORDER BY count(*) DESC, digits LIMIT 10
"""


def spellings_of(contact: Contact) -> list[Spelling]:
    """The spellings in a contact's newest messages, the commonest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [contact.pk, MOST])
        return [Spelling(*row) for row in cursor.fetchall()]
