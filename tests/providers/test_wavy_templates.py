"""Wavy's list of templates in all its shapes: what is read of each, and what a page that is none becomes."""

import json
from typing import Any

import pytest

from providers.drivers import driver_for
from providers.drivers.base import Account, Answer, Listed, Listing, Lost

DRIVER = driver_for("WavyWhatsapp")
ACCOUNT = Account(
    "https://api.invalid", "5511900000001", "maria", "s3cret", templates_url="https://lists.invalid/"
)
MESSAGE: dict[str, Any] = {
    "language": "EN",
    "status": "approved",
    "text": "Hello, here is *{{1}}*.",
    "placeholders": ["data"],
    "header_type": "none",
    "header": "",
    "footer": "",
    "buttons_type": None,
}
ENTRY: dict[str, Any] = {
    "element_name": "chatclub",
    "namespace": "whatsapp:hsm:movile",
    "id": "00000001",
    "template_type": "body_only",
    "languages": ["EN"],
    "messages": [MESSAGE],
}
HELLO = Listed(
    "chatclub", "en", "approved", MESSAGE["text"], "approved", "whatsapp:hsm:movile", names=("data",)
)


def page(body: Any, status: int = 200) -> Any:
    return DRIVER.read_templates(Answer(status, json.dumps(body).encode()))


def one(**message: Any) -> Listed:
    """The only template of a list whose message has other values."""
    found: tuple[Listed, ...] = page({"data": [{**ENTRY, "messages": [{**MESSAGE, **message}]}]}).templates
    return found[0]


def test_it_is_asked_for_page_by_page_with_the_two_headers() -> None:
    request = DRIVER.build_templates(ACCOUNT, 2)

    assert request.url == "https://lists.invalid/api/v1/whatsapp_message_templates?page=2&page_size=999"
    assert (request.headers["UserName"], request.headers["AuthenticationToken"]) == ("maria", "s3cret")
    assert "s3cret" not in repr(request)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"data": [ENTRY]}, id="as documented"),
        pytest.param([ENTRY], id="a bare array"),
        pytest.param({"Data": [ENTRY], "total": "1"}, id="keys in another case"),
        pytest.param({"data": [{**ENTRY, "messages": MESSAGE}]}, id="one message, in no array"),
        pytest.param(
            {"data": [{**MESSAGE, "elementName": "chatclub", "namespace": "whatsapp:hsm:movile"}]},
            id="a flat entry in camel case",
        ),
        pytest.param(
            {
                "data": [
                    {
                        "element_name": "chatclub",
                        "namespace": "whatsapp:hsm:movile",
                        "languages": ["EN"],
                        "status": "approved",
                        "text": MESSAGE["text"],
                        "placeholders": ["data"],
                    }
                ]
            },
            id="a flat entry with its only language in the list",
        ),
        pytest.param(
            {"data": [{**ENTRY, "added": {"in": ["a later year"]}, "messages": [{**MESSAGE, "new": 1}]}]},
            id="keys nobody knows",
        ),
    ],
)
def test_a_template_is_read_in_every_shape(body: Any) -> None:
    assert page(body).templates == (HELLO,)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("approved", "approved"),
        ("APPROVED", "approved"),
        ("in_analysis", "in_analysis"),
        ("In analysis", "in_analysis"),
        ("disapproved", "disapproved"),
        ("rejected", "disapproved"),
        ("error", "error"),
        ("paused", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        (7, "unknown"),
    ],
)
def test_each_word_becomes_a_state_and_is_kept(word: Any, state: str) -> None:
    found = one(status=word)

    assert (found.state, found.raw_state) == (state, "" if word is None else str(word))


@pytest.mark.parametrize(
    ("listed", "language"),
    [
        ("EN", "en"),
        ("es", "es"),
        ("pt_BR", "pt_BR"),
        ("PT_BR", "pt_BR"),
        ("pt-br", "pt_BR"),
        ("es_ar", "es_AR"),
    ],
)
def test_languages_are_spelt_as_they_are_sent(listed: str, language: str) -> None:
    assert one(language=listed).language == language


