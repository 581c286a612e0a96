"""Who did what: each kind of act leaves exactly one entry, with its doer, before and after, and never a secret."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from rest_framework.authtoken.models import Token

from accounts.acting import Doer, acting
from accounts.acts import Act, Via
from accounts.models import Entry, User
from campaigns import services
from campaigns.models import Campaign, Member
from dialers import bases, failures, mapping, recycling, terms, test_sends
from dialers import unconfirmed as many
from dialers.models import Base, BaseState, Dialer
from providers import config, do_not_call, suspension
from providers.errors import Refusal
from providers.models import DoNotCall, Provider, SendingRules
from providers.states import State
from tests.factories import (
    NOW,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_provider,
    make_supervisor,
    make_template,
    outgoing,
)
from tests.house.entries import only, save
from tests.pages import signed_in
from ucontact_wavy import erasing
from ucontact_wavy.models import AlertRules

pytestmark = pytest.mark.django_db
SECRETS = (
    "hunter2-provider",
    "hunter2-person",
    "hunter2-callback",
    "hunter2-typed",
    "hunter2-url",
    "hunter2-hook",
)


@pytest.fixture
def supervisor() -> User:
    return make_supervisor("maria")


@pytest.fixture
def scene() -> Dialer:
    provider = make_provider()
    return make_dialer(provider, make_campaign(provider))


@pytest.fixture
def fresh(supervisor: User, scene: Dialer) -> None:
    """Nothing is written yet of what comes now."""
    Entry.objects.all().delete()


def ready(dialer: Dialer, state: str = BaseState.READY, **fields: Any) -> Base:
    return make_base(dialer, state=state, valid=1, lines=1, **fields)


STARTS, RUNS, RESTS = ["ready", "running"], ["running", "paused"], ["paused", "running"]
ENDS = ["running", "cancelled"]
BASE_ACTS: list[Any] = [
    pytest.param("ready", lambda b, u: bases.start(b, u, NOW), Act.STARTED, STARTS, id="start"),
    pytest.param("paused", lambda b, u: bases.start(b, u, NOW), Act.RESUMED, RESTS, id="go on"),
    pytest.param("running", lambda b, u: bases.pause(b, NOW), Act.PAUSED, RUNS, id="pause"),
    pytest.param("running", lambda b, u: bases.cancel(b, NOW), Act.CANCELLED, ENDS, id="cancel"),
    pytest.param("ready", lambda b, u: bases.discard(b), Act.DISCARDED, None, id="discard"),
    pytest.param("running", lambda b, u: bases.pause_dialer(b.dialer, NOW), Act.PAUSED, RUNS, id="pause all"),
    pytest.param("running", lambda b, u: bases.stop_dialer(b.dialer, NOW), Act.CANCELLED, ENDS, id="stop"),
]


@pytest.mark.parametrize(("state", "act", "written", "states"), BASE_ACTS)
def test_an_act_on_a_base(
    supervisor: User, scene: Dialer, state: str, act: Any, written: Act, states: list[str] | None
) -> None:
    base = ready(scene, state)
    Entry.objects.all().delete()
    with acting(Doer(Via.PAGE, request=_request(supervisor), address="192.0.2.1")):
        act(base, supervisor)
    entry = only()
    assert (entry.act, entry.changes.get("state"), entry.actor) == (written, states, supervisor)
    assert (entry.object_repr, entry.via, entry.remote_addr) == (
        "WavyDialer · monday.csv",
        "page",
        "192.0.2.1",
    )


def _request(user: User) -> Any:
    request = type("Request", (), {})()
    request.user = user
    return request


def test_a_refused_act_leaves_nothing(scene: Dialer, fresh: None) -> None:
    base = ready(scene, BaseState.FINISHED)
    with pytest.raises(Refusal):
        bases.pause(base, NOW)
    assert not Entry.objects.exists()


def test_an_upload(supervisor: User, scene: Dialer, fresh: None) -> None:
    bases.upload(scene, ContentFile(b"WavyDialer;59899123456;text;1\n", name="monday.csv"), supervisor)
    assert (only().act, only().actor) == (Act.UPLOADED, supervisor)


def test_a_lifted_cap_says_why(supervisor: User, scene: Dialer, fresh: None) -> None:
    terms.lift_cap(ready(scene), supervisor, "the doctor is away", NOW)
    entry = only()
    assert (entry.act, entry.actor) == (Act.CAP_LIFTED, supervisor)
    assert entry.changes == {"cap_override_reason": ["", "the doctor is away"]}


def test_new_dates_of_a_base(scene: Dialer, fresh: None) -> None:
    terms.schedule_base(ready(scene), NOW + timedelta(days=1), None, NOW)
    assert (only().act, only().changes) == (Act.TERMS, {"start_at": [None, "2026-03-05T15:00:00+00:00"]})


def test_the_columns_of_a_base(supervisor: User, scene: Dialer, fresh: None) -> None:
    make_template(scene.provider)
    Entry.objects.all().delete()
    base = ready(scene, found={"header": ["phone", "name"]})
    wanted = mapping.as_mapping({"template": "reminder", "destination": "phone", "parameters": ["name"]})
    mapping.apply_mapping(base, wanted, supervisor)
    assert (only().act, only().changes["mapping"][1]["template"]) == (Act.MAPPED, "reminder")


def test_a_base_made_out_of_another(supervisor: User, scene: Dialer, fresh: None) -> None:
    origin = ready(scene, BaseState.FINISHED, started_at=NOW)
    origin.rows.create(line=1, contact="59899123456", address="59899123456", kind="text", content={}, state=2)
    recycling.recycle(origin, ["skipped"], supervisor, NOW)
    assert (only().act, only().changes) == (Act.MADE_AGAIN, {"recycled_from": [None, "monday.csv"]})


def test_a_test_send_without_its_number(supervisor: User, scene: Dialer, fresh: None) -> None:
    base = ready(scene)
    base.rows.create(
        line=1, contact="59899123456", address="59899123456", kind="hsm",
        content={"code": "reminder", "parameters": ["you"], "language": "en"},
    )  # fmt: skip
    make_template(scene.provider)
    Entry.objects.all().delete()
    test_sends.test_send(base, 1, "+598 99 765 432", supervisor, NOW)
    assert (only().act, only().actor) == (Act.TEST_SENT, supervisor)
    assert "765432" not in str(Entry.objects.values().get())


@pytest.mark.parametrize(
    ("act", "written", "after"),
    [
        pytest.param(bases.send_again, Act.SENT_AGAIN, State.QUEUED, id="send again"),
        pytest.param(bases.take_as_sent, Act.TAKEN_AS_SENT, State.ACCEPTED, id="take as sent"),
    ],
)
def test_a_decision_about_one_message(
    supervisor: User, scene: Dialer, fresh: None, act: Any, written: Act, after: State
) -> None:
    base = ready(scene, BaseState.RUNNING)
    message = outgoing(make_contact(scene.provider), base=base, state=State.UNCERTAIN)
    act(message, supervisor, NOW)
    entry = only()
    assert (entry.act, entry.actor, entry.changes["state"]) == (written, supervisor, [State.UNCERTAIN, after])
    assert entry.object_repr == f"#{message.pk}"


@pytest.mark.parametrize(
    ("act", "written"),
    [
        pytest.param(many.send_again, Act.SENT_AGAIN, id="send again"),
        pytest.param(many.take_as_sent, Act.TAKEN_AS_SENT, id="take as sent"),
    ],
)
def test_one_decision_about_many_messages_is_one_entry(
    supervisor: User, scene: Dialer, fresh: None, monkeypatch: pytest.MonkeyPatch, act: Any, written: Act
) -> None:
    monkeypatch.setattr(many, "CHUNK", 2)
    base = ready(scene, BaseState.RUNNING)
    contact = make_contact(scene.provider)
    keys = [outgoing(contact, base=base, state=State.UNCERTAIN).pk for _n in range(5)]
    with acting(Doer(Via.PAGE, request=_request(supervisor))):
        act(base, iter(keys), supervisor, NOW)
    assert (only().act, only().changes) == (written, {"n": [0, 5]})


def test_a_base_that_is_paused_by_itself_says_why(
    scene: Dialer, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "unanswered", lambda _base: 300)
    failures.pause_if_failing(ready(scene, BaseState.RUNNING), NOW)
    entry = only()
    assert (entry.act, entry.actor, entry.via) == (Act.PAUSED, None, Via.SYSTEM)
    assert entry.changes == {"state": ["running", "paused"], "reason": ["", "no_answers"]}


def test_a_provider_that_is_suspended_and_back_in_service(scene: Dialer, fresh: None) -> None:
    suspension.suspend(scene.provider, "credentials", NOW)
    suspension.suspend(scene.provider, "credentials", NOW)
    suspension.end(Provider.objects.get())
    assert [one.act for one in Entry.objects.order_by("pk")] == [Act.SUSPENDED, Act.IN_SERVICE]


def test_a_changed_provider_tells_before_and_after(supervisor: User, scene: Dialer, fresh: None) -> None:
    client = signed_in(supervisor)
    path = f"/admin/providers/provider/{scene.provider_id}/change/"
    save(client, path, messages_per_second=80, password="")
    entry = only()
    assert (entry.act, entry.actor, entry.via) == (Act.CHANGED, supervisor, Via.PAGE)
    assert entry.changes == {"messages_per_second": [0, 80]}


def test_a_changed_password_of_a_provider_is_told_without_it(
    supervisor: User, scene: Dialer, fresh: None
) -> None:
    path = f"/admin/providers/provider/{scene.provider_id}/change/"
    save(signed_in(supervisor), path, password="hunter2-provider")
    assert (only().act, only().changes) == (Act.PASSWORD, {"password": ["•••", "•••"]})


def test_new_and_retired_callback_addresses(supervisor: User, scene: Dialer, fresh: None) -> None:
    old = config.add_token(scene.provider)
    config.add_addresses(scene.provider)
    assert (only().act, only().changes) == (Act.ADDRESSES_MADE, {"callback_tokens": [1, 2]})
    config.retire_addresses(scene.provider, old.pk)
    config.retire_addresses(scene.provider, old.pk)
    assert [one.act for one in Entry.objects.order_by("-pk")] == [Act.ADDRESSES_RETIRED, Act.ADDRESSES_MADE]


def test_the_api_names_the_person_of_the_token(supervisor: User, scene: Dialer, fresh: None) -> None:
    token = Token.objects.create(user=supervisor)
    client = Client(HTTP_AUTHORIZATION=f"Token {token.key}")
    answer = client.patch(f"/api/v1/dialers/{scene.pk}/", {"enabled": False}, content_type="application/json")
    assert answer.status_code == 200
    assert (only().actor, only().via, only().changes) == (supervisor, Via.API, {"enabled": [True, False]})


def test_a_pause_through_the_api(supervisor: User, scene: Dialer, fresh: None) -> None:
    base = ready(scene, BaseState.RUNNING)
    token = Token.objects.create(user=supervisor)
    client = Client(HTTP_AUTHORIZATION=f"Token {token.key}")
    assert client.post(f"/api/v1/bases/{base.pk}/pause/").status_code == 200
    assert (only().act, only().actor, only().via) == (Act.PAUSED, supervisor, Via.API)


def test_a_deleted_dialer_keeps_what_it_was(supervisor: User, scene: Dialer, fresh: None) -> None:
    signed_in(supervisor).post(f"/admin/dialers/dialer/{scene.pk}/delete/", {"post": "yes"})
    entry = only()
    assert (entry.act, entry.object_repr, entry.changes["provider"]) == (
        Act.DELETED,
        "WavyDialer",
        ["Wavy", None],
    )


def test_new_dids_of_a_campaign(scene: Dialer, fresh: None) -> None:
    services.set_dids(Campaign.objects.get(), ["5511900000002"])
    assert only().changes == {"dids": [[], ["5511900000002"]]}


def test_members_that_join_and_leave(scene: Dialer, fresh: None) -> None:
    agent = make_agent("joao")
    Entry.objects.all().delete()
    services.add_members(Campaign.objects.all(), [agent], penalty=2)
    services.add_members(Campaign.objects.all(), [agent])
    assert (only().act, only().changes["penalty"], only().changes["agent"]) == (
        Act.CREATED,
        [None, 2],
        [None, "joao"],
    )
    services.remove_members(Campaign.objects.all(), [agent])
    assert [one.act for one in Entry.objects.all()] == [Act.DELETED, Act.CREATED]


def test_a_changed_penalty(scene: Dialer, fresh: None) -> None:
    member = Member.objects.create(campaign=Campaign.objects.get(), agent=make_agent("joao"))
    Entry.objects.all().delete()
    member.penalty = 3
    member.save()
    assert only().changes == {"penalty": [0, 3]}


def test_changed_sending_rules(supervisor: User, fresh: None) -> None:
    SendingRules.objects.create(pk=1, messages_per_day=2)
    Entry.objects.all().delete()
    save(signed_in(supervisor), "/admin/providers/sendingrules/1/change/", messages_per_day=5)
    assert (only().act, only().changes) == (Act.CHANGED, {"messages_per_day": [2, 5]})


def test_changed_alert_rules_but_not_what_the_sweep_notes(fresh: None) -> None:
    rules = AlertRules.objects.create(pk=1)
    Entry.objects.all().delete()
    rules.silent_minutes, rules.swept_at = 5, NOW
    rules.save()
    assert (only().act, only().changes) == (Act.CHANGED, {"silent_minutes": [15, 5]})


def test_do_not_call_entries_that_come_and_go(supervisor: User, fresh: None) -> None:
    entry = do_not_call.add("+598 99 123 456", None, reason="asked on the phone", user=supervisor)
    do_not_call.add("+598 99 123 456", None, user=supervisor)
    do_not_call.remove(entry, supervisor, "was a mistake", NOW)
    do_not_call.remove(entry, supervisor, "was a mistake", NOW)
    told = [(one.act, one.actor, one.changes["reason"]) for one in Entry.objects.order_by("pk")]
    assert told == [
        (Act.CREATED, supervisor, [None, "asked on the phone"]),
        (Act.DELETED, supervisor, [None, "was a mistake"]),
    ]


def test_an_uploaded_registry_is_one_entry(supervisor: User, fresh: None) -> None:
    file = io.BytesIO(b"59899123456\n59899123457\nnobody\n")
    do_not_call.add_many(file, "numbers.csv", do_not_call.Terms(None, "external"), supervisor, NOW)
    assert (only().act, only().changes) == (Act.UPLOADED, {"added": [0, 2], "invalid": [0, 1]})


def test_an_erasure_never_says_whose(supervisor: User, fresh: None) -> None:
    erasing.request("59899123456", None, supervisor, NOW)
    assert (only().act, only().actor) == (Act.ERASURE, supervisor)
    assert "9123456" not in str(Entry.objects.values().get())


def test_an_erasure_takes_the_number_out_of_what_was_written(supervisor: User, fresh: None) -> None:
    entry = do_not_call.add("+598 99 123 456", None, user=supervisor)
    assert only().object_repr == f"+{entry.number}"
    erasure = erasing.request(entry.number, None, supervisor, NOW)
    assert erasing.erase(erasure.pk, lambda: NOW)
    assert "9123456" not in str(list(Entry.objects.values()))
    assert DoNotCall.objects.exists()


def test_a_command_says_so() -> None:
    call_command("demo", stdout=io.StringIO())
    told = Entry.objects.values_list("actor_name", "via", "actor").distinct().order_by()
    assert list(told) == [("manage.py demo", Via.COMMAND, None)]
    assert {"WavyDialer", "WhatsApp", "supervisor"} <= set(
        Entry.objects.values_list("object_repr", flat=True)
    )


def test_what_only_the_wire_notes_is_no_entry(scene: Dialer, fresh: None) -> None:
    scene.provider.last_callback_at = NOW
    scene.provider.save()
    scene.mappings = {"x": {}}
    scene.save()
    assert not Entry.objects.exists()


def test_messages_rows_and_contacts_are_no_entries(scene: Dialer, fresh: None) -> None:
    base = ready(scene)
    base.rows.create(line=1, contact="5", address="5", kind="text", content={})
    outgoing(make_contact(scene.provider), base=base)
    assert not Entry.objects.exists()


def test_no_entry_holds_a_secret(supervisor: User, settings: Any) -> None:
    root = User.objects.create_superuser("root", password="hunter2-person")
    provider = make_provider(password="hunter2-provider", url="https://me:hunter2-url@wavy.invalid")
    AlertRules.objects.create(
        pk=1, webhook_secret="hunter2-hook", webhook_url="https://hook.invalid/hunter2-hook"
    )
    config.add_token(provider, "hunter2-callback")
    client = signed_in(root)
    path = f"/admin/providers/provider/{provider.pk}/change/"
    save(client, path, password="hunter2-provider-2", username="integra2")
    config.add_addresses(provider)
    token = Token.objects.create(user=root)
    Client().post("/login/", {"username": "root", "password": "hunter2-typed"})
    User.objects.get(username="root").delete()
    provider.callback_tokens.all().delete()
    provider.delete()
    everything = json.dumps(list(Entry.objects.values()), default=str)
    hashes = [root.password, token.key, *settings.FIELD_KEYS]
    assert Entry.objects.count() >= 6
    assert [secret for secret in (*SECRETS, *hashes, "gAAAA", "md5$") if secret in everything] == []
