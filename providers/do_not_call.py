"""Adding to the do-not-call registry."""

from providers.models import DoNotCall, Provider
from providers.models.do_not_call import Source
from providers.numbers import canonical, parse_destination


def add(number: str, provider: Provider | None, source: str = Source.OPERATOR, reason: str = "") -> DoNotCall:
    """The entry for a number in any spelling; twice is harmless. Raises BadNumber.

    No provider = at all of them.
    """
    entry, _made = DoNotCall.objects.get_or_create(
        number=canonical(parse_destination(number)),
        provider=provider,
        source=source,
        defaults={"reason": reason},
    )
    return entry
