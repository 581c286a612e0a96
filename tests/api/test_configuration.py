"""Providers, templates, campaigns, members, dialers and do-not-call entries through the API."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Campaign, CannedReply, KeywordAnswer
from providers.models import DoNotCall, DoNotCallRemoval, Provider, Template
from providers.models.provider import ApiType
from tests.api.conftest import API, Problem
from tests.factories import (
    NOW,
    OUR_NUMBER,
    make_agent,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_template,
    outgoing,
)

FIELDS = {
    "providers": "name api_type number username sms_regexp sms_from url default messages_per_second daily_limit "
    "recipients_per_request message_callback_url status_callback_url",
    "templates": "provider code language body parameters state ttl",
    "campaigns": "name provider dids service_level strategy distribution schedule time_zone calendar "
    "out_of_time max_interactions enabled waiting_amber waiting_red max_queued max_time_in_queue queue_text "
    "overflow max_transfer_time wrap_up close_after close_text disposition_modal",
    "members": "campaign agent penalty",
    "dialers": "name provider campaign dialing_chain time_between_messages schedule time_zone dncr language enabled "
    "attempts retry_after calendar failure_limit state waiting_for tally",
    "do-not-call": "provider number source reason",
}


@pytest.fixture
def bodies(provider: Provider, campaign: Campaign) -> dict[str, dict[str, Any]]:
    """The least that makes one of each."""
    return {
        "providers": {
            "name": "Wavy 2",
            "number": "5511900000002",
            "username": "integra",
            "password": "s3cret",
        },
        "templates": {"provider": provider.pk, "code": "welcome", "body": "Hello {{1}}, {{2}}", "ttl": 2},
        "campaigns": {"name": "Turnos", "provider": provider.pk},
        "members": {"campaign": campaign.pk, "agent": make_agent("ana").pk},
        "dialers": {"name": "Turnos_1", "provider": provider.pk},
        "do-not-call": {"number": "59899123456"},
    }


@pytest.mark.parametrize("path", FIELDS)
def test_what_is_made_reads_back_with_every_field(
    path: str, bodies: dict[str, dict[str, Any]], as_supervisor: APIClient
) -> None:
    made = as_supervisor.post(f"{API}{path}/", bodies[path])
    assert made.status_code == 201, made.content
    document = made.json()
    assert document.keys() >= {"id", *FIELDS[path].split()}
    sent = {name: value for name, value in bodies[path].items() if name != "password"}
    assert sent.items() <= document.items()
    assert as_supervisor.get(f"{API}{path}/{document['id']}/").json() == document
    assert as_supervisor.get(f"{API}{path}/").json()["results"][0] == document
    assert as_supervisor.delete(f"{API}{path}/{document['id']}/").status_code == 204
    assert as_supervisor.get(f"{API}{path}/{document['id']}/").status_code == 404


REFUSED: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("no name", "providers", {"name": ""}, "name", "blank"),
    ("a taken name", "providers", {"name": "Wavy"}, "name", "already exists"),
    ("a taken number", "providers", {"number": OUR_NUMBER}, "non_field_errors", "already has this number"),
    ("a number without country", "providers", {"number": "099123456"}, "number", "country code"),
    ("a regexp that does not compile", "providers", {"sms_regexp": "("}, "sms_regexp", "does not compile"),
    ("an unknown API type", "providers", {"api_type": "Fax"}, "api_type", "WavyWhatsapp"),
    ("a negative pace", "providers", {"messages_per_second": -1}, "messages_per_second", "0"),
    ("a NUL", "providers", {"name": "a\0b"}, "name", "Null"),
    ("a body with a gap", "templates", {"body": "{{1}} {{3}}"}, "body", "without a gap"),
    ("parameters that do not fit", "templates", {"parameters": 5}, "parameters", "2"),
    ("a code with a colon", "templates", {"code": "a:b"}, "code", "colon"),
    ("a month to live", "templates", {"ttl": 31}, "ttl", "30"),
    ("an unknown provider", "templates", {"provider": 0}, "provider", "0"),
    ("a day that is none", "campaigns", {"schedule": "lun;09:00-10:00"}, "schedule", "lun"),
    ("an unknown time zone", "campaigns", {"time_zone": "Mars/Base"}, "time_zone", "Mars/Base"),
    ("an unknown strategy", "campaigns", {"strategy": "loudest"}, "strategy", "nopause"),
    ("an endless Out of time", "campaigns", {"out_of_time": "x" * 4097}, "out_of_time", "4,096"),
    ("red before amber", "campaigns", {"waiting_amber": 60, "waiting_red": 30}, "waiting_red", "60"),
    ("a closing text without a time", "campaigns", {"close_text": "Bye"}, "close_text", "minutes"),
    ("an endless queue text", "campaigns", {"queue_text": "x" * 4097}, "queue_text", "4,096"),
    ("an unknown overflow", "campaigns", {"overflow": 0}, "overflow", "0"),
    ("a negative wrap-up", "campaigns", {"wrap_up": -1}, "wrap_up", "0"),
    ("a taken name", "campaigns", {"name": "WhatsApp"}, "name", "already exists"),
    ("a DID that is no number", "campaigns", {"dids": ["desk"]}, "dids", "digits"),
    ("a DID of another campaign", "campaigns", {"dids": ["+55 11 90000 0001"]}, "dids", "WhatsApp"),
    ("DIDs that are no list", "campaigns", {"dids": "5511900000001"}, "dids", "list"),
    ("a penalty over 100", "members", {"penalty": 101}, "penalty", "100"),
    ("nobody", "members", {"agent": 0}, "agent", "0"),
    ("a name with a blank", "dialers", {"name": "Wavy Dialer"}, "name", "Only the letters"),
    ("a chain that does not compile", "dialers", {"dialing_chain": "["}, "dialing_chain", "does not compile"),
    ("no chain", "dialers", {"dialing_chain": ""}, "dialing_chain", "blank"),
    ("a span that is none", "dialers", {"schedule": "mon;9-10"}, "schedule", "9-10"),
    ("no number", "do-not-call", {"number": "none"}, "number", "digits"),
    ("an unknown source", "do-not-call", {"source": "hearsay"}, "source", "operator"),
]


@pytest.mark.parametrize(
    ("path", "change", "field", "words"),
    [pytest.param(*row[1:], id=f"{row[1]}: {row[0]}") for row in REFUSED],
)
def test_bad_input_is_refused_beside_its_field(
    path: str,
    change: dict[str, Any],
    field: str,
    words: str,
    bodies: dict[str, dict[str, Any]],
    campaign: Campaign,
    as_supervisor: APIClient,
    problem: Problem,
) -> None:
    as_supervisor.patch(f"{API}campaigns/{campaign.pk}/", {"dids": [OUR_NUMBER]})
    document = problem(as_supervisor.post(f"{API}{path}/", {**bodies[path], **change}), 400, "invalid")
    assert list(document["errors"]) == [field]
    assert words in " ".join(document["errors"][field])
    assert words in document["detail"]


@pytest.mark.parametrize("path", FIELDS)
def test_what_is_missing_is_named(path: str, as_supervisor: APIClient, problem: Problem) -> None:
    document = problem(as_supervisor.post(f"{API}{path}/", {}), 400, "invalid")
    required = {
        "providers": {"name", "number", "username", "password"},
        "templates": {"provider", "code", "body"},
        "campaigns": {"name", "provider"},
        "members": {"campaign", "agent"},
        "dialers": {"name", "provider"},
        "do-not-call": {"number"},
    }
    assert document["errors"].keys() == required[path]


def test_a_password_goes_in_and_never_comes_out(as_supervisor: APIClient, bodies: Any) -> None:
    made = as_supervisor.post(f"{API}providers/", bodies["providers"])
    assert "s3cret" not in made.content.decode()
    assert "password" not in made.json()
    assert Provider.objects.get(pk=made.json()["id"]).password == "s3cret"


def test_a_change_without_password_keeps_it(as_supervisor: APIClient, provider: Provider) -> None:
    as_supervisor.patch(f"{API}providers/{provider.pk}/", {"sms_from": "whatsapp:hsm:new"})
    provider.refresh_from_db()
    assert (provider.password, provider.sms_from) == ("secret", "whatsapp:hsm:new")


def test_a_provider_shows_its_callback_urls_to_who_may_configure_it_alone(
    as_supervisor: APIClient, as_operator: APIClient, provider: Provider
) -> None:
    shown = as_supervisor.get(f"{API}providers/{provider.pk}/").json()
    assert shown["message_callback_url"].startswith(
        "http://127.0.0.1:8000/Integra/resources/Wavy/message?token="
    )
    assert shown["status_callback_url"].startswith(
        "http://127.0.0.1:8000/Integra/resources/Wavy/status?token="
    )
    hidden = as_operator.get(f"{API}providers/{provider.pk}/")
    assert "token=" not in hidden.content.decode()
    assert not {"message_callback_url", "status_callback_url", "password"} & hidden.json().keys()


def test_a_new_default_unmarks_the_previous(as_supervisor: APIClient, bodies: Any) -> None:
    first = make_provider("First", "5511900000009", default=True)
    made = as_supervisor.post(f"{API}providers/", {**bodies["providers"], "default": True})
    first.refresh_from_db()
    assert (made.json()["default"], first.default) == (True, False)


def test_a_template_counts_its_parameters(as_supervisor: APIClient, bodies: Any) -> None:
    made = as_supervisor.post(f"{API}templates/", {**bodies["templates"], "parameters": 2}).json()
    assert made["parameters"] == 2
    changed = as_supervisor.patch(f"{API}templates/{made['id']}/", {"body": "Hello {{1}}"}).json()
    assert changed["parameters"] == 1


def test_a_campaigns_numbers_are_a_list_of_digits(as_supervisor: APIClient, bodies: Any) -> None:
    made = as_supervisor.post(
        f"{API}campaigns/", {**bodies["campaigns"], "dids": ["+55 11 90000-0001"]}
    ).json()
    assert made["dids"] == [OUR_NUMBER]
    kept = as_supervisor.patch(f"{API}campaigns/{made['id']}/", {"enabled": False}).json()
    assert kept["dids"] == [OUR_NUMBER]
    emptied = as_supervisor.patch(f"{API}campaigns/{made['id']}/", {"dids": []}).json()
    assert emptied["dids"] == []


def test_a_campaign_that_is_refused_is_not_half_made(as_supervisor: APIClient, bodies: Any) -> None:
    as_supervisor.post(f"{API}campaigns/", {**bodies["campaigns"], "dids": ["nonsense"]})
    assert not Campaign.objects.filter(name="Turnos").exists()


def test_a_number_follows_its_campaign_to_another_provider(
    as_supervisor: APIClient, provider: Provider
) -> None:
    campaign = make_campaign(provider, "Turnos", (OUR_NUMBER,))
    other = make_provider("Second", "5511900000002")
    as_supervisor.patch(f"{API}campaigns/{campaign.pk}/", {"provider": other.pk})
    assert [(did.provider, did.number) for did in campaign.dids.all()] == [(other, OUR_NUMBER)]


@pytest.mark.parametrize(
    ("model", "fields"), [(KeywordAnswer, {"words": "hours"}), (CannedReply, {"shortcut": "hours"})]
)
def test_a_provider_that_does_not_take_a_stored_answer_is_refused(
    model: type[Any], fields: dict[str, str], as_supervisor: APIClient, campaign: Campaign
) -> None:
    model.objects.create(campaign=campaign, text="x" * 1281, **fields)
    sms = make_provider("SMS", "5511900000009", api_type=ApiType.WAVY_SMS)

    answer = as_supervisor.patch(f"{API}campaigns/{campaign.pk}/", {"provider": sms.pk})

    assert (answer.status_code, "“hours”" in str(answer.json())) == (400, True)
    assert Campaign.objects.get(pk=campaign.pk).provider_id == campaign.provider_id


def test_a_campaign_that_one_may_not_see_is_not_named_by_its_number(
    as_supervisor: APIClient, campaign: Campaign
) -> None:
    secret = make_campaign(campaign.provider, "Secret", dids=("5511900000008",))
    secret.groups.add(Group.objects.create(name="South"))

    answer = as_supervisor.patch(f"{API}campaigns/{campaign.pk}/", {"dids": ["5511900000008"]}, format="json")

    assert (answer.status_code, "Secret" in str(answer.json())) == (400, False)


def test_an_agent_is_a_member_once(
    as_supervisor: APIClient, agent: User, campaign: Campaign, problem: Problem
) -> None:
    document = problem(
        as_supervisor.post(f"{API}members/", {"campaign": campaign.pk, "agent": agent.pk}), 400, "invalid"
    )
    assert "already a member" in document["detail"]


def test_only_agents_become_members(as_supervisor: APIClient, campaign: Campaign, problem: Problem) -> None:
    body = {"campaign": campaign.pk, "agent": make_operator().pk}
    assert "Agents group" in problem(as_supervisor.post(f"{API}members/", body), 400, "invalid")["detail"]


def test_a_dialer_without_bases_is_idle_and_says_that_it_is_empty(
    as_supervisor: APIClient, provider: Provider
) -> None:
    document = as_supervisor.get(f"{API}dialers/{make_dialer(provider).pk}/").json()
    assert (document["state"], document["waiting_for"], set(document["tally"].values())) == (
        "idle",
        "empty",
        {0},
    )


@pytest.mark.parametrize("spelling", ["59899123456", "+598 99 123 456", "598-99-123-456"])
def test_a_number_is_entered_once_in_any_spelling(spelling: str, as_supervisor: APIClient) -> None:
    first = as_supervisor.post(f"{API}do-not-call/", {"number": "59899123456", "reason": "asked"})
    again = as_supervisor.post(f"{API}do-not-call/", {"number": spelling})
    assert (again.status_code, again.json()) == (201, first.json())
    assert DoNotCall.objects.count() == 1


def test_a_number_is_found_in_the_other_spelling_of_the_same_person(as_supervisor: APIClient) -> None:
    as_supervisor.post(f"{API}do-not-call/", {"number": "5511987654321"})
    found = as_supervisor.get(f"{API}do-not-call/?number=551187654321").json()["results"]
    assert [row["number"] for row in found] == ["5511987654321"]


def test_what_is_still_needed_is_not_deleted_and_the_answer_says_by_what(
    as_supervisor: APIClient, provider: Provider, problem: Problem
) -> None:
    make_dialer(provider, make_campaign(provider))
    outgoing(make_contact(provider))
    document = problem(as_supervisor.delete(f"{API}providers/{provider.pk}/"), 409, "in_use")
    assert "“Wavy”" in document["detail"]
    assert all(
        word in document["detail"] for word in ("messages", "contacts", "SMS campaigns", "SMS dialers")
    )


@pytest.mark.parametrize(
    ("query", "body", "kept"),
    [
        pytest.param("?reason=They+called", None, "They called", id="in the address"),
        pytest.param("", {"reason": "They called"}, "They called", id="in the body"),
        pytest.param("", None, "removed through the API", id="none"),
    ],
)
def test_a_number_that_is_removed_leaves_its_reason(
    query: str, body: Any, kept: str, as_supervisor: APIClient, supervisor: User
) -> None:
    entry = as_supervisor.post(f"{API}do-not-call/", {"number": "59899123456"}).json()

    gone = as_supervisor.delete(f"{API}do-not-call/{entry['id']}/{query}", body)

    assert (gone.status_code, DoNotCall.objects.count()) == (204, 0)
    removal = DoNotCallRemoval.objects.get()
    assert (removal.number, removal.reason, removal.removed_by) == ("59899123456", kept, supervisor)


@pytest.mark.parametrize(
    ("changes", "removed"),
    [
        pytest.param({"source": "external"}, ["operator"], id="another source"),
        pytest.param({"reason": "asked by phone"}, [], id="another reason"),
    ],
)
def test_an_entry_that_is_made_to_hold_elsewhere_is_noted_as_removed(
    changes: dict[str, str], removed: list[str], as_supervisor: APIClient
) -> None:
    entry = as_supervisor.post(f"{API}do-not-call/", {"number": "59899123456"}).json()

    changed = as_supervisor.patch(f"{API}do-not-call/{entry['id']}/", changes).json()

    assert changed == entry | changes
    assert list(DoNotCallRemoval.objects.values_list("source", flat=True)) == removed


def test_an_entry_says_who_made_it(as_supervisor: APIClient, supervisor: User) -> None:
    as_supervisor.post(f"{API}do-not-call/", {"number": "59899123456"})

    assert DoNotCall.objects.get().created_by == supervisor


def test_a_template_shows_what_wavy_lists(as_supervisor: APIClient) -> None:
    template = make_template(make_provider(), "visit", header="Your visit", buttons=["Yes"])

    shown = as_supervisor.get(f"{API}templates/{template.pk}/").json()

    assert (shown["header"], shown["buttons"], shown["source"]) == ("Your visit", ["Yes"], "hand")
    assert (shown["synced_at"], shown["gone_at"], shown["override_until"]) == (None, None, None)


def test_what_wavy_lists_is_changed_there(as_supervisor: APIClient) -> None:
    template = make_template(make_provider(), "visit", state="in_analysis")
    Template.objects.update(synced_at=NOW)

    refused = as_supervisor.patch(f"{API}templates/{template.pk}/", {"state": "approved"})

    assert refused.status_code == 400
    assert "Wavy lists this template" in str(refused.json())
    assert as_supervisor.patch(f"{API}templates/{template.pk}/", {"ttl": 3}).status_code == 200
