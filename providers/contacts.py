"""Contacts: the people at each of our numbers, whichever way their number is written."""

import re
from collections.abc import Iterable

from django.db.models import QuerySet

from providers.models import Contact, Provider
from providers.numbers import canonical, variants


def dialled(address: str) -> str:
    """The digits of an address as it came; one that holds letters stays as it is. At most 32 characters."""
    digits = "".join(re.findall(r"[0-9]", address))
    return (digits if digits and not any(map(str.isalpha, address)) else address.strip())[:32]


def contact_for(provider: Provider, address: str) -> Contact:
    """The contact of an address (digits), made if it is new."""
    return contacts_for(provider, [address])[canonical(address)]


def contacts_for(provider: Provider, addresses: Iterable[str]) -> dict[str, Contact]:
    """The contacts of many addresses, by canonical number; missing ones are made. Three queries at most."""
    wanted = {canonical(address): dialled(address) for address in addresses}
    known = _known(provider, wanted)
    missing = sorted(set(wanted) - set(known))
    if missing:
        Contact.objects.bulk_create(
            (Contact(provider=provider, contact=number, address=wanted[number]) for number in missing),
            ignore_conflicts=True,
        )
        known |= _known(provider, missing)
    return known


def _known(provider: Provider, numbers: Iterable[str]) -> dict[str, Contact]:
    rows = Contact.objects.filter(provider=provider, contact__in=list(numbers))
    return {contact.contact: contact for contact in rows}


def matching(number: str) -> set[str]:
    """The canonical numbers that a number in any spelling may mean; empty for text without digits."""
    digits = "".join(character for character in number if character.isdecimal())
    return {canonical(form) for form in (digits, *variants(digits))} if digits else set()


def contacts_of(number: str) -> QuerySet[Contact]:
    """The contacts with a number in any spelling, at every provider; the index begins with the provider."""
    return Contact.objects.filter(provider__in=Provider.objects.all(), contact__in=matching(number))
