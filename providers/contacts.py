"""Contacts: the people at each of our numbers, whichever way their number is written."""

import re
from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import QuerySet

from providers.models import Contact, Provider
from providers.models.contact import Person
from providers.numbers import canonical, variants
from providers.records import records


def dialled(address: str) -> str:
    """The digits of an address as it came; one that holds letters stays as it is. At most 32 characters."""
    digits = "".join(re.findall(r"[0-9]", address))
    return (digits if digits and not any(map(str.isalpha, address)) else address.strip())[:32]


def contact_for(provider: Provider, address: str) -> Contact:
    """The contact of an address (digits), made if it is new."""
    return contacts_for(provider, [address])[address]


def contacts_for(provider: Provider, addresses: Iterable[str]) -> dict[str, Contact]:
    """The contacts of many addresses, by the address as it was given; missing ones are made. Two queries."""
    numbers = {address: canonical(address) for address in addresses}
    people = people_at(provider, {number: dialled(address) for address, number in numbers.items()})
    found = Contact.objects.in_bulk([person.pk for person in people.values()])
    return {address: found[people[number].pk] for address, number in numbers.items()}


PEOPLE = """
WITH wanted AS (
    SELECT number, address FROM json_to_recordset(%s) AS w(number text, address text)
), known AS (
    SELECT c.id, c.contact, c.last_incoming_at FROM providers_contact c
    WHERE c.provider_id = %s AND c.contact = ANY(ARRAY(SELECT number FROM wanted)) -- a join may read all of them
), made AS (
    INSERT INTO providers_contact (provider_id, contact, address, name, created_at)
    SELECT %s, w.number, w.address, '', now() FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.contact = w.number) ORDER BY w.number
    ON CONFLICT DO NOTHING
    RETURNING id, contact, last_incoming_at
)
SELECT * FROM known UNION ALL SELECT * FROM made
"""


def people_at(provider: Provider, wanted: Mapping[str, str]) -> dict[str, Person]:
    """The people with canonical numbers, by number; `wanted` gives the address of those whose contact is made.

    One query, a second where somebody else makes one of them at the same moment.
    """
    known: dict[str, Person] = {}
    while missing := sorted(wanted.keys() - known.keys()):
        asked = records({"number": number, "address": wanted[number]} for number in missing)
        with connection.cursor() as cursor:
            cursor.execute(PEOPLE, [asked, provider.pk, provider.pk])
            known |= {row[1]: Person(*row) for row in cursor.fetchall()}
    return known


def matching(number: str) -> set[str]:
    """The canonical numbers that a number in any spelling may mean; empty for text without digits."""
    digits = "".join(character for character in number if character.isdecimal())
    return {canonical(form) for form in (digits, *variants(digits))} if digits else set()


def contacts_of(number: str) -> QuerySet[Contact]:
    """The contacts with a number in any spelling, at every provider; the index begins with the provider."""
    return Contact.objects.filter(provider__in=Provider.objects.all(), contact__in=matching(number))
