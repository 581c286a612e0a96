"""The dialer's page as one whole: cheap to keep fresh, searched and paged, everything opened and decided in place."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from dialers.models import Base, BaseState, Dialer, Row
from providers import tally
from providers.models import Message
from providers.states import PENDING, State
from tests.dialers.outcomes import become, messages_of, sent_base
from tests.factories import (
    make_agent,
    make_base,
    make_contact,
    make_operator,
    make_supervisor,
    make_user,
    outgoing,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


@pytest.fixture
def page(dialer: Dialer) -> str:
    return reverse("admin:dialers_dialer_change", args=[dialer.pk])


@pytest.fixture
def live(dialer: Dialer) -> str:
    return reverse("admin:dialers_live", args=[dialer.pk])


def from_page(page: str, query: str = "") -> dict[str, Any]:
    """What htmx says of a request that the dialer's page makes."""
    return {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": f"http://testserver{page}{query}"}


def running(dialer: Dialer, n: int) -> None:
    for number in range(n):
        base = make_base(dialer, f"base{number}.csv", valid=1_000_000, lines=1_000_000)
        Row.objects.create(base=base, line=1, contact="1", address="1", kind="text", content={"text": "Hi"})
        tally.append({(base.pk, PENDING): 1_000_000})
        contact = make_contact(dialer.provider, f"5989912{Base.objects.count():04}")
        outgoing(contact, "Hi", base=base, state=State.UNCERTAIN, uncertain_at=timezone.now())


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_look_asks_as_often_for_ten_running_bases_as_for_one(
    operator: Client, dialer: Dialer, live: str
) -> None:
    running(dialer, 1)
    of_one = asked(operator, live)
    running(dialer, 9)

    assert asked(operator, live) == of_one
    assert of_one <= 26


def test_a_look_asks_as_often_among_hundreds_of_bases(operator: Client, dialer: Dialer, live: str) -> None:
    running(dialer, 3)
    of_few = asked(operator, live)
    Base.objects.bulk_create(
        Base(dialer=dialer, name=f"old{n}.csv", file="x", state=BaseState.FINISHED) for n in range(300)
    )

    assert asked(operator, live) == of_few


def test_a_base_is_found_by_a_part_of_its_name_and_the_page_stays_at_it(
    operator: Client, dialer: Dialer, page: str, live: str
) -> None:
    Base.objects.bulk_create(
        Base(dialer=dialer, name=f"turnos_{n}.csv", file="x", state=BaseState.FINISHED) for n in range(100)
    )
    found = operator.get(live, {"find": "NOS_42"})

    assert [card.base.name for card in found.context["cards"]] == ["turnos_42.csv"]
    assert found["HX-Replace-Url"] == f"{page}?find=NOS_42"
    again = operator.get(live, {"page": "1", "find": "NOS_42"}, **from_page(page, "?find=NOS_42"))
    assert "HX-Replace-Url" not in again  # it stands there already
    assert f'hx-get="{live}?page=1&amp;find=NOS_42"' in found.content.decode()
    assert "No base of this dialer has “lunes” in its name." in words(operator.get(page, {"find": "lunes"}))


def test_an_act_answers_with_the_part_of_the_list_that_was_looked_at(
    operator: Client, dialer: Dialer, page: str
) -> None:
    Base.objects.bulk_create(
        Base(dialer=dialer, name=f"base{n}.csv", file="x", state=BaseState.FINISHED) for n in range(25)
    )
    base = make_base(dialer, "now.csv")
    act = reverse("admin:dialers_base_act", args=[base.pk, "pause"])

    answer = operator.post(act, **from_page(page, "?page=3"))
    assert answer.context["bases"].number == 3
    assert "21–26 of 26" in words(answer)


def test_what_ended_is_folded_unless_something_is_to_be_decided(
    operator: Client, dialer: Dialer, live: str
) -> None:
    make_base(dialer, "done.csv", BaseState.FINISHED, valid=2000, finished_at=timezone.now())
    doubtful = make_base(dialer, "doubt.csv", BaseState.FINISHED, valid=1)
    tally.append({(doubtful.pk, int(State.UNCERTAIN)): 1})
    make_base(dialer, "going.csv", valid=1)

    folded = {card.base.name: card.folded for card in operator.get(live).context["cards"]}
    assert folded == {"done.csv": True, "doubt.csv": False, "going.csv": False}
    assert "2,000 of 2,000" in words(operator.get(live))


def test_the_first_line_says_when_one_may_go_home(operator: Client, dialer: Dialer, page: str) -> None:
    Dialer.objects.update(time_between_messages=1000)
    a_day = 86_400  # seconds, and messages at that pace
    base = make_base(dialer, valid=a_day, lines=a_day)
    Row.objects.create(base=base, line=1, contact="1", address="1", kind="text", content={"text": "Hi"})
    tally.append({(base.pk, PENDING): a_day})

    assert "WavyDialer running done about tomorrow" in words(operator.get(page))


def test_a_file_is_answered_for_beside_its_name(operator: Client, dialer: Dialer) -> None:
    address = reverse("admin:dialers_upload", args=[dialer.pk])

    def told(name: str, body: bytes) -> dict[str, Any]:
        sent = operator.post(
            address, {"file": SimpleUploadedFile(name, body)}, HTTP_ACCEPT="application/json"
        )
        answer: dict[str, Any] = sent.json()
        return answer

    taken, refused = told("a.csv", b"59899123456;Hi\n"), told("b.jpg", b"\xff\xd8\xff\x00")
    assert taken["base"] == Base.objects.get().pk
    assert taken["said"] == "“a.csv” is being loaded. Nothing is sent until you start it."
    assert (refused["base"], "not text" in refused["said"]) == (None, True)


def test_several_files_are_taken_without_scripts_too(operator: Client, dialer: Dialer) -> None:
    files = [SimpleUploadedFile(name, b"59899123456;Hi\n") for name in ("a.csv", "b.csv")]
    said = words(
        operator.post(reverse("admin:dialers_upload", args=[dialer.pk]), {"file": files}, follow=True)
    )

    assert all(f"“{name}” is being loaded." in said for name in ("a.csv", "b.csv"))


@pytest.fixture
def sent(dialer: Dialer, wavy: object) -> Base:
    """A finished base: two unconfirmed, one not delivered, one taken."""
    base = sent_base(dialer, 4)
    first, second, third, _rest = messages_of(base)
    Message.objects.filter(pk__in=[first.pk, second.pk]).update(
        state=State.UNCERTAIN, uncertain_at=timezone.now() - timedelta(minutes=1)
    )
    tally.append({(base.pk, int(State.ACCEPTED)): -2, (base.pk, int(State.UNCERTAIN)): 2})
    become(third, State.FAILED, "invalid_number")
    return base


@pytest.mark.parametrize("name", ["base_unconfirmed", "base_again", "base_funnel", "base_preview"])
def test_what_a_base_needs_opens_within_the_page(operator: Client, sent: Base, page: str, name: str) -> None:
    if name == "base_again":
        Base.objects.update(state=BaseState.FINISHED)
    address = reverse(f"admin:dialers_{name}", args=[sent.pk])

    assert "<html" not in operator.get(address, **from_page(page)).content.decode()


@pytest.mark.parametrize("name", ["base_unconfirmed", "base_again", "base_preview", "base"])
def test_without_scripts_it_is_a_page_of_its_own(operator: Client, sent: Base, name: str) -> None:
    if name == "base_again":
        Base.objects.update(state=BaseState.FINISHED)
    assert "<html" in operator.get(reverse(f"admin:dialers_{name}", args=[sent.pk])).content.decode()


@pytest.mark.parametrize(
    ("act", "said"),
    [("again-all", "2 go again."), ("sent-all", "2 were taken as sent.")],
)
def test_all_unconfirmed_are_decided_in_place_and_the_figures_follow(
    operator: Client, sent: Base, page: str, act: str, said: str
) -> None:
    address = reverse("admin:dialers_base_unconfirmed", args=[sent.pk])
    shown = operator.get(address, **from_page(page))
    assert "Send 2 again" in words(shown)
    assert "Send all 2 again? Whoever got the first one gets it twice." in shown.content.decode()

    data = {"act": act, "seen_at": shown.context["seen_at"]}
    answer = operator.post(address, data, **from_page(page))
    assert said in words(answer)
    assert answer["HX-Trigger-After-Swap"] == "look"


def test_a_new_base_is_made_in_place(operator: Client, sent: Base, page: str) -> None:
    Base.objects.update(state=BaseState.FINISHED)
    address = reverse("admin:dialers_base_again", args=[sent.pk])

    answer = operator.post(address, {"outcome": ["failed:invalid_number"]}, **from_page(page))
    assert answer["HX-Retarget"] == "#dialer-bases"
    assert "base.csv (again) ready" in words(answer)
    assert "is ready with 1 row. Nothing is sent until you start it." in words(answer)


def looker() -> User:
    """Somebody who may look at dialers and bases, and do nothing."""
    user = make_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_dialer", "view_base"]))
    return user


WHO = pytest.mark.parametrize(
    ("who", "sees", "may"),
    [
        pytest.param(make_operator, 200, True, id="an operator"),
        pytest.param(make_supervisor, 200, True, id="a supervisor"),
        pytest.param(looker, 200, False, id="who may only look"),
        pytest.param(lambda: make_agent("ana", is_staff=True), 403, False, id="an agent"),
    ],
)


@WHO
def test_who_may_not_act_sees_no_button_and_is_refused(
    dialer: Dialer, page: str, who: Any, sees: int, may: bool
) -> None:
    base = make_base(dialer, valid=1, found={"header": ["a"]})
    tally.append({(base.pk, PENDING): 1})
    client = signed_in(who())

    shown = client.get(page)
    assert shown.status_code == sees
    buttons = [word in shown.content.decode() for word in (">Pause<", ">Upload<", ">Pause all<")]
    assert buttons == [may] * 3
    pause = reverse("admin:dialers_base_act", args=[base.pk, "pause"])
    assert client.post(pause).status_code == (302 if may else 403)


@WHO
@pytest.mark.parametrize(
    "name",
    ["upload", "base_columns", "test_send", "base_dates", "base_lift_cap", "base_unconfirmed", "base_again"],
)
def test_each_act_is_refused_to_whoever_may_not(
    dialer: Dialer, who: Any, sees: int, may: bool, name: str
) -> None:
    base = make_base(dialer, state=BaseState.READY, valid=1, found={"header": ["a", "b"]})
    key = dialer.pk if name == "upload" else base.pk
    status = signed_in(who()).post(reverse(f"admin:dialers_{name}", args=[key])).status_code

    assert (status != 403) is may
