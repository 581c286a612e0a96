"""What every test may ask for, and what all get."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as examples
from pytest_django.plugin import DjangoDbBlocker

from tests.emptying import empty, keep_roles

# The same examples in every run, however busy the machine is.
examples.register_profile("house", derandomize=True, deadline=None)
examples.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that committed, the database is as the migrations left it, roles and all."""
    with django_db_blocker.unblock():
        keep_roles()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty())
        yield


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Passwords are hashed slowly on purpose; tests make many users."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def plain_english() -> Iterator[None]:
    """A page in another language leaves the thread in it; the next test starts without one."""
    yield
    translation.deactivate()
