"""No secret of a provider gets into answers that are shown, or into a log."""

import logging

import pytest
import responses
import structlog

from providers.drivers.base import Answer
from providers.http import bare_url, redact, redact_bytes, send
from tests.providers.listener import (
    OK,
    URL,
    Act,
    answering,
    close_after_request,
    free_port,
    listening,
    request_to,
)


def test_a_refusal_that_quotes_the_secret_comes_back_masked() -> None:
    with responses.RequestsMock() as wavy:
        wavy.post(URL, status=401, body=b'{"errorMessage": "Token t0ken-secret is wrong"}')
        assert send(request_to()) == Answer(401, b'{"errorMessage": "Token *** is wrong"}')


def test_a_success_is_left_as_it_came() -> None:
    with responses.RequestsMock() as wavy:
        wavy.post(URL, body=b'{"id": "1234-5678"}')
        assert send(request_to(URL, "1234")) == Answer(200, b'{"id": "1234-5678"}')


@pytest.mark.parametrize(
    "act",
    [
        answering(b"HTTP/1.1 500 No\r\nContent-Length: 12\r\n\r\nt0ken-secret"),
        close_after_request,
        answering(b"HTTP/1.1 400 No\r\nodd\r\nContent-Length: 0\r\n\r\n"),
        answering(OK),
    ],
    ids=["refused", "lost", "odd headers", "sent"],
)
def test_nothing_secret_reaches_the_log(act: Act, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with listening(act) as listener, structlog.testing.capture_logs() as logs:
        send(request_to(f"{listener.url}?key=t0ken-secret&other=query-secret"))
    [event] = logs
    assert event["event"] == "provider_request"
    assert event["url"] == listener.url
    assert "secret" not in str(event)
    assert "secret" not in caplog.text


def test_an_unreachable_host_is_logged_without_the_query() -> None:
    with structlog.testing.capture_logs() as logs:
        send(request_to(f"http://127.0.0.1:{free_port()}/send?key=query-secret"))
    [event] = logs
    assert (event["lost"], event["log_level"]) == ("not_sent", "warning")
    assert "refused" in event["reason"]
    assert "secret" not in str(event)


@pytest.mark.parametrize(
    ("text", "secret", "masked"),
    [
        pytest.param("is a/b=c ok", "a/b=c", "is *** ok", id="as it is"),
        pytest.param("?k=a%2Fb%3Dc", "a/b=c", "?k=***", id="in a URL"),
        pytest.param(r'{"k": "pa\"ss"}', 'pa"ss', '{"k": "***"}', id="in JSON"),
        pytest.param(r"se\u00f1a!", "seña!", "***", id="in ASCII JSON"),
        pytest.param("seña!", "seña!", "***", id="in UTF-8"),
        pytest.param("a 401 is a 401", "401", "a 401 is a 401", id="too short to be masked"),
        pytest.param("as it is", "", "as it is", id="empty"),
    ],
)
def test_a_secret_is_masked_in_every_spelling(text: str, secret: str, masked: str) -> None:
    assert redact(text, (secret,)) == masked


def test_bytes_that_are_no_text_survive_the_masking() -> None:
    assert redact_bytes(b"\xff t0ken-secret \xfe", ("t0ken-secret",)) == b"\xff *** \xfe"


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://user:pass@wavy.invalid:8443/v1?token=x#y", "https://wavy.invalid:8443/v1"),
        ("http://[::1", "(not a URL)"),
    ],
    ids=["with everything", "broken"],
)
def test_a_url_is_logged_without_user_and_query(url: str, bare: str) -> None:
    assert bare_url(url) == bare
