"""Contacts: the people at each of our numbers, whichever way their number is written."""

import re
from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import QuerySet

from providers.models import Contact, Provider
from providers.numbers import canonical, variants
from providers.records import records


def dialled(address: str) -> str:
    """The digits of an address as it came; one that holds letters stays as it is. At most 32 characters."""
    digits = "".join(re.findall(r"[0-9]", address))
    return (digits if digits and not any(map(str.isalpha, address)) else address.strip())[:32]


def contact_for(provider: Provider, address: str) -> Contact:
    """The contact of an address (digits), made if it is new."""
    return contacts_for(provider, [address])[canonical(address)]


def contacts_for(provider: Provider, addresses: Iterable[str]) -> dict[str, Contact]:
    """The contacts of many addresses, by canonical number; missing ones are made. Two queries at most."""
    return people_at(provider, {canonical(address): dialled(address) for address in addresses})


PEOPLE = """
WITH wanted AS (
    SELECT number, address FROM json_to_recordset(%s) AS w(number text, address text)
), known AS (
    SELECT c.id, c.contact, c.address, c.name, c.last_incoming_at, c.created_at
    FROM providers_contact c
    WHERE c.provider_id = %s AND c.contact = ANY(ARRAY(SELECT number FROM wanted)) -- a join may read all of them
), made AS (
    INSERT INTO providers_contact (provider_id, contact, address, name, created_at)
    SELECT %s, w.number, w.address, '', now() FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.contact = w.number) ORDER BY w.number
    ON CONFLICT DO NOTHING
    RETURNING id, contact, address, name, last_incoming_at, created_at
)
SELECT * FROM known UNION ALL SELECT * FROM made
"""


def people_at(provider: Provider, wanted: Mapping[str, str]) -> dict[str, Contact]:
    """The contacts of canonical numbers, by number; `wanted` gives the address of those that are made.

    One query, a second where somebody else makes one of them at the same moment.
    """
    known: dict[str, Contact] = {}
    while missing := sorted(wanted.keys() - known.keys()):
        asked = records({"number": number, "address": wanted[number]} for number in missing)
        with connection.cursor() as cursor:
            cursor.execute(PEOPLE, [asked, provider.pk, provider.pk])
            found = cursor.fetchall()
        for key, number, address, name, last_incoming_at, created_at in found:
            known[number] = Contact(key, provider.pk, number, address, name, last_incoming_at, created_at)
    return known


def matching(number: str) -> set[str]:
    """The canonical numbers that a number in any spelling may mean; empty for text without digits."""
    digits = "".join(character for character in number if character.isdecimal())
    return {canonical(form) for form in (digits, *variants(digits))} if digits else set()


def contacts_of(number: str) -> QuerySet[Contact]:
    """The contacts with a number in any spelling, at every provider; the index begins with the provider."""
    return Contact.objects.filter(provider__in=Provider.objects.all(), contact__in=matching(number))
