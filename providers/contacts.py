"""Contacts: the people at each of our numbers, whichever way their number is written."""

import re
from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import Q, QuerySet

from providers.locks import Lock
from providers.models import Contact, NumberApart, Provider
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
    digits = {address: dialled(address) for address in addresses}
    people = people_at(provider, {number: number for number in digits.values()})
    found = Contact.objects.in_bulk([person.pk for person in people.values()])
    return {address: found[people[number].pk] for address, number in digits.items()}


# The lock is a statement of its own: what is read after it is what holds until the transaction ends.
PEOPLE = f"""
SELECT pg_advisory_xact_lock_shared({Lock.APART:d}, 0);
WITH wanted AS (
    SELECT COALESCE(a.number, w.number) AS number, w.address, a.number IS NOT NULL AS apart
    FROM json_to_recordset(%s) AS w(number text, address text)
    LEFT JOIN providers_numberapart a ON a.provider_id = %s AND a.merged_at IS NULL AND a.number = w.address
), known AS (
    SELECT c.id, c.contact, c.last_incoming_at, c.window_closed_at FROM providers_contact c
    WHERE c.provider_id = %s AND c.contact = ANY(ARRAY(SELECT number FROM wanted)) -- a join may read all of them
), made AS (
    INSERT INTO providers_contact (provider_id, contact, address, name, created_at)
    SELECT %s, w.number, w.address, '', now() FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.contact = w.number) ORDER BY w.number
    ON CONFLICT DO NOTHING
    RETURNING id, contact, last_incoming_at, window_closed_at
)
SELECT id, contact, last_incoming_at, window_closed_at FROM known
UNION ALL SELECT id, contact, last_incoming_at, window_closed_at FROM made
UNION ALL SELECT NULL, number, NULL, NULL FROM wanted WHERE apart
"""  # noqa: S608 - a number of ours


def people_at(provider: Provider, wanted: Mapping[str, str]) -> dict[str, Person]:
    """The people with these numbers, by number; `wanted` gives the address of those whose contact is made.

    A number is canonical, or any spelling that leads to it; of an address that was told apart it is the one that
    has a contact of its own. Nobody tells them apart, or merges them, before the transaction ends.
    One query, a second where somebody else makes one of them at the same moment.
    """
    known: dict[str, Person] = {}
    while missing := sorted(wanted.keys() - known.keys()):
        forms = {number: canonical(number) for number in missing}
        asked = records({"number": forms[number], "address": wanted[number]} for number in missing)
        with connection.cursor() as cursor:
            cursor.execute(PEOPLE, [asked, provider.pk, provider.pk, provider.pk])
            cursor.nextset()
            rows = cursor.fetchall()
        people = {row[1]: Person(*row) for row in rows if row[0] is not None}
        apart = {row[1] for row in rows if row[0] is None}
        for number, form in forms.items():
            person = people.get(wanted[number] if wanted[number] in apart else form)
            if person is not None:
                known[number] = person
    return known


def told_apart(provider: Provider) -> frozenset[str]:
    """The spellings that are people of their own at a provider: a handful, if any. One query."""
    apart = NumberApart.objects.filter(provider=provider, merged_at=None)
    return frozenset(apart.values_list("number", flat=True))


def person_number(provider: Provider | None, address: str) -> str:
    """The number of whoever is at an address: its canonical form, or the address itself where it was told apart.

    At all providers together (None) it is the canonical form. One query at most, none for most numbers.
    """
    form, digits = canonical(address), dialled(address)
    if provider is None or form == digits:
        return form
    apart = NumberApart.objects.filter(provider=provider, number=digits, merged_at=None)
    return digits if apart.exists() else form


def matching(number: str) -> set[str]:
    """The canonical numbers that a number in any spelling may mean; empty for text without digits."""
    digits = "".join(character for character in number if character.isdecimal())
    return {canonical(form) for form in (digits, *variants(digits))} if digits else set()


def contacts_of(number: str) -> QuerySet[Contact]:
    """The contacts with a number in any spelling, at every provider; the index begins with the provider.

    Where this spelling was told apart, the one who has it alone.
    """
    digits = dialled(number)
    apart = NumberApart.objects.filter(number=digits, merged_at=None)
    providers = list(apart.values_list("provider", flat=True))
    one_form = Q(provider__in=Provider.objects.exclude(pk__in=providers), contact__in=matching(number))
    if not providers:
        return Contact.objects.filter(one_form)
    return Contact.objects.filter(one_form | Q(provider__in=providers, contact=digits))
