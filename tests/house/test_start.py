"""The start page leads everybody to their work; signing in and out."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_agent, make_operator, make_supervisor, make_user


@pytest.mark.parametrize(
    ("make", "where"),
    [(make_supervisor, "/admin/"), (make_operator, "/admin/"), (make_agent, "/desk/")],
    ids=["supervisor", "operator", "agent"],
)
def test_everybody_starts_where_their_work_is(make: Any, where: str, client: Client, db: None) -> None:
    user: User = make()
    client.force_login(user)
    response = client.get("/", follow=True)
    assert response.redirect_chain == [(where, 302)]
    assert response.status_code == 200


def test_a_stranger_signs_in_first(client: Client, db: None) -> None:
    assert client.get("/").headers["Location"] == "/login/"


def test_who_signs_in_comes_to_the_start_page(client: Client, db: None) -> None:
    make_agent("ana")
    assert client.get("/login/").status_code == 200
    response = client.post("/login/", {"username": "ana", "password": "password"}, follow=True)
    assert [url for url, _ in response.redirect_chain] == ["/", "/desk/"]


def test_who_signs_out_is_a_stranger_again(client: Client, db: None) -> None:
    client.force_login(make_user("ana"))
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/").headers["Location"] == "/login/"


def test_an_agent_who_opens_the_admin_reads_that_it_is_not_theirs(client: Client, db: None) -> None:
    client.force_login(make_agent("ana"))
    answer = client.get("/admin/", follow=True)
    assert answer.request["PATH_INFO"] == "/login/"
    assert "You are signed in as ana, who may not open that page." in answer.content.decode()
