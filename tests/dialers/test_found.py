"""What a loaded base says of its file, for the preview: exact figures, the digest, how far its loading is."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from dialers import intake, loading_progress
from dialers.loading_progress import LoadingProgress
from dialers.models import Dialer, Row
from providers.do_not_call import add
from providers.models import Provider
from providers.wake import redis
from tests.dialers.files import check_tally, hsm_lines, invalid_lines, loaded
from tests.factories import NOW, make_contact

PHONE = "59899123456"


def test_the_figures_of_the_preview_are_exact(provider: Provider, dialer: Dialer) -> None:
    add("5511987654321", provider)
    base = loaded(
        dialer,
        [
            f"{PHONE};hsm:welcome",
            f"{PHONE};hsm:welcome",
            f"{PHONE};hsm:notice:a",
            f"{PHONE};Hello",
            "551187654321;Hello",
            "12;Hello",
            "x;y;z;a;b",
        ],
    )
    assert base.found["reasons"] == {"duplicate": 1, "do_not_call": 1, "number_length": 1, "columns": 1}
    assert base.found["templates"] == {"welcome": 1, "notice": 1}
    figures = ("duplicates", "do_not_call", "same_number", "free_text", "window_open")
    assert [base.found[name] for name in figures] == [1, 1, 2, 1, 0]
    assert (base.valid, base.invalid) == (3, 4)


def test_open_windows_are_counted_for_free_text_alone(provider: Provider, dialer: Dialer) -> None:
    now = timezone.now()
    make_contact(provider, PHONE, last_incoming_at=now - timedelta(hours=23))
    make_contact(provider, "5511987654321", last_incoming_at=now - timedelta(hours=25))
    lines = [f"{PHONE};Hello", f"{PHONE};hsm:welcome", "5511987654321;Hello", "59899123457;Hello"]
    found = loaded(dialer, lines).found
    assert (found["free_text"], found["window_open"]) == (3, 1)


@pytest.mark.parametrize(
    "content", [f"{PHONE};Hello\r\n", f"celular;x;y\n{PHONE};1;2\n"], ids=["ready", "asked"]
)
def test_the_digest_is_that_of_the_file(dialer: Dialer, content: str) -> None:
    assert loaded(dialer, content).sha256 == hashlib.sha256(content.encode()).hexdigest()


def test_a_large_registry_is_asked_block_by_block(
    provider: Provider, dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "REGISTRY_IN_MEMORY", 1)
    for number in ("59899000002", "59899000004", "5511987654321"):
        add(number, provider)
    base = loaded(dialer, hsm_lines(5))
    assert {line: code for line, (code, _text) in invalid_lines(base).items()} == {
        2: "do_not_call",
        4: "do_not_call",
    }
    assert set(Row.objects.values_list("line", flat=True)) == {1, 3, 5}
    check_tally(base)


def test_how_far_a_loading_is_can_be_read_until_it_is_done(dialer: Dialer) -> None:
    progress = LoadingProgress(10, 100, 3, NOW)
    loading_progress.write(7, progress)
    assert loading_progress.read(7) == progress
    assert 0 < int(str(redis.ttl("import:7"))) <= loading_progress.EXPIRES
    base = loaded(dialer, hsm_lines(3))
    assert loading_progress.read(base.pk) is None


def test_a_line_without_an_end_is_reported_by_its_beginning(dialer: Dialer) -> None:
    base = loaded(dialer, f"{PHONE};Hello\n{PHONE};{'x' * 3_000_000}\n{PHONE};Bye")
    assert {line: (code, len(text)) for line, (code, text) in invalid_lines(base).items()} == {
        2: ("long", 65_536)
    }
    assert base.valid == 2


@pytest.mark.parametrize(
    ("content", "header"),
    [
        pytest.param(
            b"\xef\xbb\xbfcity;mobile;texto\nMinas\xff;59899000001;hola\nSalto;59899000002;hola\n",
            ["city", "mobile", "texto"],
            id="in a first line",
        ),
        pytest.param(
            b"\xef\xbb\xbfcit\xff;mobile;texto\n;59899000002;hola\n",
            ["cit\ufffd", "mobile", "texto"],
            id="in the header",
        ),
        pytest.param(
            b"cit\x81\xe1;mobile;texto\n;59899000002;hola\n",
            ["cit\ufffdá", "mobile", "texto"],
            id="in the header of a file in Windows-1252",
        ),
    ],
)
def test_a_byte_that_is_no_text_below_or_in_a_header_stops_no_other_line(
    dialer: Dialer, content: bytes, header: list[str]
) -> None:
    base = loaded(dialer, content)
    assert (base.state, base.valid, base.found["header"]) == ("ready", 1, header)
