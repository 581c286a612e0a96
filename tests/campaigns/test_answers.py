"""What a campaign refuses: thresholds, overflow, texts, dispositions, keyword answers, canned replies."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from campaigns.keywords import split_words
from campaigns.models import Campaign, CannedReply, Disposition, KeywordAnswer
from campaigns.placeholders import filled_in
from providers.models.provider import ApiType
from tests.factories import make_campaign, make_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign(make_provider())


def refused(instance: Any) -> dict[str, list[str]]:
    """What is wrong with a row, by field."""
    with pytest.raises(ValidationError) as caught:
        instance.full_clean()
    return caught.value.message_dict


def branch(campaign: Campaign, *names: str) -> Disposition:
    """A branch of dispositions from the top down; the lowest."""
    lowest: Disposition | None = None
    for name in names:
        lowest = Disposition.objects.create(campaign=campaign, parent=lowest, name=name)
    assert lowest is not None
    return lowest


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"waiting_amber": 60, "waiting_red": 60}, "waiting_red", "more than 60 seconds"),
        ({"waiting_amber": 60, "waiting_red": 30}, "waiting_red", "more than 60 seconds"),
        ({"close_text": "Goodbye"}, "close_text", "after how many minutes"),
        ({"queue_text": "x" * 4097}, "queue_text", "4,096"),
    ],
    ids=["red as amber", "red before amber", "a closing text without a time", "an endless queue text"],
)
def test_a_campaign_refuses_what_does_not_go_together(
    campaign: Campaign, fields: dict[str, Any], field: str, sentence: str
) -> None:
    for name, value in fields.items():
        setattr(campaign, name, value)

    wrong = refused(campaign)
    assert (list(wrong), sentence in wrong[field][0]) == ([field], True)


def test_a_campaign_says_everything_that_is_wrong_at_once(campaign: Campaign) -> None:
    campaign.waiting_amber, campaign.waiting_red, campaign.close_text = 60, 30, "Goodbye"

    assert set(refused(campaign)) == {"waiting_red", "close_text"}


@pytest.mark.parametrize("fields", [{"waiting_amber": 60}, {"waiting_red": 60}, {"close_after": 60}])
def test_each_threshold_may_stand_alone(campaign: Campaign, fields: dict[str, int]) -> None:
    for name, value in fields.items():
        setattr(campaign, name, value)

    campaign.full_clean()


def test_interactions_overflow_only_to_another_campaign_of_the_same_provider(campaign: Campaign) -> None:
    elsewhere = make_campaign(make_provider("Second", "5511900000002"), "Elsewhere")
    sentences = []
    for other in (campaign, elsewhere):
        campaign.overflow = other
        sentences += refused(campaign)["overflow"]

    assert sentences == ["Choose another campaign than this one.", "“Elsewhere” has another provider."]


def test_a_campaign_that_others_overflow_to_keeps_its_provider(campaign: Campaign) -> None:
    make_campaign(campaign.provider, "Sales", overflow=campaign)
    campaign.provider = make_provider("Second", "5511900000002")

    assert "“Sales” passes interactions on to this campaign" in refused(campaign)["provider"][0]


def test_dispositions_have_three_levels(campaign: Campaign) -> None:
    lowest = branch(campaign, "Sale", "New", "Phone")
    Disposition(campaign=campaign, parent=lowest.parent, name="Letter").full_clean()

    wrong = refused(Disposition(campaign=campaign, parent=lowest, name="Deeper"))
    assert wrong == {"parent": ["Dispositions have three levels at most."]}


def test_a_branch_is_not_moved_to_where_its_leaves_would_be_too_deep(campaign: Campaign) -> None:
    leaf = branch(campaign, "Sale", "New")
    top = branch(campaign, "Other", "Below")
    sale = leaf.parent
    assert sale is not None
    sale.parent = top

    assert refused(sale) == {"parent": ["Dispositions have three levels at most."]}


def test_a_disposition_does_not_lie_below_itself(campaign: Campaign) -> None:
    leaf = branch(campaign, "Sale", "New")
    sale = leaf.parent
    assert sale is not None
    sale.parent = leaf

    assert refused(sale) == {"parent": ["A disposition cannot lie below itself."]}


def test_a_disposition_does_not_lie_below_one_of_another_campaign(campaign: Campaign) -> None:
    other = branch(make_campaign(campaign.provider, "Sales"), "Sale")

    wrong = refused(Disposition(campaign=campaign, parent=other, name="New"))
    assert wrong == {"parent": ["Choose one of the same campaign."]}


def test_a_disposition_says_where_it_stands(campaign: Campaign) -> None:
    assert branch(campaign, "Sale", "New", "Phone").path == "Sale › New › Phone"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SI, sí, Sí!, 1", ["si", "1"]),
        ("  buenos   días ; Olá\nÑANDÚ", ["buenos dias", "ola", "nandu"]),
        (" ,;\n !", []),
    ],
    ids=["case, accents and signs", "blanks and separators", "nothing"],
)
def test_words_are_kept_as_messages_are_compared(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"words": " , !"}, "words", "Enter at least one word"),
        ({"words": "no, Sí"}, "words", "“si” already stands in another keyword answer"),
        ({"text": "x" * 4097}, "text", "4,096"),
    ],
    ids=["no word", "a word of another answer", "an endless text"],
)
def test_a_keyword_answer_refuses(
    campaign: Campaign, fields: dict[str, str], field: str, sentence: str
) -> None:
    KeywordAnswer.objects.create(campaign=campaign, words="si, 1")

    wrong = refused(KeywordAnswer(campaign=campaign, **{"words": "yes", **fields}))
    assert (list(wrong), sentence in wrong[field][0]) == ([field], True)


def test_the_same_word_may_stand_in_another_campaign(campaign: Campaign) -> None:
    KeywordAnswer.objects.create(campaign=campaign, words="si")

    KeywordAnswer(campaign=make_campaign(campaign.provider, "Sales"), words="si").full_clean()


def test_a_keyword_answer_takes_no_disposition_of_another_campaign(campaign: Campaign) -> None:
    other = branch(make_campaign(campaign.provider, "Sales"), "Sale")

    wrong = refused(KeywordAnswer(campaign=campaign, words="yes", disposition=other))
    assert wrong == {"disposition": ["Choose one of the same campaign."]}


def test_texts_must_fit_the_providers_api_type() -> None:
    campaign = make_campaign(make_provider(api_type=ApiType.WAVY_SMS))
    long = "x" * 1281

    assert "1,280" in refused(KeywordAnswer(campaign=campaign, words="yes", text=long))["text"][0]
    assert "1,280" in refused(CannedReply(campaign=campaign, shortcut="long", text=long))["text"][0]


@pytest.mark.parametrize("text", ["Hello {nombre}", "Hello {}", "Hello { name }"])
def test_a_canned_reply_knows_two_placeholders_only(campaign: Campaign, text: str) -> None:
    wrong = refused(CannedReply(campaign=campaign, shortcut="hello", text=text))

    assert "There are {name}, the customer's, and {agent}." in wrong["text"][0]


def test_a_canned_reply_is_filled_in() -> None:
    text = filled_in("Hello {name}, I am {agent}. {other}", name="María", agent="Ana {name}")

    assert text == "Hello María, I am Ana {name}. {other}"
