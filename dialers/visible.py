"""Which dialers and bases a person sees: not those of a campaign that is kept from them."""

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.visible import Viewer, hidden_from, not_hidden
from dialers.models import Base, Dialer


def dialers_visible_to(user: Viewer) -> QuerySet[Dialer]:
    """Dialers without a campaign and those of campaigns that the user sees."""
    return Dialer.objects.filter(not_hidden(user))


def bases_visible_to(user: Viewer) -> QuerySet[Base]:
    """The bases of these dialers."""
    return Base.objects.filter(not_hidden(user, "dialer__campaign"))


def hidden_batch(user: Viewer, batch: str = "batch") -> Exists:
    """Whether a message left in a base that is kept from the user; `batch` names its column."""
    bases = Base.objects.filter(pk=OuterRef(batch), dialer__campaign__in=hidden_from(user))
    return Exists(bases)
