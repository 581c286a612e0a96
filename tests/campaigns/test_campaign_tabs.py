"""The tabs of a campaign's page: what they store, what they refuse and where it is said, what nobody loses."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Disposition, KeywordAnswer
from tests.factories import make_campaign, make_operator, make_provider, make_supervisor
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/campaign/add/"
CHECK = "/admin/campaigns/campaign/check-numbers/"
TABS = ["General", "Schedule", "Members", "Queue and thresholds", "Dispositions", "Keyword answers"]


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign(make_provider())


def page_of(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def save(client: Client, campaign: Campaign, **changes: Any) -> Any:
    """Fills in the campaign's page and saves it; the page that comes back where it was refused."""
    address = page_of(campaign)
    return client.post(address, filled(client.get(address), **changes))


def rows(prefix: str, *fields: dict[str, Any]) -> dict[str, Any]:
    """New rows of a tab."""
    typed = {f"{prefix}-{n}-{name}": value for n, row in enumerate(fields) for name, value in row.items()}
    return {f"{prefix}-TOTAL_FORMS": len(fields), **typed}


def node(name: str, *children: dict[str, Any], pk: int | None = None, enabled: bool = True) -> dict[str, Any]:
    return {"id": pk, "name": name, "enabled": enabled, "children": list(children)}


def tree(*nodes: dict[str, Any], removed: tuple[int, ...] = ()) -> str:
    return json.dumps({"nodes": nodes, "removed": removed})


def stored(campaign: Campaign) -> list[str]:
    return [row.path for row in campaign.dispositions.all()]


def active(response: Any) -> tuple[str, int]:
    """The tab that is open, and how many errors it says."""
    return next((str(tab.title), tab.errors) for tab in response.context["page_tabs"] if tab.active)


