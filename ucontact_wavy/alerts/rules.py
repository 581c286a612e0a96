"""The alert rules as they stand: what is watched and whom it is told."""

from datetime import datetime

from ucontact_wavy.models import THE_ROW, AlertKind, AlertRules


def current() -> AlertRules:
    """The rules that hold now; unsaved defaults where nobody has set any. One query."""
    return AlertRules.objects.filter(pk=THE_ROW).first() or AlertRules(pk=THE_ROW)


def watched(rules: AlertRules) -> set[AlertKind]:
    """The kinds that are looked for."""
    return {kind for kind in AlertKind if kind not in rules.off}


def addresses(rules: AlertRules) -> list[str]:
    """The e-mail addresses, each once, in their order."""
    return list(dict.fromkeys(line.strip() for line in rules.emails.splitlines() if line.strip()))


def note_sweep(rules: AlertRules, now: datetime) -> datetime | None:
    """Notes that somebody watched; returns when that was last, None the first time."""
    if rules._state.adding:
        AlertRules.objects.bulk_create([AlertRules(pk=THE_ROW, swept_at=now)], ignore_conflicts=True)
    else:
        AlertRules.objects.filter(pk=THE_ROW).update(swept_at=now)
    return rules.swept_at
