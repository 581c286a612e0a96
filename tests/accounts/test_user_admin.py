"""People in the admin: the role opens it, everybody else is kept out."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests.factories import make_agent, make_operator, make_supervisor, make_user
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/user/add/"
LIST = "/admin/accounts/user/"
PASSWORD = "correct horse battery"


@pytest.fixture
def root() -> Client:
    return signed_in(make_user("root", is_staff=True, is_superuser=True))


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


@pytest.mark.parametrize(
    ("role", "let_in"), [(Role.SUPERVISORS, True), (Role.OPERATORS, True), (Role.AGENTS, False)]
)
def test_the_role_decides_who_is_let_into_the_admin(root: Client, role: Role, let_in: bool) -> None:
    group = Group.objects.get(name=role)

    saved = root.post(
        ADD,
        {"username": "maria", "password1": PASSWORD, "password2": PASSWORD, "groups": [group.pk]},
        follow=True,
    )

    assert saved.status_code == 200
    maria = User.objects.get(username="maria")
    assert maria.is_staff is let_in
    assert maria.roles == {role}
    assert signed_in(maria).get("/admin/").status_code == (200 if let_in else 302)


def test_language_and_time_zone_are_chosen_from_lists(root: Client) -> None:
    person = make_operator()
    page = root.get(page_of(person))
    assert "Montevideo" in words(page)

    typed = filled(page, language="es", time_zone="America/Montevideo", groups=[person.groups.get().pk])
    typed.pop("last_login_0", None)
    root.post(page_of(person), typed)

    person.refresh_from_db()
    assert (person.language, person.time_zone) == ("es", "America/Montevideo")
    assert person.is_staff


def test_no_page_of_a_person_holds_their_password() -> None:
    agent, colleague = make_agent("ana"), make_supervisor("colleague")
    supervisor = signed_in(make_supervisor())

    assert "ana" in words(supervisor.get(LIST))
    for person in (agent, colleague):
        page = supervisor.get(page_of(person))
        assert page.status_code == 200
        assert person.password not in page.content.decode()


@pytest.mark.parametrize(
    "path", ["", "accounts/user/", "providers/provider/", "dialers/dialer/", "campaigns/campaign/"]
)
def test_an_agent_is_sent_to_the_sign_in_page(path: str) -> None:
    answer = signed_in(make_agent("ana")).get(f"/admin/{path}")

    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_the_side_bar_shows_what_a_person_may_open() -> None:
    supervisor, operator = (
        words(signed_in(make_supervisor()).get("/admin/")),
        words(signed_in(make_operator()).get("/admin/")),
    )

    for entry in ("Providers", "Templates", "Messages", "Do not call", "Campaigns", "Dialers", "SMS"):
        assert entry in supervisor
        assert entry in operator
    for entry in ("Callbacks", "Quarantine", "Users"):
        assert entry in supervisor
        assert entry not in operator
