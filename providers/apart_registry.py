"""The do-not-call registry when two people of one number are told apart, and when they are merged again."""

from providers.models import Contact, Direction, DoNotCall, DoNotCallRemoval, Message
from providers.models.do_not_call import Source


def part(one: Contact, other: Contact) -> None:
    """Gives each entry of their provider to whom it was about; where that is not known, it holds for both.

    Entries for all providers hold for both by themselves.
    """
    for entry in DoNotCall.objects.filter(provider=one.provider_id, number=one.contact).order_by("pk"):
        about = _about(entry, one, other)
        if other in about:
            _give(entry, other)
        if one not in about:
            entry.delete()


def join(one: Contact, other: Contact) -> None:
    """What held for either of them holds for the one that they are again."""
    for entry in DoNotCall.objects.filter(provider=other.provider_id, number=other.contact).order_by("pk"):
        _give(entry, one)
        entry.delete()
    DoNotCallRemoval.objects.filter(provider=other.provider_id, number=other.contact).update(
        number=one.contact
    )


def _give(entry: DoNotCall, person: Contact) -> None:
    known = {"provider": person.provider, "number": person.contact, "source": entry.source}
    if DoNotCall.objects.filter(**known).exists():
        return
    given = DoNotCall.objects.create(**known, reason=entry.reason, created_by=entry.created_by)
    DoNotCall.objects.filter(pk=given.pk).update(created_at=entry.created_at)


def _about(entry: DoNotCall, one: Contact, other: Contact) -> list[Contact]:
    """Whose messages led to it: the customer's own opt-out, or the provider's answer to one of ours."""
    both = [one, other]
    messages = Message.objects.filter(contact__in=both)
    if entry.source == Source.CUSTOMER:
        messages = messages.filter(direction=Direction.IN, opt_out=True)
    elif entry.source == Source.PROVIDER:
        messages = messages.filter(direction=Direction.OUT, error="opted_out")
    else:
        return both
    keys = set(messages.values_list("contact", flat=True))
    return [person for person in both if person.pk in keys] or both
