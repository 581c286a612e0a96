"""Rows of bases follow their messages when two people of one number are told apart or merged again."""

from django.db import connection

from providers.models import Contact

# A row that has no message yet finds its contact by its address when it is claimed.
FOLLOW = """
UPDATE dialers_row AS r SET contact = %(number)s
FROM (SELECT id FROM providers_message WHERE contact_id = %(contact)s AND batch IS NOT NULL OFFSET 0) AS m
WHERE r.message_id = m.id AND r.message_id IS NOT NULL AND r.contact <> %(number)s
"""


def rows_follow(contact: Contact) -> None:
    """Gives the rows of a contact's messages its number, which is what recycling goes by. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW, {"number": contact.contact, "contact": contact.pk})
