"""Which campaigns a person sees: those limited to groups are there for the supervisors and operators of these alone."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from campaigns.models import Campaign, Member

Viewer = User | AnonymousUser
LIMITS: Any = Campaign.groups.through


def visible_to(user: Viewer) -> QuerySet[Campaign]:
    """Campaigns without groups and those of the user's own groups; every one for superusers."""
    return Campaign.objects.exclude(pk__in=hidden_from(user))


def hidden_from(user: Viewer) -> QuerySet[Campaign, int]:
    """Ids of the campaigns that are kept from the user, as a subquery; none for superusers.

    Rows that need no campaign are filtered by what is hidden, so that those without one stay visible.
    """
    if user.is_superuser:
        return Campaign.objects.none().values_list("pk", flat=True)
    limits = LIMITS.objects.filter(campaign=OuterRef("pk"))
    own = limits.filter(group__user=user.pk)
    return Campaign.objects.filter(Exists(limits), ~Exists(own)).values_list("pk", flat=True)


def not_hidden(user: Viewer, campaign: str = "campaign") -> Q:
    """A filter for rows with a campaign at `campaign`, or none: leaves out those of hidden ones."""
    return ~Q(**{f"{campaign}__in": hidden_from(user)})


def members_visible_to(user: Viewer) -> QuerySet[Member]:
    """Members of the campaigns that the user sees."""
    return Member.objects.filter(not_hidden(user))
