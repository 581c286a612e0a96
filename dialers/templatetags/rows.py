"""Reading a row's other columns in a template."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def value_of(extra: dict[str, Any], name: str) -> Any:
    """The value of one column; empty where the row has none."""
    return extra.get(name, "")
