"""What people see of the keeping rules and of bases whose rows are gone."""

import pytest

from dialers.models import Dialer
from providers.models import (
    KeepingRules,
    Provider,
)
from tests.factories import (
    NOW,
    make_operator,
    make_supervisor,
)
from tests.keeping.pruning_scenes import ended
from tests.pages import filled, signed_in, words
from ucontact_wavy.pruning import prune


@pytest.mark.parametrize("address", ["", "rows/", "rows/?state=delivered"])
def test_the_pages_say_that_the_rows_are_no_longer_kept(dialer: Dialer, address: str) -> None:
    base = ended(dialer)
    prune(NOW)
    page = words(signed_in(make_supervisor()).get(f"/admin/dialers/dialer/bases/{base.pk}/{address}"))
    assert "The rows of this base were removed on March 4, 2026" in page
    assert "No rows here" not in page


@pytest.mark.parametrize("address", ["export/?as=csv", "export/?as=xlsx", "errors/", "again/"])
def test_what_needs_the_rows_leads_back_to_the_page_that_says_so(dialer: Dialer, address: str) -> None:
    base = ended(dialer)
    prune(NOW)
    answer = signed_in(make_supervisor()).get(f"/admin/dialers/dialer/bases/{base.pk}/{address}", follow=True)
    assert answer.redirect_chain == [(f"/admin/dialers/dialer/bases/{base.pk}/", 302)]
    assert "no longer" in words(answer) or "were removed on" in words(answer)


@pytest.mark.parametrize("address", ["rows/", "export/", "errors/"])
def test_the_api_says_so_too(dialer: Dialer, address: str) -> None:
    base = ended(dialer)
    prune(NOW)
    answer = signed_in(make_supervisor()).get(f"/api/v1/bases/{base.pk}/{address}")
    assert (answer.status_code, answer.json()["code"]) == (410, "pruned")


def test_the_rules_are_on_a_page_for_supervisors(provider: Provider) -> None:
    supervisor = signed_in(make_supervisor())
    page = supervisor.get("/admin/providers/keepingrules/1/change/")
    changed = supervisor.post(
        "/admin/providers/keepingrules/1/change/", filled(page, message_days=100, media_days=100)
    )
    assert changed.status_code == 302
    assert KeepingRules.objects.get().message_days == 100


def test_operators_may_not_see_them(db: None) -> None:
    answer = signed_in(make_operator()).get("/admin/providers/keepingrules/1/change/")
    assert answer.status_code == 403
