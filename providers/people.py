"""Finding people by what one knows of their number: the whole in any spelling, its end, its beginning, its middle."""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from providers.contacts import matching
from providers.errors import Refusal
from providers.models import Contact, DoNotCall, Provider
from providers.models.contact import ERASED
from providers.numbers import EXTRA_DIGITS, PLANS, canonical

MOST = 50  # people
SHORTEST = 4  # digits
SECONDS = 0.7  # that looking at the middle of numbers may take, and one STEP more
STEP = 100_000  # contacts at a time
CODES = tuple(dict.fromkeys(plan.calling_code for plan in PLANS.values()))
BRAZIL = re.compile(r"55[1-9]{2}[016-8]")  # a beginning that lacks the ninth digit


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One number, and whoever has it at each provider; nobody where it is only in the do-not-call registry."""

    number: str
    contacts: list[Contact] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class People:
    """At most MOST, the best matches first; `more` where there are others.

    `inside`: by the middle of their number; `cut`: the older ones were not looked at.
    """

    found: list[FoundPerson]
    more: bool = False
    inside: bool = False
    cut: bool = False


# The operators of text_pattern_ops: with LIKE a pattern that is no constant goes through no index.
ENDING = f"""
SELECT contact FROM unnest(%s::text[], %s::text[]) AS wanted(low, high), LATERAL (
    SELECT contact FROM providers_contact
    WHERE reverse(contact) ~>=~ low AND reverse(contact) ~<~ high AND contact NOT LIKE '{ERASED}%%' LIMIT %s
) AS found
"""  # noqa: S608 - a word of ours
BEGINNING = """
SELECT contact FROM unnest(%s::text[], %s::text[]) AS wanted(low, high), providers_provider p, LATERAL (
    SELECT contact FROM providers_contact
    WHERE provider_id = p.id AND contact >= low AND contact < high ORDER BY contact LIMIT %s
) AS found
"""
# No index knows the middle: whole ranges of ids are read, the newest first.
INSIDE = f"""
SELECT contact FROM providers_contact
WHERE id > %s AND id <= %s AND contact LIKE %s AND contact NOT LIKE '{ERASED}%%' ORDER BY id DESC LIMIT %s
"""  # noqa: S608 - a word of ours


def find(text: str, clock: Callable[[], float] = time.monotonic) -> People:
    """Who is meant. Raises Refusal `number_part` for less than SHORTEST digits.

    Bounded queries, each by an index. Where they find nobody, the middle of the numbers is read, for SECONDS.
    """
    digits = "".join(re.findall(r"[0-9]", text))
    if len(digits) < SHORTEST:
        sentence = _("Type at least %(n)d digits of the number, its last ones for instance.")
        raise Refusal("number_part", sentence % {"n": SHORTEST}, status=400)
    bare = digits.lstrip("0") or digits
    whole = [digits, *sorted(matching(digits)), *(canonical(code + bare) for code in EXTRA_DIGITS)]
    numbers: dict[str, None] = {}
    numbers |= dict.fromkeys(_whole(whole))
    for part in (
        _ending({digits, bare}),
        _beginning(_beginnings(bare)),
        _beginning(code + bare for code in CODES),
    ):
        if len(numbers) > MOST:
            break
        numbers |= dict.fromkeys(part)
    wanted = list(numbers)[:MOST]
    people = _people(wanted)
    listed = DoNotCall.objects.filter(number__in=whole).exclude(number__in=numbers)
    people += [FoundPerson(number) for number in sorted(set(listed.values_list("number", flat=True)))]
    if people or len(bare) < SHORTEST:
        return People(people[:MOST], len(numbers) > MOST)
    inside, cut = _inside(bare, clock)
    return People(_people(inside[:MOST]), len(inside) > MOST, inside=True, cut=cut)


def contacts_with(numbers: Iterable[str]) -> list[Contact]:
    """Whoever has exactly these numbers, at every provider; one query through the index, which begins with it."""
    wanted = Contact.objects.filter(provider__in=Provider.objects.all(), contact__in=list(numbers))
    return list(wanted.select_related("provider").order_by("provider__name"))


def _people(numbers: list[str]) -> list[FoundPerson]:
    by_number: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts_with(numbers):
        by_number[contact.contact].append(contact)
    return [FoundPerson(number, by_number[number]) for number in numbers if number in by_number]


def _whole(numbers: Iterable[str]) -> list[str]:
    order = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
    there = {contact.contact for contact in contacts_with(order)}
    return sorted(there, key=lambda number: order[number])


def _ending(parts: set[str]) -> list[str]:
    low = [part[::-1] for part in sorted(parts) if len(part) >= SHORTEST]
    high = [part[:-1] + chr(ord(part[-1]) + 1) for part in low]
    return _asked(ENDING, low, high)


def _beginning(parts: Iterable[str]) -> list[str]:
    """By the range from each part up to the next of its length: all nines have none, and begin no number."""
    ranges = [(part, str(int(part) + 1)) for part in parts if part.strip("9") and len(part) < 32]
    return _asked(BEGINNING, [low for low, _high in ranges], [high for _low, high in ranges])


def _inside(part: str, clock: Callable[[], float]) -> tuple[list[str], bool]:
    """Whose number has the part somewhere, the newest first; and whether the time ended before the contacts did."""
    ends, found = clock() + SECONDS, dict.fromkeys(list[str]())
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM providers_contact")
        first, at = cursor.fetchone()
        while at is not None and at >= first and len(found) <= MOST:
            if clock() > ends:
                return list(found), True
            cursor.execute(INSIDE, [at - STEP, at, f"%{part}%", MOST + 1])
            found |= dict.fromkeys(row[0] for row in cursor.fetchall())
            at -= STEP
    return list(found), False


def _beginnings(digits: str) -> list[str]:
    """A beginning in the spelling of our form too: without Mexico's 1 and Argentina's 9, with Brazil's ninth digit."""
    forms = [digits]
    for code, rule in EXTRA_DIGITS.items():
        if not rule.kept and digits.startswith(code + rule.digit):
            forms.append(code + digits[len(code) + 1 :])
    if BRAZIL.match(digits):
        forms.append(digits[:4] + "9" + digits[4:])
    return forms


def _asked(query: str, low: list[str], high: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, [low, high, MOST + 1])
        return sorted({row[0] for row in cursor.fetchall()})
