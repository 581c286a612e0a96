"""A call centre to measure the desk with: agents signed in, each with interactions of their own and one of them open.

Started with the number of agents: prints for each the cookie, the open interaction and its customer's number, as JSON.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")
django.setup()

from django.contrib.auth.models import Group  # noqa: E402 - after the set-up
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from campaigns.models import Campaign, Member  # noqa: E402
from providers.models import Contact, Direction, Message  # noqa: E402
from providers.states import State  # noqa: E402
from sessions.models import ChatSession, SessionState, Turn  # noqa: E402

FIRST_NUMBER = 5511960000000
HELD = 5  # interactions of each agent
SAID = 20  # messages of each, half of them ours


def agent(n: int, campaign: Campaign) -> User:
    user = User.objects.create(username=f"bench{n}", first_name=f"Agent {n}", password="!")  # noqa: S106 - none fits
    user.groups.add(Group.objects.get(name=Role.AGENTS.value))
    Member.objects.create(campaign=campaign, agent=user)
    return user


def interaction(number: int, campaign: Campaign, user: User) -> ChatSession:
    """A customer who wrote just now, in the middle of a conversation."""
    now = timezone.now()
    contact = Contact.objects.create(
        provider=campaign.provider,
        contact=str(number),
        address=str(number),
        name=f"Customer {number}",
        last_incoming_at=now,
        created_at=now,
    )
    session = ChatSession.objects.create(
        contact=contact,
        campaign=campaign,
        agent=user,
        state=SessionState.ACTIVE,
        opened_at=now,
        assigned_at=now,
        taken_at=now,
        answered_at=now,
    )
    said = Message.objects.bulk_create(_message(contact, user, n) for n in range(SAID))
    Turn.objects.bulk_create(Turn(session=session, message=message) for message in said)
    return session


def _message(contact: Contact, user: User, n: int) -> Message:
    ours = n % 2 == 1
    return Message(
        provider=contact.provider,
        contact=contact,
        direction=Direction.OUT if ours else Direction.IN,
        did=contact.provider.number,
        address=contact.address,
        kind="text",
        content={"text": f"line {n}"},
        text=f"line {n} of a conversation of some length",
        state=State.READ if ours else State.RECEIVED,
        author=user if ours else None,
        taken_up=True,
        created_at=timezone.now(),
    )


def main() -> None:
    campaign = Campaign.objects.get(name="WhatsApp")
    told = []
    for n in range(int(sys.argv[1])):
        user = agent(n, campaign)
        held = [interaction(FIRST_NUMBER + n * HELD + k, campaign, user) for k in range(HELD)]
        client = Client()
        client.force_login(user)
        cookie = client.cookies["sessionid"].value
        told.append({"cookie": cookie, "session": held[0].pk, "number": held[0].contact.contact})
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
