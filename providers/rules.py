"""The sending rules as they stand: the one row, or the defaults."""

from providers.models.rules import SendingRules

THE_ROW = 1


def current() -> SendingRules:
    """The rules that hold now; unsaved defaults where nobody has set any. One query."""
    return SendingRules.objects.filter(pk=THE_ROW).first() or SendingRules(pk=THE_ROW)
