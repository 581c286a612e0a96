"""Supervisors make, disable and reset agents and operators, and never gain a right by it, whatever they post."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from accounts.models import Team, User
from accounts.people import one_time_password
from accounts.roles import Role
from tests.factories import make_agent, make_operator, make_supervisor, make_user
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/user/add/"
PASSWORD = "correct horse battery"
SIGNED = "k7mf-q2xp-w9rt"


@pytest.fixture
def supervisor() -> User:
    return make_supervisor()


@pytest.fixture
def browser(supervisor: User) -> Client:
    return signed_in(supervisor)


def page_of(user: User, act: str = "change") -> str:
    return f"/admin/accounts/user/{user.pk}/{act}/"


def role(name: Role) -> int:
    return Group.objects.get(name=name).pk


def typed(**fields: Any) -> dict[str, Any]:
    """What the form of a person sends."""
    return {"username": "ana", "time_zone": "UTC", "is_active": "on", "groups": [role(Role.AGENTS)], **fields}


@pytest.mark.parametrize("given", [Role.AGENTS, Role.OPERATORS])
def test_a_supervisor_makes_agents_and_operators(browser: Client, given: Role) -> None:
    page = browser.post(ADD, {"username": "maria", "groups": [role(given)]})

    maria = User.objects.get(username="maria")
    assert maria.roles == {given}
    assert maria.is_staff is (given == Role.OPERATORS)
    assert "signs in with this password once" in words(page)
    assert "no-store" in page["Cache-Control"]


def test_a_password_may_be_typed_instead(browser: Client) -> None:
    browser.post(ADD, {"username": "maria", "password1": PASSWORD, "password2": PASSWORD, "groups": []})

    assert User.objects.get(username="maria").check_password(PASSWORD)


def test_half_a_password_is_refused_beside_the_field(browser: Client) -> None:
    page = browser.post(ADD, {"username": "maria", "password1": PASSWORD, "groups": []})

    assert page.status_code == 200
    assert page.context["adminform"].form.errors.keys() == {"password2"}
    assert not User.objects.filter(username="maria").exists()


def rights(user: User) -> tuple[Any, ...]:
    fresh = User.objects.get(pk=user.pk)
    return (
        *(fresh.is_superuser, fresh.is_staff, fresh.is_active, fresh.username, fresh.password),
        *(sorted(fresh.roles), list(fresh.user_permissions.values_list("pk", flat=True))),
    )


FORGED: dict[str, dict[str, Any]] = {
    "superuser": {"is_superuser": "on"},
    "staff": {"is_staff": "on"},
    "permissions": {"user_permissions": [1, 2, 3]},
    "password": {"password": "plain"},
    "ended": {"sign_ins_ended": "7"},
}


@pytest.mark.parametrize("fields", FORGED.values(), ids=FORGED)
def test_forged_fields_give_an_agent_no_right(browser: Client, fields: dict[str, Any]) -> None:
    agent = make_agent("ana")
    before = rights(agent)

    browser.post(page_of(agent), typed(**fields))

    assert rights(agent) == before


@pytest.mark.parametrize("fields", FORGED.values(), ids=FORGED)
def test_forged_fields_give_a_new_person_no_right(browser: Client, fields: dict[str, Any]) -> None:
    browser.post(ADD, {"username": "maria", "groups": [role(Role.AGENTS)], **fields})

    maria = User.objects.get(username="maria")
    assert (maria.is_superuser, maria.is_staff, maria.user_permissions.count()) == (False, False, 0)


@pytest.mark.parametrize("at", ["new", "agent"])
@pytest.mark.parametrize("which", ["Supervisors", "Powerful", "Other team"])
def test_no_role_or_group_beyond_those_offered_is_taken(browser: Client, at: str, which: str) -> None:
    group = Group.objects.get_or_create(name=which)[0]
    if which == "Powerful":
        group.permissions.add(Permission.objects.get(codename="change_provider"))
    agent = make_agent("ana")
    address = ADD if at == "new" else page_of(agent)

    page = browser.post(address, typed(username="ana2", groups=[group.pk], teams=[group.pk]))

    assert page.status_code == 200
    assert page.context["adminform"].form.errors.keys() >= {"groups"}
    assert not User.objects.filter(username="ana2").exists()


UNTOUCHABLE = {
    "themselves": lambda: User.objects.get(username="supervisor"),
    "a colleague": lambda: make_supervisor("colleague"),
    "a superuser": lambda: make_user("root", Role.AGENTS, is_superuser=True),
    "a supervisor who is an agent too": lambda: make_user("both", Role.SUPERVISORS, Role.AGENTS),
    "somebody of another team": lambda: _in_group(make_operator(), "Other team"),
    "somebody of a powerful group": lambda: _in_group(make_agent("ana"), "Powerful", "delete_user"),
    "somebody with a permission of their own": lambda: _with_permission(make_agent("ana")),
}


def _in_group(user: User, name: str, permission: str = "") -> User:
    group = Group.objects.create(name=name)
    if permission:
        group.permissions.add(Permission.objects.get(codename=permission))
    user.groups.add(group)
    return user


def _with_permission(user: User) -> User:
    user.user_permissions.add(Permission.objects.get(codename="change_provider"))
    return user


@pytest.mark.parametrize("whom", UNTOUCHABLE.values(), ids=UNTOUCHABLE)
def test_whoever_holds_more_is_looked_at_and_not_touched(browser: Client, whom: Any) -> None:
    person: User = whom()
    Token.objects.create(user=person)
    before = rights(person)

    answers = [
        browser.post(page_of(person), typed(username="mine", is_active="")).status_code,
        browser.post(page_of(person, "password"), {"password1": PASSWORD, "password2": PASSWORD}).status_code,
        browser.post(page_of(person, "one-time-password")).status_code,
        browser.post(page_of(person, "revoke-token")).status_code,
        browser.post(page_of(person, "delete"), {"post": "yes"}).status_code,
    ]

    assert answers == [403] * 5
    assert rights(person) == before
    assert Token.objects.filter(user=person).exists()
    page = browser.get(page_of(person))
    assert "Give a one-time password" not in words(page)
    assert "You may look at this person and change nothing." in words(page)


def test_a_supervisor_deletes_nobody(browser: Client) -> None:
    agent = make_agent("ana")

    assert browser.post(page_of(agent, "delete"), {"post": "yes"}).status_code == 403
    browser.post("/admin/accounts/user/", {"action": "delete_selected", "_selected_action": [agent.pk]})
    assert User.objects.filter(pk=agent.pk).exists()


@pytest.mark.parametrize("make", [make_operator, make_agent], ids=["operator", "agent"])
@pytest.mark.parametrize("act", ["change", "password", "one-time-password", "revoke-token"])
def test_operators_and_agents_look_after_nobody(make: Any, act: str) -> None:
    person, actor = make_agent("ana"), make("actor")
    before = rights(person)

    assert signed_in(actor).post(page_of(person, act), typed(is_active="")).status_code in (302, 403)
    assert rights(person) == before


def test_the_form_offers_a_supervisor_only_what_they_may_give(browser: Client) -> None:
    page = words(browser.get(ADD))

    assert "Operators" in page
    assert "Superuser status" not in words(browser.get(page_of(make_agent("ana"))))
    form = browser.get(ADD).context["adminform"].form
    assert [group.name for group in form.fields["groups"].queryset] == [Role.OPERATORS, Role.AGENTS]


def test_a_superuser_makes_supervisors() -> None:
    root = signed_in(make_user("root", is_staff=True, is_superuser=True))

    root.post(ADD, {"username": "maria", "groups": [role(Role.SUPERVISORS)]})

    assert User.objects.get(username="maria").roles == {Role.SUPERVISORS}


def test_teams_and_foreign_groups_survive_what_a_superuser_saves() -> None:
    root = signed_in(make_user("root", is_staff=True, is_superuser=True))
    person = _in_group(_in_group(make_agent("ana"), "North"), "Powerful", "delete_user")

    page = root.get(page_of(person))
    root.post(page_of(person), filled(page, first_name="Ana", last_login=None, date_joined=None))

    assert User.objects.get(pk=person.pk).roles == {"Agents", "North", "Powerful"}
    assert User.objects.get(pk=person.pk).first_name == "Ana"


def test_who_is_disabled_is_out_at_once_and_stays_out_when_enabled_again(browser: Client) -> None:
    agent = make_agent("ana")
    theirs, token = signed_in(agent), Token.objects.create(user=agent)
    assert theirs.get("/desk/").status_code == 200

    browser.post(page_of(agent), typed(is_active=""))

    assert theirs.get("/desk/")["Location"].startswith("/login/")
    asked = Client().get("/api/v1/sessions/", headers={"Authorization": f"Token {token.key}"})
    assert asked.status_code == 401

    browser.post(page_of(agent), typed())
    assert User.objects.get(pk=agent.pk).is_active
    assert theirs.get("/desk/")["Location"].startswith("/login/")
    asked = Client().get("/api/v1/sessions/", headers={"Authorization": f"Token {token.key}"})
    assert asked.status_code == 401


def test_a_reset_shows_a_password_once_that_its_owner_has_to_replace(browser: Client) -> None:
    agent = make_agent("ana")
    before = signed_in(agent)

    page = browser.post(page_of(agent, "one-time-password"))

    (password,) = re.findall(r'id="one-time" readonly value="([^"]+)"', page.content.decode())
    assert before.get("/desk/")["Location"].startswith("/login/")
    ana = Client()
    ana.post("/login/", {"username": "ana", "password": password})
    assert ana.get("/desk/")["Location"] == reverse("password")
    assert ana.get("/api/v1/sessions/").status_code == 302
    kept = ana.post("/password/", {"new_password1": password, "new_password2": password})
    assert "This is the one-time password." in words(kept)
    ana.post("/password/", {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert ana.get("/desk/").status_code == 200


def test_a_typed_password_is_replaced_by_its_owner_too(browser: Client) -> None:
    agent = make_agent("ana")

    browser.post(page_of(agent, "password"), {"password1": PASSWORD, "password2": PASSWORD})

    agent.refresh_from_db()
    assert agent.check_password(PASSWORD)
    assert agent.must_change_password


def test_a_token_is_known_of_and_revoked_but_never_read(browser: Client) -> None:
    agent = make_agent("ana")
    token = Token.objects.create(user=agent)

    page = browser.get(page_of(agent))
    assert "has one" in words(page)
    assert token.key not in page.content.decode()

    browser.post(page_of(agent, "revoke-token"))
    assert not Token.objects.filter(user=agent).exists()
    assert "Revoke the API token" not in words(browser.get(page_of(agent)))


@pytest.mark.parametrize("act", ["one-time-password", "revoke-token"])
def test_a_look_at_an_acts_address_does_nothing(browser: Client, act: str) -> None:
    agent = make_agent("ana")
    before = rights(agent)

    assert browser.get(page_of(agent, act)).status_code == 405
    assert rights(agent) == before


def test_one_time_passwords_are_long_and_no_two_are_alike() -> None:
    made = {one_time_password() for _n in range(100)}

    assert len(made) == 100
    assert min(map(len, made)) >= len(SIGNED)


# Teams


def test_a_supervisor_makes_a_team_is_in_it_and_fills_it(browser: Client, supervisor: User) -> None:
    agent, operator = make_agent("ana"), make_operator()

    browser.post("/admin/accounts/team/add/", {"name": "North", "people": [agent.pk, operator.pk]})

    team = Team.objects.get(name="North")
    assert set(team.user_set.all()) == {supervisor, agent, operator}
    assert team.permissions.count() == 0


@pytest.mark.parametrize("which", ["Supervisors", "Other team", "Powerful"])
def test_a_supervisor_reaches_no_group_but_their_own_teams(
    browser: Client, supervisor: User, which: str
) -> None:
    group = Group.objects.get_or_create(name=which)[0]
    if which == "Powerful":
        group.permissions.add(Permission.objects.get(codename="delete_user"))
        supervisor.groups.add(group)
    operator = make_operator()

    answer = browser.post(
        f"/admin/accounts/team/{group.pk}/change/", {"name": which, "people": [operator.pk]}
    )

    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"
    assert not group.user_set.filter(pk=operator.pk).exists()


@pytest.mark.parametrize("who", ["themselves", "a colleague", "a superuser"])
def test_a_supervisor_moves_neither_themselves_nor_supervisors_in_or_out(
    browser: Client, supervisor: User, who: str
) -> None:
    person = {"themselves": supervisor}.get(who) or (
        make_supervisor("colleague") if who == "a colleague" else make_user("root", is_superuser=True)
    )
    browser.post("/admin/accounts/team/add/", {"name": "North"})
    team = Team.objects.get()
    address = f"/admin/accounts/team/{team.pk}/change/"

    refused = browser.post(address, {"name": "North", "people": [person.pk]})
    assert refused.status_code == 200
    assert refused.context["adminform"].form.errors.keys() == {"people"}

    team.user_set.add(person)
    browser.post(address, {"name": "North", "people": []})
    assert team.user_set.filter(pk=person.pk).exists()


@pytest.mark.parametrize("name", ["Supervisors", "agents"])
def test_no_team_is_called_as_a_role(browser: Client, name: str) -> None:
    refused = browser.post("/admin/accounts/team/add/", {"name": name})

    assert f"There is a group “{name}” already." in words(refused)


def test_forged_permissions_make_no_team_powerful(browser: Client) -> None:
    permission = Permission.objects.get(codename="delete_user")

    browser.post("/admin/accounts/team/add/", {"name": "North", "permissions": [permission.pk]})

    assert Team.objects.get(name="North").permissions.count() == 0


def test_groups_themselves_are_no_page_of_the_admin(browser: Client) -> None:
    assert browser.get("/admin/auth/group/").status_code == 404
