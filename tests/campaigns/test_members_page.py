"""Campaigns, members and agents side by side: several campaigns at once, the penalty saved where it is typed."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from campaigns.choosing_members import SHOWN, agents_column, campaigns_column, members_column
from campaigns.models import Campaign, Member
from tests.factories import (
    make_agent,
    make_campaign,
    make_operator,
    make_provider,
    make_supervisor,
    make_user,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
PAGE = "/admin/campaigns/member/"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.fixture
def two() -> list[Campaign]:
    provider = make_provider()
    return [make_campaign(provider, "Billing"), make_campaign(provider, "Sales")]


def ids(campaigns: list[Campaign]) -> list[int]:
    return [campaign.pk for campaign in campaigns]


def memberships() -> set[tuple[str, str, int]]:
    return set(Member.objects.values_list("campaign__name", "agent__username", "penalty"))


def names(column: Any) -> list[str]:
    return [line.name for line in column.lines]


def test_the_right_column_shows_who_is_not_yet_in_all_of_them(two: list[Campaign]) -> None:
    make_agent("both", *two)
    make_agent("half", two[0])
    make_agent("none")
    make_agent("gone", is_active=False)
    make_operator()

    column = agents_column(ids(two), (), "")

    assert [(line.name, line.n) for line in column.lines] == [("half", 1), ("none", 0)]


def test_members_of_some_but_not_all_are_marked_with_where(two: list[Campaign], supervisor: Client) -> None:
    make_agent("both", *two)
    make_agent("half", two[0])

    column = members_column(ids(two), (), "")

    assert [(line.name, line.n, list(line.names)) for line in column.lines] == [
        ("both", 2, []),
        ("half", 1, ["Billing"]),
    ]
    assert "half in 1 of 2 Billing" in words(supervisor.get(PAGE, {"c": ids(two)}))


def test_a_penalty_is_shown_only_where_it_is_the_same_everywhere(two: list[Campaign]) -> None:
    make_agent("same", *two, penalty=20)
    mixed = make_agent("mixed", two[0], penalty=5)
    Member.objects.create(campaign=two[1], agent=mixed, penalty=6)

    column = members_column(ids(two), (), "")

    assert [(line.name, line.penalty) for line in column.lines] == [("mixed", None), ("same", 20)]


def test_adding_holds_for_every_chosen_campaign(two: list[Campaign], supervisor: Client) -> None:
    ana, joao = make_agent("ana", two[0], penalty=40), make_agent("joao")

    answer = supervisor.post(f"{PAGE}add/", {"c": ids(two), "a": [ana.pk, joao.pk]})

    assert "3 memberships were added." in words(answer)
    assert memberships() == {
        ("Billing", "ana", 40),
        ("Sales", "ana", 0),
        ("Billing", "joao", 0),
        ("Sales", "joao", 0),
    }


def test_removing_holds_for_every_chosen_campaign(two: list[Campaign], supervisor: Client) -> None:
    ana = make_agent("ana", *two)
    make_agent("joao", *two)

    answer = supervisor.post(f"{PAGE}remove/", {"c": ids(two), "m": [ana.pk]})

    assert "2 memberships were removed." in words(answer)
    assert {name for _campaign, name, _penalty in memberships()} == {"joao"}


def test_a_penalty_is_saved_in_every_chosen_campaign(two: list[Campaign], supervisor: Client) -> None:
    other = make_campaign(two[0].provider, "Other")
    ana = make_agent("ana", *two, other, penalty=1)

    answer = supervisor.post(f"{PAGE}penalty/{ana.pk}/", {"c": ids(two), f"penalty-{ana.pk}": " 30 "})

    assert "saved" in words(answer)
    assert memberships() == {("Billing", "ana", 30), ("Sales", "ana", 30), ("Other", "ana", 1)}


@pytest.mark.parametrize("raw", ["101", "-1", "5.5", "many", "", "٣", "1e1", "0000"])
def test_a_wrong_penalty_says_why_and_changes_nothing(
    two: list[Campaign], supervisor: Client, raw: str
) -> None:
    ana = make_agent("ana", *two, penalty=7)

    answer = supervisor.post(f"{PAGE}penalty/{ana.pk}/", {"c": ids(two), f"penalty-{ana.pk}": raw})

    assert "Give a whole number from 0 to 100." in words(answer)
    assert {penalty for _campaign, _name, penalty in memberships()} == {7}


def test_who_was_removed_meanwhile_is_told_apart_from_a_wrong_value(
    two: list[Campaign], supervisor: Client
) -> None:
    ana = make_agent("ana")

    answer = supervisor.post(f"{PAGE}penalty/{ana.pk}/", {"c": ids(two), f"penalty-{ana.pk}": "3"})

    assert "ana is no member any more." in words(answer)


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("add", {"a": "1"}, "Choose one or more campaigns first."),
        ("add", {"c": "{campaign}"}, "Choose one or more agents first."),
        ("remove", {"c": "{campaign}"}, "Choose one or more members first."),
    ],
    ids=["no campaign", "no agent", "no member"],
)
def test_what_is_missing_is_said(
    two: list[Campaign], supervisor: Client, act: str, fields: dict[str, str], said: str
) -> None:
    given = {name: value.format(campaign=two[0].pk) for name, value in fields.items()}

    assert said in words(supervisor.post(f"{PAGE}{act}/", given))


@pytest.mark.parametrize("who", ["operator", "disabled agent"])
def test_only_agents_are_added_whatever_is_posted(two: list[Campaign], supervisor: Client, who: str) -> None:
    person = make_operator() if who == "operator" else make_agent("gone", is_active=False)

    supervisor.post(f"{PAGE}add/", {"c": ids(two), "a": [person.pk]})

    assert memberships() == set()


def test_a_hidden_campaign_is_not_touched_by_its_number(two: list[Campaign], supervisor: Client) -> None:
    two[1].groups.add(Group.objects.create(name="North"))
    ana = make_agent("ana", two[1], penalty=9)
    joao = make_agent("joao")

    supervisor.post(f"{PAGE}add/", {"c": ids(two), "a": [joao.pk]})
    supervisor.post(f"{PAGE}remove/", {"c": ids(two), "m": [ana.pk]})
    supervisor.post(f"{PAGE}penalty/{ana.pk}/", {"c": ids(two), f"penalty-{ana.pk}": "1"})

    assert memberships() == {("Billing", "joao", 0), ("Sales", "ana", 9)}


@pytest.mark.parametrize("address", ["", "lists/", "add/", "remove/", "penalty/1/"])
@pytest.mark.parametrize(("make", "status"), [(make_operator, 403), (make_agent, 302)])
def test_the_page_is_for_supervisors(address: str, make: Any, status: int, db: None) -> None:
    client = signed_in(make("somebody"))

    assert client.get(PAGE + address).status_code == status
    assert client.post(PAGE + address, {}).status_code == status


@pytest.mark.parametrize("address", ["add/", "remove/", "penalty/1/"])
def test_a_look_changes_nothing(supervisor: Client, address: str) -> None:
    assert supervisor.get(PAGE + address).status_code == 405


def test_the_campaigns_of_a_link_are_chosen(two: list[Campaign], supervisor: Client) -> None:
    make_agent("ana", two[1])
    link = f"{PAGE}?c={two[1].pk}"

    assert link in supervisor.get(f"/admin/campaigns/campaign/{two[1].pk}/change/").content.decode()
    assert "ana" in words(supervisor.get(link))
    assert PAGE in supervisor.get("/admin/campaigns/campaign/").content.decode()


def test_what_is_chosen_is_kept_in_the_address(two: list[Campaign], supervisor: Client) -> None:
    answer = supervisor.get(f"{PAGE}lists/?c={two[0].pk}&c={two[1].pk}&qa=zz")

    assert answer["HX-Replace-Url"] == f"{PAGE}?c={two[0].pk}&c={two[1].pk}"


@pytest.mark.parametrize(
    ("search", "found"),
    [("silva", ["Ana Silva"]), ("an si", ["Ana Silva"]), ("joao", ["joao"]), ("nobody", [])],
)
def test_each_column_is_searched_by_name(two: list[Campaign], search: str, found: list[str]) -> None:
    make_agent("a1", two[0], first_name="Ana", last_name="Silva")
    make_agent("joao", two[0])

    assert names(members_column([two[0].pk], (), search)) == found
    assert names(agents_column([two[1].pk], (), search)) == found


def test_a_search_keeps_what_is_chosen_in_sight(two: list[Campaign]) -> None:
    ana = make_agent("ana")
    make_agent("joao")

    assert names(agents_column(ids(two), {ana.pk}, "joao")) == ["ana", "joao"]
    assert names(campaigns_column(Campaign.objects.all(), {two[1].pk}, "bill")) == ["Sales", "Billing"]


def test_hundreds_of_everything_stay_bounded(
    supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    provider = make_provider()
    campaigns = Campaign.objects.bulk_create(
        Campaign(name=f"Campaign {n:03}", provider=provider) for n in range(SHOWN + 20)
    )
    people = User.objects.bulk_create(User(username=f"agent{n:03}") for n in range(2 * SHOWN + 20))
    Group.objects.get(name="Agents").user_set.add(*people)
    half = people[: SHOWN + 10]
    Member.objects.bulk_create(
        Member(campaign=campaign, agent=agent) for campaign in campaigns[:5] for agent in half
    )

    with django_assert_max_num_queries(14):
        page = supervisor.get(PAGE, {"c": ids(campaigns[:5])})

    html = page.content.decode()
    assert html.count('name="m" value') == html.count('name="a" value') == SHOWN
    assert words(page).count(f"The first {SHOWN} are shown.") == 3
    with django_assert_max_num_queries(14):
        chosen = "&".join(f"c={pk}" for pk in ids(campaigns))
        supervisor.get(f"{PAGE}lists/?{chosen}&qm=agent1&qa=agent3")


def test_superusers_use_it_too(two: list[Campaign]) -> None:
    root = signed_in(make_user("root", is_staff=True, is_superuser=True))

    assert "Billing" in words(root.get(PAGE))
