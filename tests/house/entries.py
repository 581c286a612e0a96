"""What was written down of an act, and pages that are saved as a person would."""

from typing import Any

from django.test import Client

from accounts.models import Entry
from tests.pages import filled


def only() -> Entry:
    (entry,) = Entry.objects.all()
    assert isinstance(entry, Entry)
    return entry


def save(client: Client, path: str, **changes: Any) -> None:
    page = client.get(path)
    answer = client.post(path, filled(page, **changes))
    assert answer.status_code == 302, answer.context["errors"]
