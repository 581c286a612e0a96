"""An empty list says what belongs there and what to do next, and offers only what its reader may do."""

import pytest
from django.test import Client

from tests.factories import make_operator, make_provider, make_supervisor
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
LISTS = {
    "providers/provider": "No provider yet.",
    "providers/template": "No template yet.",
    "providers/message": "No message yet.",
    "providers/contact": "Nobody yet.",
    "providers/donotcall": "No number yet. Add one, or upload a file",
    "providers/callback": "Give Wavy the two addresses",
    "providers/quarantineditem": "Nothing here, as it should be",
    "campaigns/campaign": "No campaign yet.",
    "campaigns/calendar": "No calendar yet.",
    "accounts/team": "No team of yours yet.",
    "dialers/dialer": "No dialer yet.",
    "chat_sessions/chatsession": "No interaction yet.",
}


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.mark.parametrize(("path", "told"), LISTS.items(), ids=LISTS)
def test_an_empty_list_says_what_belongs_there(supervisor: Client, path: str, told: str) -> None:
    page = words(supervisor.get(f"/admin/{path}/"))
    assert told in page
    assert "Create a new item" not in page


@pytest.mark.parametrize(
    ("path", "button"),
    [("dialers/dialer", "Add SMS dialer"), ("providers/message", "")],
    ids=["what people make", "what comes by itself"],
)
def test_it_offers_to_add_only_what_people_make(supervisor: Client, path: str, button: str) -> None:
    page = supervisor.get(f"/admin/{path}/").content.decode()
    assert (f'class="button-main" href="/admin/{path}/add/' in page) == bool(button)


def test_whoever_may_not_add_is_offered_nothing() -> None:
    page = signed_in(make_operator()).get("/admin/dialers/dialer/").content.decode()
    assert "No dialer yet." in page
    assert "/admin/dialers/dialer/add/" not in page


def test_a_search_without_a_hit_leads_back_to_all(supervisor: Client) -> None:
    make_provider()
    page = words(supervisor.get("/admin/providers/provider/?q=nobody"))
    assert "Nothing fits this search and these filters. Show all" in page
