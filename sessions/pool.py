"""The agents who have room, campaign by campaign, while one batch of interactions is given out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from random import Random

from campaigns.models import Campaign, Member
from sessions.strategies import Candidate, Order, has_room, most_at_a_time


class Pool:
    """Members who are there and not full. `held`: what agents hold open, by id; `clocks`: of each campaign's order."""

    def __init__(
        self,
        members: Iterable[Member],
        campaigns: Mapping[int, Campaign],
        held: Mapping[int, int],
        clocks: Mapping[int, int],
        random: Random,
    ) -> None:
        self.campaigns = campaigns
        self.orders = {pk: Order(one.distribution, clocks[pk], random) for pk, one in campaigns.items()}
        self.free: dict[int, dict[int, Candidate]] = defaultdict(dict)
        self.places: dict[int, list[tuple[int, Candidate]]] = defaultdict(list)
        self.members: dict[tuple[int, int], Member] = {}
        self.given: dict[int, Member] = {}
        self.handed_out = 0
        for member in members:
            agent, campaign = member.agent_id, campaigns[member.campaign_id]
            candidate = Candidate(
                agent, member.penalty, held.get(agent, 0), member.turn, member.last_assigned_at
            )
            if self._fits(campaign, candidate):
                self.free[campaign.pk][agent] = candidate
                self.places[agent].append((campaign.pk, candidate))
                self.members[campaign.pk, agent] = member

    def with_room(self) -> list[int]:
        """Ids of the campaigns in which somebody has room, so that another one does not stand in front of them."""
        return [pk for pk, candidates in self.free.items() if candidates]

    def room(self, most: int) -> int:
        """How many may be given out at best, `most` at most."""
        total = 0
        for places in self.places.values():
            limits = [self._limit(campaign_id) for campaign_id, _candidate in places]
            total += most if 0 in limits else max(limits) - places[0][1].open
        return min(total, most)

    def give(self, campaign_id: int, last_agent: int | None, now: datetime) -> int | None:
        """The agent who gets the campaign's next one: the customer's last, if free, else whom the order says.

        None where nobody has room.
        """
        candidates, order = self.free[campaign_id], self.orders[campaign_id]
        returning = candidates.get(last_agent) if last_agent else None
        chosen = returning or order.choose(list(candidates.values()))
        if chosen is None:
            return None
        # A microsecond apart, so that those given to in one pass keep their order.
        self.handed_out += 1
        order.give(chosen, now + timedelta(microseconds=self.handed_out), in_turn=returning is None)
        self._note(campaign_id, chosen)
        return chosen.agent_id

    def remembered(self) -> list[Member]:
        """The members who got something, with their place and time, unsaved."""
        return list(self.given.values())

    def _note(self, campaign_id: int, chosen: Candidate) -> None:
        member = self.members[campaign_id, chosen.agent_id]
        member.turn, member.last_assigned_at = chosen.turn, chosen.last
        self.given[member.pk] = member
        for other_id, candidate in self.places[chosen.agent_id]:
            candidate.open = chosen.open
            if not self._fits(self.campaigns[other_id], candidate):
                self.free[other_id].pop(candidate.agent_id, None)

    def _limit(self, campaign_id: int) -> int:
        campaign = self.campaigns[campaign_id]
        return most_at_a_time(campaign.strategy, campaign.max_interactions)

    @staticmethod
    def _fits(campaign: Campaign, candidate: Candidate) -> bool:
        return has_room(campaign.strategy, campaign.max_interactions, candidate.open)
