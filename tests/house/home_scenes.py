"""What the start page is looked at with: a provider at work, one that is suspended, bases in every state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from campaigns.models import Campaign
from dialers.models import Base, Dialer
from providers import ledger, tally
from providers.models import Message, Provider
from providers.states import PENDING, State
from tests.factories import (
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_provider,
    outgoing,
)

MINUTE = timedelta(minutes=1)


@dataclass
class Scene:
    """A provider with a campaign and a dialer, at this moment."""

    now: datetime
    provider: Provider
    campaign: Campaign
    dialer: Dialer
    people: int = 0

    def base(self, name: str, state: str, valid: int = 10, **fields: object) -> Base:
        """A base of which nothing left yet."""
        made = make_base(self.dialer, name, state, valid=valid, started_at=self.now, **fields)
        tally.append({(made.pk, PENDING): valid})
        return made

    def leave(self, base: Base, n: int, state: State, ago: int = 5, error: str = "") -> list[Message]:
        """Some of its messages leave and come to a state; the sweep notes it `ago` minutes ago."""
        sent = []
        for _turn in range(n):
            self.people += 1
            sent.append(outgoing(make_contact(self.provider, f"59899{self.people:06}"), base=base))
        at = self.now - ago * MINUTE
        times = {f"{state.key}_at": at, "accepted_at": at}
        ledger.move([ledger.Move(one.pk, state, times, error=error) for one in sent])
        tally.append({(base.pk, PENDING): -n})
        tally.fold(now=at)
        return sent


def scene() -> Scene:
    """By the real clock, as the pages are."""
    provider = make_provider(last_callback_at=timezone.now())
    campaign = make_campaign(provider)
    return Scene(timezone.now(), provider, campaign, make_dialer(provider, campaign=campaign))
