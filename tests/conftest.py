"""What every test may ask for, and what all get."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.utils import translation

ROLE_MIGRATIONS = (
    ("accounts.migrations.0002_roles", "make_roles"),
    ("accounts.migrations.0004_entry_roles", "grant_roles"),
    ("accounts.migrations.0006_people_roles", "grant_roles"),
    ("providers.migrations.0002_roles", "grant_roles"),
    ("providers.migrations.0006_registry_roles", "grant_roles"),
    ("providers.migrations.0010_operators_enter", "grant_roles"),
    ("providers.migrations.0017_keeping_roles", "grant_roles"),
    ("providers.migrations.0018_callback_tokens", "grant_roles"),
    ("providers.migrations.0020_apart_roles", "grant_roles"),
    ("campaigns.migrations.0002_roles", "grant_roles"),
    ("campaigns.migrations.0004_hours_roles", "grant_roles"),
    ("campaigns.migrations.0006_answers_roles", "grant_roles"),
    ("dialers.migrations.0002_roles", "grant_roles"),
    ("sessions.migrations.0002_roles", "grant_roles"),
    ("sessions.migrations.0006_desk_roles", "grant_roles"),
    ("ucontact_wavy.migrations.0002_alert_roles", "grant_roles"),
)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Passwords are hashed slowly on purpose; tests make many users."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def plain_english() -> Iterator[None]:
    """A page in another language leaves the thread in it; the next test starts without one."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def roles(request: pytest.FixtureRequest) -> None:
    """The roles that migrations make are there in every test, also after one that emptied the tables."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None and "live_server" not in request.fixturenames:
        return
    transactional = "live_server" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    request.getfixturevalue("transactional_db" if transactional else "db")
    if not Group.objects.exists():
        for module, function in ROLE_MIGRATIONS:
            getattr(import_module(module), function)(apps, None)