@pytest.mark.parametrize(
    ("message", "header_type", "header", "buttons"),
    [
        pytest.param({}, "", "", (), id="none"),
        pytest.param({"header_type": "text", "header": "News"}, "text", "News", (), id="a text"),
        pytest.param({"header_type": None, "header": "News"}, "text", "News", (), id="a text of no kind"),
        pytest.param({"header_type": "IMAGE"}, "image", "", (), id="an image"),
        pytest.param({"buttons": ["Yes", "No"]}, "", "", ("Yes", "No"), id="buttons as texts"),
        pytest.param(
            {"buttons": [{"type": "QUICK_REPLY", "text": "Yes"}, {"title": "No"}, 7.5, {}, None]},
            "",
            "",
            ("Yes", "No", "7.5"),
            id="buttons as objects",
        ),
        pytest.param({"buttons": {"buttons": ["Yes"]}}, "", "", ("Yes",), id="buttons in an object"),
        pytest.param({"buttons": "Yes"}, "", "", (), id="buttons that are none"),
    ],
)
def test_header_and_buttons_are_read(
    message: dict[str, Any], header_type: str, header: str, buttons: tuple[str, ...]
) -> None:
    found = one(**message)

    assert (found.header_type, found.header, found.buttons) == (header_type, header, buttons)


@pytest.mark.parametrize(
    ("entry", "unread"),
    [
        pytest.param({**ENTRY, "messages": [{"language": "en"}]}, "chatclub", id="without text"),
        pytest.param(
            {**ENTRY, "messages": [{**MESSAGE, "language": "English"}]}, "chatclub", id="no language"
        ),
        pytest.param({**ENTRY, "messages": ["text"]}, "chatclub", id="a message that is none"),
        pytest.param({**ENTRY, "languages": [], "messages": []}, "chatclub", id="nothing in it"),
        pytest.param({**ENTRY, "element_name": "two words"}, "", id="a code that no base can name"),
        pytest.param("chatclub", "", id="no object"),
        pytest.param(None, "", id="null"),
    ],
)
def test_an_entry_that_cannot_be_read_does_not_sink_the_others(entry: Any, unread: str) -> None:
    found = page({"data": [entry, ENTRY]})

    assert (found.ended, found.templates, found.unread) == (Listing.READ, (HELLO,), (unread,))


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        pytest.param(Lost.NOT_SENT, Listing.UNREACHABLE, id="not reached"),
        pytest.param(Lost.UNKNOWN, Listing.UNREACHABLE, id="no answer"),
        pytest.param(Answer(401, b"{}"), Listing.CREDENTIALS, id="401"),
        pytest.param(Answer(403, b""), Listing.CREDENTIALS, id="403"),
        pytest.param(Answer(404, b"{}"), Listing.ABSENT, id="404"),
        pytest.param(Answer(302, b""), Listing.TROUBLE, id="sent elsewhere"),
        pytest.param(Answer(503, b"<html>"), Listing.TROUBLE, id="503"),
        pytest.param(Answer(200, b"<html>"), Listing.TROUBLE, id="a page"),
        pytest.param(Answer(200, b'{"data": [{"ele'), Listing.TROUBLE, id="broken off"),
        pytest.param(Answer(200, b'{"data": null}'), Listing.TROUBLE, id="no list"),
        pytest.param(Answer(200, b"7"), Listing.TROUBLE, id="a number"),
        pytest.param(Answer(200, b'{"data": []}'), Listing.READ, id="an empty list"),
    ],
)
def test_what_is_no_list_is_told_apart(answer: Answer | Lost, ended: Listing) -> None:
    assert DRIVER.read_templates(answer).ended is ended


def test_sms_lists_none() -> None:
    assert driver_for("WavySMS").read_templates(Answer(200, b'{"data": []}')).templates == ()
    with pytest.raises(ValueError, match="no templates"):
        driver_for("WavySMS").build_templates(ACCOUNT, 1)
