"""The pages of alerts: the list, the number that renews itself, the rules."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from tests.alerts.test_open_alerts import make_alert
from tests.factories import NOW, make_agent, make_operator, make_supervisor
from tests.pages import filled, signed_in, words
from ucontact_wavy.models import AlertKind, AlertRules

pytestmark = pytest.mark.django_db
LIST = "/admin/house/alert/"
RULES = "/admin/house/alertrules/1/change/"


@pytest.fixture
def supervisor() -> User:
    return make_supervisor()


def test_open_ones_come_first_each_with_its_act(supervisor: User) -> None:
    make_alert(since=NOW, until=NOW + timedelta(minutes=10), values={"provider": "Old"})
    make_alert(AlertKind.SET_ASIDE, subject="inbox", values={"n": 3})
    make_alert(AlertKind.CREDENTIALS, values={"provider": "Over"}, until=NOW + timedelta(hours=1))
    page = words(signed_in(supervisor).get(LIST))
    places = [page.index(text) for text in ("applying them failed: 3", "Over turns away", "Old takes")]
    assert places == sorted(places)
    assert "Open the callbacks" in page
    assert "lasted 10 min" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [("state=open", "Now"), ("state=over", "Before"), ("kind__exact=credentials", "Before")],
)
def test_the_list_is_filtered(supervisor: User, query: str, shown: str) -> None:
    make_alert(values={"provider": "Now"})
    make_alert(AlertKind.CREDENTIALS, values={"provider": "Before"}, until=NOW)
    page = words(signed_in(supervisor).get(f"{LIST}?{query}"))
    assert (shown in page, {"Now": "Before", "Before": "Now t"}[shown] in page) == (True, False)


def test_the_number_of_open_ones_renews_itself(supervisor: User) -> None:
    client = signed_in(supervisor)
    make_alert(subject="provider:1")
    make_alert(subject="provider:2")
    assert client.get(f"{LIST}open/").json() == {"n": 2, "words": "2 open alerts"}
    assert 'data-open-alerts="/admin/house/alert/open/"' in client.get("/admin/").content.decode()


@pytest.mark.parametrize("path", [LIST, f"{LIST}open/", RULES, "/admin/house/alertrules/test/webhook/"])
@pytest.mark.parametrize("make", [make_operator, make_agent])
def test_they_are_for_supervisors(make: Any, path: str) -> None:
    response = signed_in(make()).post(path) if "test" in path else signed_in(make()).get(path)
    assert response.status_code in (302, 403)


def test_a_list_of_many_costs_no_more_queries(supervisor: User, django_assert_max_num_queries: Any) -> None:
    for n in range(40):
        make_alert(subject=f"provider:{n}")
    client = signed_in(supervisor)
    with django_assert_max_num_queries(12):
        client.get(LIST)


def saved(client: Any, **changes: Any) -> Any:
    return client.post(RULES, filled(client.get(RULES), **changes), follow=True)


def test_rules_are_saved_and_the_secret_is_never_shown(supervisor: User) -> None:
    client = signed_in(supervisor)
    watched = [kind.value for kind in AlertKind if kind is not AlertKind.UNMATCHED]
    saved(
        client,
        watched=watched,
        silent_minutes=5,
        emails="a@example.com\n b@example.com \n\na@example.com",
        webhook_url="https://hooks.example.com/x",
        webhook_secret="a-secret-of-ours",
    )
    rules = AlertRules.objects.get()
    assert (rules.off, rules.silent_minutes) == (["unmatched"], 5)
    assert rules.emails == "a@example.com\nb@example.com"
    assert rules.webhook_secret == "a-secret-of-ours"
    assert "a-secret-of-ours" not in client.get(RULES).content.decode()


def test_an_empty_secret_keeps_the_stored_one(supervisor: User) -> None:
    AlertRules.objects.create(pk=1, webhook_url="https://hooks.example.com/x", webhook_secret="kept")
    saved(signed_in(supervisor), silent_minutes=7)
    assert AlertRules.objects.values_list("silent_minutes", "webhook_secret").get() == (7, "kept")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"emails": "a@example.com\nnobody"}, "“nobody” is no e-mail address."),
        ({"webhook_url": "ftp://example.com"}, "An address that starts with https:// or http://."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    supervisor: User, changes: dict[str, str], said: str
) -> None:
    response = saved(signed_in(supervisor), **changes)
    assert said in words(response)
    assert next(iter(changes.values())) in response.content.decode()


def test_a_test_mail_is_sent_to_what_is_typed(supervisor: User) -> None:
    client = signed_in(supervisor)
    form = filled(client.get(RULES), emails="ana@example.com\nluz@example.com")
    page = words(client.post("/admin/house/alertrules/test/email/", form, headers={"HX-Request": "true"}))
    assert "luz@example.com: the mail server took it." in page
    assert [one.to for one in mail.outbox] == [["ana@example.com"], ["luz@example.com"]]
    assert not AlertRules.objects.exists()


@pytest.mark.parametrize(
    ("channel", "changes", "said"),
    [
        ("email", {}, "Enter an e-mail address first."),
        ("webhook", {}, "No webhook is set."),
        ("webhook", {"webhook_url": "http://127.0.0.1:9/"}, "which is out of bounds"),
        ("webhook", {"webhook_url": "http://hooks.invalid/"}, "could not be reached"),
    ],
)
def test_a_test_says_plainly_what_is_wrong(
    supervisor: User, channel: str, changes: dict[str, str], said: str
) -> None:
    client = signed_in(supervisor)
    form = filled(client.get(RULES), **changes)
    assert said in words(client.post(f"/admin/house/alertrules/test/{channel}/", form))


def test_the_page_says_that_no_mail_is_configured(supervisor: User, settings: Any) -> None:
    client = signed_in(supervisor)
    assert "No mail server is configured" not in words(client.get(RULES))
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "No mail server is configured" in words(client.get(RULES))
