"""Changing a campaign: its DIDs and its members."""

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import created, record
from accounts.models import User
from accounts.roles import Role
from campaigns.models import DID, Campaign, CannedReply, KeywordAnswer, Member
from campaigns.visible import Viewer, visible_to
from providers.errors import Refusal
from providers.gate import require_fitting
from providers.models import Provider
from providers.numbers import display
from providers.own_numbers import parse_own

HIGHEST_PENALTY = 100


def claim(
    provider: Provider, numbers: Sequence[str], besides: Campaign | None = None, reader: Viewer | None = None
) -> list[str]:
    """The numbers in digits, each once, in order, if no campaign but `besides` has them at this provider.

    Raises BadNumber, or Refusal `did_taken` that names the other campaign, if `reader` may see it.
    """
    digits = list(dict.fromkeys(parse_own(number, provider.api_type) for number in numbers))
    other = next(iter(holders(provider, digits, besides)), None)
    if other:
        raise Refusal("did_taken", taken_sentence(other, reader), status=400)
    return digits


def taken_sentence(did: DID, reader: Viewer | None) -> str:
    """Who has a number; a campaign that is kept from `reader` is not named (None: nobody reads it but the program)."""
    number = display(did.number)
    if reader is not None and not may_see(did, reader):
        sentence = _("%(number)s belongs to a campaign of another group. Whoever sees that one takes it out.")
        return sentence % {"number": number}
    sentence = _("%(number)s belongs to the campaign “%(campaign)s”. Take it out there first.")
    return sentence % {"number": number, "campaign": did.campaign}


def may_see(did: DID, reader: Viewer) -> bool:
    return visible_to(reader).filter(pk=did.campaign_id).exists()


def holders(provider: Provider, digits: Sequence[str], besides: Campaign | None = None) -> list[DID]:
    """The DIDs of other campaigns than `besides` among these numbers of a provider. One query."""
    taken = DID.objects.select_related("campaign").filter(provider=provider, number__in=digits)
    return list(taken.exclude(campaign=besides).order_by("pk"))


def set_dids(campaign: Campaign, numbers: Sequence[str], reader: Viewer | None = None) -> None:
    """Makes these the campaign's only DIDs, at its provider. Raises as `claim` does."""
    digits = claim(campaign.provider, numbers, campaign, reader)
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
        claim(campaign.provider, numbers, campaign, reader)
        raise


def require_fitting_answers(campaign: Campaign) -> None:
    """Raises Refusal for a stored keyword answer or canned reply that the campaign's provider would not take."""
    texts = [
        *KeywordAnswer.objects.filter(campaign=campaign).values_list("words", "text"),
        *CannedReply.objects.filter(campaign=campaign).values_list("shortcut", "text"),
    ]
    for name, text in texts:
        try:
            require_fitting(campaign.provider, text)
        except Refusal as refusal:
            raise Refusal(refusal.code, f"“{name}”: {refusal}", status=400) from refusal


def add_members(campaigns: Iterable[Campaign], agents: Iterable[User], penalty: int = 0) -> int:
    """Makes each agent a member of each campaign; who is one already keeps the penalty. Returns how many were added.

    Raises Refusal `not_an_agent` for somebody outside the Agents group, and adds nobody then.
    """
    people = list(agents)
    works = Q(groups__name__in=[Role.AGENTS, Role.SUPERVISORS]) | Q(is_superuser=True)
    able = set(User.objects.filter(works, pk__in=[one.pk for one in people]).values_list("pk", flat=True))
    for person in people:
        if person.pk not in able:
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


def set_penalty(campaigns: Iterable[Campaign], agent: User, raw: str) -> int:
    """Writes what somebody typed as the agent's penalty in each of the campaigns that they are a member of.

    Returns it. Raises Refusal `penalty` for what is no whole number from 0 to 100, `no_member` where there is no
    such membership any more.
    """
    text = raw.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and int(text) <= HIGHEST_PENALTY):
        raise Refusal("penalty", _("Give a whole number from 0 to 100."), status=400)
    penalty = int(text)
    with transaction.atomic():
        members = Member.objects.filter(campaign__in=list(campaigns), agent=agent).order_by("pk")
        locked = list(members.select_for_update(no_key=True))
        if not locked:
            raise Refusal("no_member", _("%(name)s is no member any more.") % {"name": agent}, status=404)
        for member in locked:
            member.penalty = penalty
            member.save(update_fields=["penalty"])
    return penalty
