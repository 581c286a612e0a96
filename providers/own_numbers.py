"""Our own numbers: what Wavy approved for a provider, a phone number or, for SMS, a short code."""

import re

from providers.drivers import driver_for
from providers.numbers import parse_destination

SHORT_CODE = re.compile(r"\+?(\d{3,6})")  # shorter than any number with its country code


def parse_own(raw: str, api_type: str) -> str:
    """The digits of a number of ours. Raises BadNumber; a short code will do where the driver sends SMS."""
    if driver_for(api_type).segmented and (found := SHORT_CODE.fullmatch(raw.strip())):
        return found[1]
    return parse_destination(raw)


def written(number: str) -> str:
    """A number of ours as a form shows it; a short code has no country code and so no +."""
    return number if SHORT_CODE.fullmatch(number) else f"+{number}"
