"""Who did what to people: roles, passwords, signing in and out, each one entry without a secret."""

from io import StringIO
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from rest_framework.authtoken.models import Token, TokenProxy

from accounts.acts import Act
from accounts.models import Entry, User
from accounts.roles import Role
from tests.factories import make_agent, make_operator
from tests.house.entries import only, save
from tests.pages import signed_in

pytestmark = pytest.mark.django_db


def person_form(client: Client, person: User, **changes: Any) -> None:
    save(client, f"/admin/accounts/user/{person.pk}/change/", **changes)


def test_a_changed_role_is_one_entry() -> None:
    root = User.objects.create_superuser("root", password="hunter2-person")
    person = make_operator("pedro")
    Entry.objects.all().delete()
    supervisors = Group.objects.get(name=Role.SUPERVISORS)
    person_form(signed_in(root), person, groups=[supervisors.pk], first_name="Pedro")
    entry = only()
    assert (entry.act, entry.actor) == (Act.ROLES, root)
    assert entry.changes == {"groups": [["Operators"], ["Supervisors"]], "first_name": ["", "Pedro"]}


def test_a_role_that_is_given_from_the_group_is_told_of_the_person() -> None:
    person = make_agent("joao")
    Entry.objects.all().delete()
    Group.objects.get(name=Role.OPERATORS).user_set.add(person)
    assert (only().object_repr, only().changes) == ("joao", {"groups": [["Agents"], ["Agents", "Operators"]]})


def test_a_changed_password_of_a_person_is_told_without_it() -> None:
    person = make_agent("joao")
    Entry.objects.all().delete()
    person.set_password("hunter2-person")
    person.save()
    assert (only().act, only().changes) == (Act.PASSWORD, {"password": ["•••", "•••"]})


def test_an_api_token_is_told_when_it_is_made_and_when_it_is_made_anew() -> None:
    make_operator("pedro")
    Entry.objects.all().delete()

    call_command("drf_create_token", "pedro", stdout=StringIO())
    call_command("drf_create_token", "pedro", stdout=StringIO())  # the same one again
    call_command("drf_create_token", "pedro", "--reset", stdout=StringIO())

    acts = list(Entry.objects.order_by("pk").values_list("act", "object_repr"))
    assert acts == [
        (Act.TOKEN_MADE, "pedro"),
        (Act.TOKEN_REVOKED, "pedro"),
        (Act.TOKEN_MADE, "pedro"),
    ]
    assert Token.objects.get().key not in str(list(Entry.objects.values()))


def test_no_page_shows_a_token() -> None:
    assert not admin.site.is_registered(TokenProxy)


def test_signing_in_and_out() -> None:
    joao = make_agent("joao")
    Entry.objects.all().delete()
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.post("/login/", {"username": "joao", "password": "password"})
    client.post("/logout/")
    told = [(one.act, one.actor, one.object_repr, one.remote_addr) for one in Entry.objects.order_by("pk")]
    assert told == [
        (Act.SIGNED_IN, joao, "joao", "192.0.2.7"),
        (Act.SIGNED_OUT, joao, "joao", "192.0.2.7"),
    ]


def test_a_wrong_password_and_the_lock_after_it(settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    make_agent("joao")
    Entry.objects.all().delete()
    for _attempt in range(4):
        Client().post("/login/", {"username": "joao", "password": "hunter2-typed"})
    told = [(one.act, one.actor, one.object_repr) for one in Entry.objects.order_by("pk")]
    assert told == [(Act.SIGN_IN_FAILED, None, "joao"), (Act.LOCKED_OUT, None, "joao")]


def test_a_name_that_nobody_has_is_not_kept() -> None:
    Client().post("/login/", {"username": "hunter2-typed", "password": "x"})
    assert only().object_repr == "?"
    assert "hunter2" not in str(Entry.objects.values().get())
