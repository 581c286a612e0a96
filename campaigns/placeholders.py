"""The placeholders of canned replies: which there are, and what a text becomes with them filled in."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PLACEHOLDERS = ("name", "agent")
_FOUND = re.compile(r"\{([^{}]*)\}")


def require_known(text: str) -> None:
    """Raises ValidationError that names a placeholder which nothing fills in."""
    for found in _FOUND.finditer(text):
        if found[1] not in PLACEHOLDERS:
            raise ValidationError(
                _("“%(found)s” is no placeholder. There are {name}, the customer's, and {agent}."),
                params={"found": found[0]},
            )


def filled_in(text: str, *, name: str, agent: str) -> str:
    """The text as the customer reads it. What is no placeholder stays as it is."""
    values = {"name": name, "agent": agent}
    return _FOUND.sub(lambda found: values.get(found[1], found[0]), text)
