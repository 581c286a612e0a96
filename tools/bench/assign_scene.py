"""A campaign to measure assignment with: agents who are not there yet, and customers who wait.

Started with how many of each: prints the campaign's id.
"""

import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")
django.setup()

from django.contrib.auth.models import Group  # noqa: E402 - after the set-up
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from campaigns.models import Campaign, Member  # noqa: E402
from providers.models import Contact  # noqa: E402
from sessions.models import ChatSession, Ending, SessionState  # noqa: E402

FIRST_NUMBER = 5511950000000
PENALTIES = (0, 0, 0, 20, 50, 80)
RETURNING = 5  # one customer in so many was here last week


def agents(campaign: Campaign, count: int) -> list[User]:
    """Members with penalties as they may be found."""
    people = User.objects.bulk_create(
        User(username=f"bench{n}", first_name=f"Agent {n}", password="!")  # noqa: S106 - none fits
        for n in range(count)
    )
    Group.objects.get(name=Role.AGENTS.value).user_set.add(*people)
    Member.objects.bulk_create(
        Member(campaign=campaign, agent=one, penalty=PENALTIES[n % len(PENALTIES)])
        for n, one in enumerate(people)
    )
    return people


def customers(campaign: Campaign, people: list[User], count: int, now: datetime) -> None:
    """Those who wait, and what some of them were told before."""
    contacts = Contact.objects.bulk_create(
        Contact(
            provider=campaign.provider,
            contact=str(FIRST_NUMBER + n),
            address=str(FIRST_NUMBER + n),
            last_incoming_at=now,
            created_at=now,
        )
        for n in range(count)
    )
    ChatSession.objects.bulk_create(
        ChatSession(contact=one, campaign=campaign, opened_at=now + timedelta(milliseconds=n), queued_at=now)
        for n, one in enumerate(contacts)
    )
    ChatSession.objects.bulk_create(earlier(campaign, people, contacts, now - timedelta(days=7)))


def earlier(
    campaign: Campaign, people: list[User], contacts: list[Contact], then: datetime
) -> Iterator[ChatSession]:
    for n, contact in enumerate(contacts[::RETURNING]):
        yield ChatSession(
            contact=contact,
            campaign=campaign,
            agent=people[n % len(people)],
            state=SessionState.CLOSED,
            ending=Ending.PERSON,
            opened_at=then,
            queued_at=then,
            taken_at=then,
            answered_at=then,
            closed_at=then,
        )


def main() -> None:
    waiting, count = int(sys.argv[1]), int(sys.argv[2])
    provider = Campaign.objects.get(name="WhatsApp").provider
    most = -(-waiting // count)  # so that everybody is full when nothing waits any more
    campaign = Campaign.objects.create(name="Assign", provider=provider, max_interactions=most)
    customers(campaign, agents(campaign, count), waiting, timezone.now())
    sys.stdout.write(str(campaign.pk))


if __name__ == "__main__":
    main()
