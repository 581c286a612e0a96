"""Changing a campaign: its DIDs and its members."""

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import created, record
from accounts.models import User
from campaigns.models import DID, Campaign, Member
from providers.errors import Refusal
from providers.models import Provider
from providers.numbers import display
from providers.own_numbers import parse_own


def claim(provider: Provider, numbers: Sequence[str], besides: Campaign | None = None) -> list[str]:
    """The numbers in digits, each once, in order, if no campaign but `besides` has them at this provider.

    Raises BadNumber, or Refusal `did_taken` that names the other campaign.
    """
    digits = list(dict.fromkeys(parse_own(number, provider.api_type) for number in numbers))
    other = next(iter(holders(provider, digits, besides)), None)
    if other:
        raise Refusal(
            "did_taken",
            _("%(number)s belongs to the campaign “%(campaign)s”. Take it out there first.")
            % {"number": display(other.number), "campaign": other.campaign},
            status=400,
        )
    return digits


def holders(provider: Provider, digits: Sequence[str], besides: Campaign | None = None) -> list[DID]:
    """The DIDs of other campaigns than `besides` among these numbers of a provider. One query."""
    taken = DID.objects.select_related("campaign").filter(provider=provider, number__in=digits)
    return list(taken.exclude(campaign=besides).order_by("pk"))


def set_dids(campaign: Campaign, numbers: Sequence[str]) -> None:
    """Makes these the campaign's only DIDs, at its provider. Raises as `claim` does."""
    digits = claim(campaign.provider, numbers, campaign)
    try:
        with transaction.atomic():
            before = sorted(campaign.dids.values_list("number", flat=True))
            campaign.dids.exclude(provider=campaign.provider, number__in=digits).delete()
            known = set(campaign.dids.values_list("number", flat=True))
            DID.objects.bulk_create(
                DID(campaign=campaign, provider=campaign.provider, number=number)
                for number in digits
                if number not in known
            )
            if before != sorted(digits):
                record(campaign, Act.CHANGED, {"dids": (before, sorted(digits))})
    except IntegrityError:
        claim(campaign.provider, numbers, campaign)
        raise


def add_members(campaigns: Iterable[Campaign], agents: Iterable[User], penalty: int = 0) -> int:
    """Makes each agent a member of each campaign; who is one already keeps the penalty. Returns how many were added.

    Raises Refusal `not_an_agent` for somebody outside the Agents group, and adds nobody then.
    """
    people = list(agents)
    for person in people:
        if not person.is_agent:
            raise Refusal(
                "not_an_agent", _("%(name)s is not in the Agents group.") % {"name": person}, status=400
            )
    wanted = [
        Member(campaign=campaign, agent=agent, penalty=penalty) for campaign in campaigns for agent in people
    ]
    known = set(
        Member.objects.filter(
            agent__in=people, campaign__in={member.campaign for member in wanted}
        ).values_list("campaign_id", "agent_id")
    )
    fresh = [member for member in wanted if (member.campaign_id, member.agent_id) not in known]
    with transaction.atomic():
        Member.objects.bulk_create(fresh, ignore_conflicts=True)
        made = Member.objects.select_related("campaign", "agent").filter(
            agent__in=people, campaign__in={member.campaign for member in fresh}
        )
        created(one for one in made if (one.campaign_id, one.agent_id) not in known)
    return len(fresh)


def remove_members(campaigns: Iterable[Campaign], agents: Iterable[User]) -> int:
    """Takes each agent out of each campaign; their open interactions stay theirs. Returns how many were removed."""
    removed, _by_model = Member.objects.filter(campaign__in=list(campaigns), agent__in=list(agents)).delete()
    return removed