def test_the_page_has_the_guides_tabs(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get(page_of(campaign))

    titles = [str(tab.title) for tab in page.context["page_tabs"]]
    assert titles == [*TABS, "Canned replies"]
    assert active(page) == ("General", 0)


@pytest.mark.parametrize(
    ("changes", "tab", "sentence"),
    [
        ({"name": ""}, "General", "This field is required."),
        ({"schedule": "never"}, "Schedule", "Never open: choose at least one hour."),
        (
            {"waiting_amber": 60, "waiting_red": 30},
            "Queue and thresholds",
            "Red comes after amber: enter more than 60 seconds, or 0.",
        ),
        ({"close_text": "Bye"}, "Queue and thresholds", "It is never sent"),
        ({"disposition_tree": tree(node(""))}, "Dispositions", "Correct what is marked in red."),
        (rows("keyword_answers", {"words": "!"}), "Keyword answers", "Enter at least one word"),
        (
            rows("keyword_answers", {"words": "si, 1"}, {"words": "SÍ!"}),
            "Keyword answers",
            "“si” already stands in another keyword answer of this campaign.",
        ),
        (
            rows("canned_replies", {"shortcut": "hi", "text": "Hello {nombre}"}),
            "Canned replies",
            "“{nombre}” is no placeholder.",
        ),
        (
            rows("canned_replies", {"shortcut": "hi", "text": "a"}, {"shortcut": "hi", "text": "b"}),
            "Canned replies",
            "There is already a reply with this shortcut.",
        ),
    ],
    ids=[
        *("no name", "a week without an hour", "red before amber", "a closing text without a time"),
        *("a disposition without a name", "no word", "a word twice", "an unknown placeholder"),
        "a shortcut twice",
    ],
)
def test_the_tab_with_what_is_wrong_is_opened_and_nothing_typed_is_lost(
    supervisor: Client, campaign: Campaign, changes: dict[str, Any], tab: str, sentence: str
) -> None:
    typed = {"queue_text": "Please wait a moment", "name": "Renamed", **changes}
    refused = save(supervisor, campaign, **typed)

    assert active(refused) == (tab, 1)
    assert sentence in words(refused)
    assert "Please wait a moment" in words(refused)
    campaign.refresh_from_db()
    assert campaign.name == "WhatsApp"


def test_thresholds_queue_and_texts_are_stored(supervisor: Client, campaign: Campaign) -> None:
    other = make_campaign(campaign.provider, "Overflow")
    typed = {
        "waiting_amber": 30,
        "waiting_red": 60,
        "max_queued": 20,
        "max_time_in_queue": 300,
        "queue_text": "Please wait",
        "max_transfer_time": 40,
        "wrap_up": 15,
        "close_after": 60,
        "close_text": "Goodbye",
        "disposition_modal": True,
    }
    save(supervisor, campaign, overflow=other.pk, **typed)

    campaign.refresh_from_db()
    assert {name: getattr(campaign, name) for name in typed} == typed
    assert campaign.overflow == other


def test_overflow_offers_the_other_campaigns_by_provider(supervisor: Client, campaign: Campaign) -> None:
    make_campaign(campaign.provider, "Overflow")
    elsewhere = make_campaign(make_provider("Second", "5511900000002"), "Elsewhere")

    form = supervisor.get(page_of(campaign)).context["adminform"].form
    offered = [
        (group, [name for _pk, name in rows])
        for group, rows in list(form["overflow"].field.widget.choices)[1:]
    ]
    assert offered == [("Second", ["Elsewhere"]), ("Wavy", ["Overflow"])]
    assert "“Elsewhere” has another provider." in words(save(supervisor, campaign, overflow=elsewhere.pk))


@pytest.mark.parametrize("between", [0, 2])
def test_interactions_do_not_go_round_in_a_circle(
    supervisor: Client, campaign: Campaign, between: int
) -> None:
    last = make_campaign(campaign.provider, "Last", overflow=campaign)
    for n in range(between):
        last = make_campaign(campaign.provider, f"Before {n}", overflow=last)

    said = words(save(supervisor, campaign, overflow=last.pk))

    assert f"From “{last.name}” interactions would come back to this campaign, round in a circle." in said


def test_dispositions_are_added_renamed_moved_switched_off_and_deleted(
    supervisor: Client, campaign: Campaign
) -> None:
    sale = Disposition.objects.create(campaign=campaign, name="Sale")
    lost = Disposition.objects.create(campaign=campaign, name="Lost", position=1)
    gone = Disposition.objects.create(campaign=campaign, name="Gone", position=2)

    moved = node("Lost", pk=lost.pk, enabled=False)
    typed = tree(node("Won", node("New", node("Phone")), moved, pk=sale.pk), removed=(gone.pk,))
    save(supervisor, campaign, disposition_tree=typed)

    assert sorted(stored(campaign)) == ["Won", "Won › Lost", "Won › New", "Won › New › Phone"]
    lost.refresh_from_db()
    assert (lost.parent, lost.enabled, lost.position) == (sale, False, 1)


def test_two_dispositions_may_swap_their_names(supervisor: Client, campaign: Campaign) -> None:
    first = Disposition.objects.create(campaign=campaign, name="One")
    second = Disposition.objects.create(campaign=campaign, name="Two", position=1)

    save(supervisor, campaign, disposition_tree=tree(node("Two", pk=first.pk), node("One", pk=second.pk)))
    assert list(campaign.dispositions.values_list("pk", "name")) == [(first.pk, "Two"), (second.pk, "One")]


def test_what_somebody_else_added_meanwhile_stays(supervisor: Client, campaign: Campaign) -> None:
    sale = Disposition.objects.create(campaign=campaign, name="Sale")
    page = supervisor.get(page_of(campaign))
    Disposition.objects.create(campaign=campaign, parent=sale, name="Theirs")

    mine = tree(node("Sale", node("Mine"), pk=sale.pk))
    supervisor.post(page_of(campaign), filled(page, disposition_tree=mine))
    assert sorted(stored(campaign)) == ["Sale", "Sale › Mine", "Sale › Theirs"]


@pytest.mark.parametrize(
    ("typed", "path", "sentence"),
    [
        (tree(node("A", node("B", node("C", node("D"))))), ".".join("0000"), "three levels at most"),
        (tree(node("Sale"), node(" sale ")), "1", "already a disposition of this name"),
        (tree(node("x" * 101)), "0", "At most 100 characters."),
        (tree(node("A", node(""))), "0.0", "Enter a name, or delete it."),
        (tree(node("A", pk=987654)), "0", "none of this campaign's any more"),
    ],
    ids=["a fourth level", "a name twice", "an endless name", "no name", "one that is not there"],
)
def test_a_disposition_that_will_not_do_is_named_and_the_tree_comes_back_as_typed(
    supervisor: Client, campaign: Campaign, typed: str, path: str, sentence: str
) -> None:
    refused = save(supervisor, campaign, disposition_tree=typed)

    field = refused.context["adminform"].form["disposition_tree"]
    assert sentence in field.field.widget.wrong[path]
    assert json.loads(field.value()) == json.loads(typed)
    assert not campaign.dispositions.exists()


def test_a_disposition_of_another_campaign_is_refused(supervisor: Client, campaign: Campaign) -> None:
    other = Disposition.objects.create(campaign=make_campaign(campaign.provider, "Sales"), name="Sale")

    save(supervisor, campaign, disposition_tree=tree(node("Mine", pk=other.pk)))
    other.refresh_from_db()
    assert (other.name, campaign.dispositions.count()) == ("Sale", 0)


@pytest.mark.parametrize(
    "typed", ["no json", "[1]", '{"nodes": [5]}', '{"nodes": [{"name": "A", "id": "x"}]}']
)
def test_what_is_no_tree_is_refused(supervisor: Client, campaign: Campaign, typed: str) -> None:
    assert active(save(supervisor, campaign, disposition_tree=typed)) == ("Dispositions", 1)


def test_words_are_stored_as_messages_are_compared(supervisor: Client, campaign: Campaign) -> None:
    sale = Disposition.objects.create(campaign=campaign, name="Sale")
    row = {"words": "SI, sí ,  Buenos  DÍAS!", "text": "Great", "disposition": sale.pk}
    save(supervisor, campaign, **rows("keyword_answers", row))

    answer = KeywordAnswer.objects.get()
    assert (answer.words, answer.text, answer.disposition) == ("si, buenos dias", "Great", sale)


def test_keyword_answers_offer_the_campaigns_own_dispositions(supervisor: Client, campaign: Campaign) -> None:
    sale = Disposition.objects.create(campaign=campaign, name="Sale")
    Disposition.objects.create(campaign=campaign, name="New", parent=sale)
    other = Disposition.objects.create(campaign=make_campaign(campaign.provider, "Sales"), name="Other")

    assert "Sale › New" in words(supervisor.get(page_of(campaign)))
    refused = save(supervisor, campaign, **rows("keyword_answers", {"words": "si", "disposition": other.pk}))
    assert "Select a valid choice." in words(refused)


def test_a_disposition_is_deleted_while_an_answer_still_names_it(
    supervisor: Client, campaign: Campaign
) -> None:
    sale = Disposition.objects.create(campaign=campaign, name="Sale")
    KeywordAnswer.objects.create(campaign=campaign, words="si", disposition=sale)
    save(supervisor, campaign, disposition_tree=tree(removed=(sale.pk,)))

    assert KeywordAnswer.objects.get().disposition is None


def test_a_text_that_sms_does_not_take_is_refused_beside_its_row(supervisor: Client) -> None:
    campaign = make_campaign(make_provider(api_type="WavySMS", number="12345"))
    refused = save(supervisor, campaign, **rows("canned_replies", {"shortcut": "hi", "text": "x" * 1281}))

    assert "1,280" in words(refused)


def test_a_reply_of_every_campaign_has_a_page_of_its_own(supervisor: Client) -> None:
    address = "/admin/campaigns/cannedreply/add/"
    supervisor.post(address, {"shortcut": "hello", "text": "Hello {name}"})

    assert "hello" in words(supervisor.get("/admin/campaigns/cannedreply/"))
    again = supervisor.post(address, {"shortcut": "hello", "text": "Hello {client}"})
    assert "“{client}” is no placeholder." in words(again)


def test_a_taken_number_is_named_with_a_link_to_its_campaign(supervisor: Client, campaign: Campaign) -> None:
    billing = make_campaign(campaign.provider, "Billing", dids=("5511900000001",))
    refused = save(supervisor, campaign, did_numbers="+55 (11) 90000-0001, 123")

    assert "Open “Billing”" in words(refused)
    assert f'href="{page_of(billing)}"' in refused.content.decode()
    assert "123: The number is too short or too long" in words(refused)


def test_numbers_are_read_while_they_are_typed(supervisor: Client, campaign: Campaign) -> None:
    make_campaign(campaign.provider, "Billing", dids=("59829001234",))
    typed = {"provider": campaign.provider_id, "did_numbers": "598 2900 1234; 0055 11 98888 7777"}

    answer = supervisor.post(f"{CHECK}?campaign={campaign.pk}", typed)
    text = words(answer)
    assert "+598 2900 1234 belongs to the campaign “Billing”." in text
    assert "+55 11 98888-7777" in text
    assert "Add the provider's number +5511900000001" in text


def test_the_providers_number_is_not_offered_where_another_campaign_has_it(supervisor: Client) -> None:
    provider = make_provider()
    make_campaign(provider, "Billing", dids=(provider.number,))

    assert "Add the provider's number" not in words(supervisor.post(CHECK, {"provider": provider.pk}))


def test_operators_look_at_every_tab_and_change_nothing(campaign: Campaign) -> None:
    sale = Disposition.objects.create(campaign=campaign, name="Sale")
    Disposition.objects.create(campaign=campaign, name="New", parent=sale)
    KeywordAnswer.objects.create(campaign=campaign, words="si", text="Great", disposition=sale)
    operator = signed_in(make_operator())

    text = words(operator.get(page_of(campaign)))
    assert all(part in text for part in ("Sale › New", "Great", "Threshold: amber"))
    assert operator.post(page_of(campaign), {"disposition_tree": tree()}).status_code == 403
    assert operator.post(f"{CHECK}?campaign={campaign.pk}", {}).status_code == 403
