"""The do-not-call pages and the sending rules: who may, what they say, what is kept."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.models import DoNotCall, DoNotCallRemoval, DoNotCallUpload, SendingRules
from tests.factories import make_agent, make_operator, make_supervisor
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
REGISTRY = "/admin/providers/donotcall/"
REMOVALS = "/admin/providers/donotcallremoval/"
UPLOADS = "/admin/providers/donotcallupload/"
RULES = "/admin/providers/sendingrules/"
ANA, BIA = "59899123456", "5511987654321"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.fixture
def operator() -> Client:
    return signed_in(make_operator())


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(client: Client, content: bytes, **fields: str) -> Any:
    data = {"file": SimpleUploadedFile("may.csv", content), "source": "operator", **fields}
    return client.post(f"{REGISTRY}upload/", data, follow=True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("+598 99 123 456", [ANA], id="the whole number"),
        pytest.param("099 123 456", [ANA], id="as at home"),
        pytest.param("123456", [ANA], id="its end"),
        pytest.param("59899", [ANA], id="its beginning"),
        pytest.param("551187654321", [BIA], id="without the ninth digit"),
        pytest.param("(11) 8765-4321", [BIA], id="without the country code too"),
        pytest.param("777777", [], id="somebody else"),
        pytest.param("nobody", [], id="no number"),
    ],
)
def test_an_entry_is_found_by_any_spelling_or_part(supervisor: Client, asked: str, found: list[str]) -> None:
    DoNotCall.objects.bulk_create(DoNotCall(number=number, source="customer") for number in (ANA, BIA))

    page = supervisor.get(REGISTRY, {"q": asked})

    assert [entry.number for entry in page.context["cl"].result_list] == found


def test_the_list_asks_as_often_for_many_and_is_never_counted(
    supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    DoNotCall.objects.bulk_create(DoNotCall(number=f"598990{i:05}") for i in range(120))

    with django_assert_max_num_queries(8) as asked:
        supervisor.get(REGISTRY)

    assert not [query for query in asked.captured_queries if "COUNT(" in query["sql"]]


def test_an_operator_enters_a_number_and_is_named(operator: Client) -> None:
    page = operator.get(f"{REGISTRY}add/")

    saved = operator.post(f"{REGISTRY}add/", filled(page, number="+598 99 123 456"), follow=True)

    assert "operator" in words(saved)
    assert str(DoNotCall.objects.get().created_by) == "operator"


def test_an_entry_says_where_it_holds_by_whom_and_since_when(operator: Client) -> None:
    entry = DoNotCall.objects.create(number=ANA, created_by=make_supervisor())

    text = words(operator.get(f"{REGISTRY}{entry.pk}/change/"))

    assert all(said in text for said in ("SMS provider all", "Entered by supervisor", "Since just now"))


def test_an_upload_says_what_became_of_its_lines_and_gives_back_the_bad_ones(operator: Client) -> None:
    DoNotCall.objects.create(number=BIA)

    page = upload(operator, f"{ANA}\n{BIA}\n12\n".encode())

    text = words(page)
    assert all(said in text for said in ("Added 1", "Already there 1", "Invalid lines 1"))
    report: Any = operator.get(f"{UPLOADS}{DoNotCallUpload.objects.get().pk}/report/")
    assert b"".join(report.streaming_content).decode("utf-8-sig").splitlines()[1].endswith(",12")


def test_an_upload_that_cannot_be_read_says_what_to_do(operator: Client) -> None:
    page = upload(operator, b"PK\x03\x04more")

    assert "Save it as CSV and upload that." in words(page)
    assert not DoNotCallUpload.objects.exists()


def test_a_source_that_nobody_uploads_is_refused(operator: Client) -> None:
    upload(operator, ANA.encode(), source="provider")

    assert not DoNotCall.objects.exists()


def test_an_entry_is_removed_with_a_reason(supervisor: Client) -> None:
    entry = DoNotCall.objects.create(number=ANA)
    address = reverse("admin:providers_donotcall_delete", args=[entry.pk])
    assert "Remove 1 entry" in words(supervisor.get(address))

    supervisor.post(address, {"reason": "She called us."})

    assert not DoNotCall.objects.exists()
    listed = words(supervisor.get(REMOVALS))
    assert all(said in listed for said in ("+598 99 123 456", "She called us.", "supervisor"))


def test_without_a_reason_it_stays(supervisor: Client) -> None:
    entry = DoNotCall.objects.create(number=ANA)

    page = supervisor.post(reverse("admin:providers_donotcall_delete", args=[entry.pk]), {"reason": " "})

    assert "This field is required." in words(page)
    assert DoNotCall.objects.exists()


def test_several_are_removed_at_once_and_the_button_says_how_many(supervisor: Client) -> None:
    keys = [DoNotCall.objects.create(number=f"5989900000{i}").pk for i in range(3)]
    asked = supervisor.post(
        REGISTRY, {"action": "remove_selected", "_selected_action": keys[:2]}, follow=True
    )
    assert "Remove 2 entries" in words(asked)

    asks = asked.request["PATH_INFO"] + "?" + asked.request["QUERY_STRING"]
    done = supervisor.post(asks, {"reason": "x"}, follow=True)

    assert "2 entries were removed." in words(done)
    assert (DoNotCall.objects.count(), DoNotCallRemoval.objects.count()) == (1, 2)


@pytest.mark.parametrize("ids", ["9" * 5000, "9" * 30, "x", ""])
def test_ids_that_are_none_find_nothing_to_remove(supervisor: Client, ids: str) -> None:
    assert supervisor.get(f"{REGISTRY}remove/", {"ids": ids}).status_code == 200


def test_operators_do_not_remove(operator: Client) -> None:
    entry = DoNotCall.objects.create(number=ANA)

    for address in (f"{REGISTRY}{entry.pk}/delete/", f"{REGISTRY}remove/?ids={entry.pk}"):
        assert operator.post(address, {"reason": "x"}).status_code == 403
    assert "Remove from the registry" not in words(operator.get(f"{REGISTRY}{entry.pk}/change/"))
    assert DoNotCall.objects.exists()


@pytest.mark.parametrize("address", [REGISTRY, f"{REGISTRY}upload/", REMOVALS, UPLOADS, f"{RULES}1/change/"])
def test_agents_see_none_of_it(address: str) -> None:
    assert signed_in(make_agent(is_staff=True)).get(address).status_code == 403


# The sending rules


def test_the_rules_are_one_page_that_is_there_from_the_start(supervisor: Client) -> None:
    page = supervisor.get(RULES, follow=True)

    assert page.redirect_chain[-1][0] == f"{RULES}1/change/"
    assert "PARAR" in words(page)
    assert not SendingRules.objects.exists()


def test_a_supervisor_sets_them_again_and_again(supervisor: Client) -> None:
    address = f"{RULES}1/change/"
    for confirmation in ("Done.", "You will hear no more."):
        page = supervisor.get(address)
        supervisor.post(
            address,
            filled(page, messages_per_day="2", stop_words="STOP\nNO MÁS", stop_confirmation=confirmation),
        )

    rules = SendingRules.objects.get()
    assert (rules.pk, rules.messages_per_day, rules.stop_confirmation) == (1, 2, "You will hear no more.")
    assert rules.stop_words.split("\n")[-1].strip() == "NO MÁS"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"stop_confirmation": "a" * 4097}, "WhatsApp takes 4,096", id="a long confirmation"),
        pytest.param({"stop_words": "STOP\n!!!"}, "“!!!” holds no letter", id="a word of signs"),
        pytest.param({"time_zone": "Mars/Base"}, "Mars/Base", id="no time zone"),
    ],
)
def test_rules_that_cannot_be_are_refused(supervisor: Client, changes: dict[str, str], said: str) -> None:
    page = supervisor.get(f"{RULES}1/change/")

    refused = supervisor.post(f"{RULES}1/change/", filled(page, **changes))

    assert said in words(refused)
    assert not SendingRules.objects.exists()


def test_operators_read_the_rules(operator: Client) -> None:
    assert "STOP" in words(operator.get(f"{RULES}1/change/"))
    assert operator.post(f"{RULES}1/change/", {"messages_per_day": "9"}).status_code == 403
