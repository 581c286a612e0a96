"""The sending rules: the defaults until somebody sets them."""

import pytest

from providers.models import SendingRules
from providers.rules import current

pytestmark = pytest.mark.django_db


def test_it_has_defaults_before_anybody_sets_rules() -> None:
    rules = current()

    assert (rules.messages_per_day, rules.time_zone) == (0, "UTC")
    assert rules.stop_words.split() == ["STOP", "SALIR", "BAJA", "PARAR", "SAIR"]
    assert not SendingRules.objects.exists()


def test_it_reads_what_was_set() -> None:
    SendingRules.objects.create(id=1, messages_per_day=3, time_zone="America/Montevideo")

    assert (current().messages_per_day, current().time_zone) == (3, "America/Montevideo")
