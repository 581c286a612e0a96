"""What leaves for Wavy."""

import json
from typing import Any

import pytest

from providers.drivers import DRIVERS, driver_for
from providers.drivers.base import Account, Content, Hsm, Recipient, Request, Text

ACCOUNT = Account(
    base_url="https://api-messaging.wavy.global",
    number="5511900000001",
    username="ana@example.com",
    password="s3cret-token",
    sms_from="whatsapp:hsm:ecommerce:movile",
)
ANA, JOE = Recipient("5519900001111", "c-ana"), Recipient("59899123456", "c-joe")


def build(content: Content, *recipients: Recipient, account: Account = ACCOUNT) -> Request:
    return driver_for("WavyWhatsapp").build(account, [content] * (len(recipients) or 1), recipients or (ANA,))


def sent(request: Request) -> Any:
    return json.loads(request.body.decode("utf-8"))


def test_the_request_is_a_post_with_both_headers_to_the_send_address() -> None:
    request = build(Text("Hello"))
    assert (request.method, request.url) == ("POST", "https://api-messaging.wavy.global/v1/whatsapp/send")
    assert request.headers["UserName"] == "ana@example.com"
    assert request.headers["AuthenticationToken"] == "s3cret-token"
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_slash_at_the_end_of_the_address_is_not_doubled() -> None:
    account = Account("http://127.0.0.1:8099/", "5511900000001", "u", "p")
    assert build(Text("Hello"), account=account).url == "http://127.0.0.1:8099/v1/whatsapp/send"


def test_free_text_goes_as_message_text_with_our_correlation_id() -> None:
    assert sent(build(Text("Olá, João: 12:00 ✓"))) == {
        "destinations": [{"destination": "5519900001111", "correlationId": "c-ana"}],
        "message": {"messageText": "Olá, João: 12:00 ✓"},
    }


def test_one_message_is_shared_by_all_the_destinations_in_order() -> None:
    body = sent(build(Text("Hello"), ANA, JOE))
    assert [(one["destination"], one["correlationId"]) for one in body["destinations"]] == [
        ("5519900001111", "c-ana"),
        ("59899123456", "c-joe"),
    ]


def test_a_template_carries_the_namespace_of_the_provider_and_its_parameters_in_order() -> None:
    body = sent(build(Hsm("chatclub_open_session_v2", "es", ("Integra", "Operation Performed"))))
    assert body["message"] == {
        "hsm": {
            "namespace": "whatsapp:hsm:ecommerce:movile",
            "elementName": "chatclub_open_session_v2",
            "parameters": ["Integra", "Operation Performed"],
            "languagePolicy": "DETERMINISTIC",
            "languageCode": "es",
        }
    }


def test_a_parameter_keeps_its_colons() -> None:
    body = sent(build(Hsm("appointment", "en", ("tomorrow", "12:00 PM"))))
    assert body["message"]["hsm"]["parameters"] == ["tomorrow", "12:00 PM"]


@pytest.mark.parametrize(
    ("given", "on_the_wire"),
    [(1, 1), (30, 30), (0, 1), (99, 30)],
    ids=["a day", "a month", "clamped up", "clamped down"],
)
def test_a_time_to_live_goes_beside_the_template_within_its_limits(given: int, on_the_wire: int) -> None:
    assert sent(build(Hsm("code", "en", ttl=given)))["message"]["ttl"] == on_the_wire


def test_without_a_time_to_live_the_provider_decides() -> None:
    assert "ttl" not in sent(build(Hsm("code", "en")))["message"]


def test_half_an_emoji_in_the_text_does_not_stop_the_request() -> None:
    assert sent(build(Text("Hi \ud83d!")))["message"]["messageText"] == "Hi ?!"


def test_the_password_is_named_as_a_secret_and_does_not_show_in_a_printout() -> None:
    request = build(Text("Hello"))
    assert request.secrets == ("s3cret-token",)
    assert "s3cret-token" not in repr(request)
    assert "s3cret-token" not in repr(ACCOUNT)
    assert b"s3cret-token" not in request.body


def test_a_request_to_nobody_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one recipient"):
        driver_for("WavyWhatsapp").build(ACCOUNT, [], ())


def test_the_probe_names_no_recipient_and_carries_the_credentials() -> None:
    request = driver_for("WavyWhatsapp").build_probe(ACCOUNT)
    assert sent(request) == {"destinations": [], "message": {"messageText": ""}}
    assert request.url == "https://api-messaging.wavy.global/v1/whatsapp/send"
    assert request.headers["AuthenticationToken"] == "s3cret-token"


def test_a_driver_is_found_by_the_api_type_it_calls_itself() -> None:
    assert {key: driver.key for key, driver in DRIVERS.items()} == {key: key for key in DRIVERS}
    assert driver_for("WavyWhatsapp").label == "WavyWhatsapp"


def test_an_unknown_api_type_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"there are .*WavyWhatsapp"):
        driver_for("Pigeon")
