"""The guide's two paths: what is answered to which callback, and what is stored before that."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from providers.callbacks.views import StatusView
from providers.config import add_token, callback_urls, refused_callbacks
from providers.models import Callback, CallbackToken, Provider, QuarantinedItem
from providers.models.callback import CallbackState
from tests.factories import OUR_NUMBER
from tests.providers.posting import LIMIT, MESSAGE, STATUS, basic, post
from tests.providers.scenes import TOKEN, envelope, queued, status_item

pytestmark = pytest.mark.usefixtures("clean_redis")


# Taken in


@pytest.mark.parametrize("path", [STATUS, MESSAGE], ids=["status", "message"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"total":1,"data":[]}',
        b'{"id":"x"}',
        b"[]",
        b"\xef\xbb\xbf{}",
        b'{"a":"\\ud800\\u0000"}',
        b'{"id":' + b"9" * 5000 + b',"sentStatusCode":1e999}',
        b"[" * 500 + b"]" * 500,
    ],
    ids=[
        "envelope",
        "bare item",
        "array",
        "byte order mark",
        "lone surrogate and NUL",
        "huge numbers",
        "deep nesting",
    ],
)
def test_json_with_the_right_token_is_stored_as_it_came_and_answered_with_an_empty_object(
    client: Client, provider: Provider, path: str, body: bytes
) -> None:
    answer = post(client, path, body)
    assert (answer.status_code, answer.content) == (200, b"{}")
    callback = Callback.objects.get()
    assert bytes(callback.body) == body
    assert (callback.provider_id, callback.kind) == (provider.pk, path.rpartition("/")[2])
    assert callback.state == CallbackState.NEW


def test_the_answer_costs_one_statement(
    client: Client, provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(1):
        assert post(client, STATUS, b"{}").status_code == 200


def test_the_whole_urls_of_a_provider_are_those_that_are_taken(client: Client, provider: Provider) -> None:
    urls = callback_urls(provider)
    for url in (urls.message, urls.status):
        answer = client.post(url.removeprefix("http://127.0.0.1:8000"), b"{}", content_type="text/plain")
        assert answer.status_code == 200
    assert sorted(Callback.objects.values_list("kind", flat=True)) == ["message", "status"]


def test_the_token_may_come_as_the_password_of_basic_auth(client: Client, provider: Provider) -> None:
    assert post(client, STATUS, b"{}", token=None, **basic(TOKEN)).status_code == 200
    assert Callback.objects.get().provider == provider


def test_two_tokens_are_valid_at_a_time_until_one_is_removed(client: Client, provider: Provider) -> None:
    add_token(provider, "the-new-one")
    assert post(client, STATUS, b"{}").status_code == 200
    assert post(client, STATUS, b"{}", "the-new-one").status_code == 200
    CallbackToken.objects.filter(provider=provider).order_by("id")[0].delete()
    assert post(client, STATUS, b"{}").status_code == 403
    assert post(client, STATUS, b"{}", "the-new-one").status_code == 200


def test_a_body_in_chunks_without_a_length_is_taken_in_whole(provider: Provider) -> None:
    body = b'{"data":[' + b" " * 200_000 + b"]}"
    request = RequestFactory().post(f"{STATUS}?token={TOKEN}", b"", content_type="application/json")
    request.META.update({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"})
    request.META["wsgi.input"] = BytesIO(body)
    assert StatusView.as_view()(request).status_code == 200
    assert bytes(Callback.objects.get().body) == body


# Not JSON


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting"),
        (b'"text"', "neither an object nor an array"),
        (b"17", "neither an object nor an array"),
        (b"null", "neither an object nor an array"),
        (b'{"a":"\xe1"}', "utf-8"),
        (b"id=1&source=2", "Expecting value"),
        (b"\x00\x01\x02\x03\x04", ""),
        (b"[" * 200_000, "nested too deeply"),
    ],
    ids=[
        "empty",
        "broken off",
        "a text",
        "a number",
        "null",
        "Latin-1",
        "a form",
        "bytes",
        "nested too deep",
    ],
)
def test_what_is_no_json_is_answered_with_the_reason_and_kept_in_quarantine(
    client: Client, provider: Provider, body: bytes, reason: str
) -> None:
    answer = post(client, STATUS, body)
    assert answer.status_code == 400
    assert reason in answer.json()["detail"]
    callback = Callback.objects.get()
    assert (bytes(callback.body), callback.state) == (body, CallbackState.FAILED)
    quarantined = QuarantinedItem.objects.get()
    assert (quarantined.callback, quarantined.index) == (callback, -1)
    assert reason in quarantined.reason


# Turned away


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (None, {}),
        ("", {}),
        ("wrong", {}),
        (TOKEN + "x", {}),
        (TOKEN.upper(), {}),
        ("\x00", {}),
        (None, basic("wrong")),
        (None, basic("", user=TOKEN)),
        (None, {"HTTP_AUTHORIZATION": "Basic ???"}),
        (None, {"HTTP_AUTHORIZATION": "Basic /w=="}),
        (None, {"HTTP_AUTHORIZATION": f"Token {TOKEN}"}),
    ],
    ids=[
        "no token",
        "an empty one",
        "a wrong one",
        "a longer one",
        "in capitals",
        "NUL",
        "wrong password",
        "the token as the user",
        "no base64",
        "no UTF-8",
        "another scheme",
    ],
)
@pytest.mark.parametrize("path", [STATUS, MESSAGE], ids=["status", "message"])
def test_without_the_right_token_it_is_counted_and_not_stored(
    client: Client, provider: Provider, path: str, token: str | None, headers: dict[str, str]
) -> None:
    assert post(client, path, b'{"origin": "1"}', token, **headers).status_code == 403
    assert not Callback.objects.exists()
    refused = refused_callbacks(provider)
    assert (refused.own, refused.unknown) == (0, 1)


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (envelope({"origin": OUR_NUMBER}), 1),
        (envelope({"origin": "+" + OUR_NUMBER}), 1),
        (envelope({"origin": int(OUR_NUMBER)}), 1),
        ({"shortCode": OUR_NUMBER}, 1),
        (envelope({"source": OUR_NUMBER}), 0),
        (envelope({"origin": "5511900000009"}), 0),
    ],
    ids=["our number", "with a plus", "as a number", "as shortCode", "as the source", "another number"],
)
def test_a_refused_callback_is_counted_for_the_number_it_names(
    client: Client, provider: Provider, body: Any, own: int
) -> None:
    for _ in range(2):
        post(client, STATUS, json.dumps(body).encode(), "wrong")
    refused = refused_callbacks(provider)
    assert (refused.own, refused.unknown) == (2 * own, 2 - 2 * own)


def test_a_body_of_exactly_10_mib_is_taken_and_a_byte_more_is_not(client: Client, provider: Provider) -> None:
    body = b'{"a":"' + b"x" * (LIMIT - 8) + b'"}'
    assert post(client, STATUS, body).status_code == 200
    assert post(client, STATUS, body + b" ").status_code == 413
    assert Callback.objects.count() == 1


def test_a_body_in_chunks_cannot_pass_the_limit(provider: Provider) -> None:
    request = RequestFactory().post(f"{STATUS}?token={TOKEN}", b"", content_type="application/json")
    request.META.update({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"})
    request.META["wsgi.input"] = BytesIO(b"x" * (LIMIT + 1))
    assert StatusView.as_view()(request).status_code == 413
    assert not Callback.objects.exists()


@pytest.mark.parametrize("length", ["9" * 30, str(LIMIT + 1)], ids=["beyond every number", "a byte more"])
def test_a_length_that_is_too_large_is_turned_away_unread(provider: Provider, length: str) -> None:
    request = RequestFactory().post(f"{STATUS}?token={TOKEN}", b"{}", content_type="application/json")
    request.META["CONTENT_LENGTH"] = length
    assert StatusView.as_view()(request).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", STATUS, 405),
        ("put", STATUS, 405),
        ("delete", MESSAGE, 405),
        ("head", MESSAGE, 405),
        ("options", STATUS, 405),
        ("get", MESSAGE, 200),
    ],
)
def test_other_methods_are_turned_away_but_messages_may_be_a_get(
    client: Client, provider: Provider, method: str, path: str, status: int
) -> None:
    assert getattr(client, method)(f"{path}?token={TOKEN}&id=1&source=2").status_code == status


def test_an_sms_push_by_get_is_stored_without_the_token(client: Client, provider: Provider) -> None:
    client.get(MESSAGE, {"token": TOKEN, "id": "sms-1", "source": "59899123456", "messageText": "olá"})
    body = json.loads(bytes(Callback.objects.get().body))
    assert body == {"id": "sms-1", "source": "59899123456", "messageText": "olá"}


def test_a_query_string_of_any_length_is_taken_in_whole(client: Client, provider: Provider) -> None:
    many = "".join(f"&k{number}={number}" for number in range(2000))
    assert client.get(f"{MESSAGE}?token={TOKEN}{many}").status_code == 200
    assert post(client, f"{STATUS}?a=1{many}&token={TOKEN}", b"{}", token=None).status_code == 200
    assert len(json.loads(bytes(Callback.objects.earliest("id").body))) == 2000


# Kept apart


def test_when_it_came_is_noted(client: Client, provider: Provider) -> None:
    before = datetime.now(UTC)
    post(client, STATUS, b"{}")
    assert before <= Callback.objects.get().received_at <= datetime.now(UTC)


def test_the_token_of_a_provider_stores_for_that_provider_whatever_the_body_names(
    client: Client, provider: Provider, other_provider: Provider
) -> None:
    (message,) = queued(provider)
    post(client, STATUS, json.dumps(envelope(status_item(message))).encode(), "the-other-token")
    assert Callback.objects.get().provider == other_provider


def test_callbacks_are_never_throttled(client: Client, provider: Provider) -> None:
    assert {post(client, STATUS, b"{}").status_code for _ in range(100)} == {200}
