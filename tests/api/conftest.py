"""Clients of the API, one for each kind of person."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Provider
from tests.factories import make_agent, make_campaign, make_operator, make_provider, make_supervisor

API = "/api/v1/"


def client_of(user: User) -> APIClient:
    """A client that sends the person's token with every request."""
    client = APIClient(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
    client.raise_request_exception = False
    return client


@pytest.fixture
def provider(db: None) -> Provider:
    return make_provider()


@pytest.fixture
def campaign(provider: Provider) -> Campaign:
    return make_campaign(provider)


@pytest.fixture
def supervisor(db: None) -> User:
    return make_supervisor()


@pytest.fixture
def operator(db: None) -> User:
    return make_operator()


@pytest.fixture
def agent(campaign: Campaign) -> User:
    return make_agent("agent1", campaign)


@pytest.fixture
def as_supervisor(supervisor: User) -> APIClient:
    return client_of(supervisor)


@pytest.fixture
def as_operator(operator: User) -> APIClient:
    return client_of(operator)


@pytest.fixture
def as_agent(agent: User) -> APIClient:
    return client_of(agent)


@pytest.fixture
def nobody() -> APIClient:
    return APIClient()


Problem = Callable[[Any, int, str], dict[str, Any]]


@pytest.fixture
def problem() -> Problem:
    """Checks that an answer is a problem document with this status and code, and gives it back."""

    def check(response: Any, status: int, code: str) -> dict[str, Any]:
        assert response["Content-Type"] == "application/problem+json"
        document: dict[str, Any] = json.loads(response.content)
        assert (response.status_code, document["status"], document["code"]) == (status, status, code), (
            document
        )
        assert document.keys() >= {"type", "title", "detail"}
        return document

    return check
