"""Loading: all of a file or nothing of it, each line in one place, and the counts that add up."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django.utils.translation import get_language
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.exceptions import OperationalError as BrokerError

from dialers import bases, lines, loading, tasks, texts
from dialers.models import Base, BaseState, Dialer, InvalidLine, Row
from providers.errors import Refusal
from providers.locks import Lock, advisory_lock
from providers.models import DoNotCall
from providers.models.do_not_call import Source
from tests.dialers.files import STEADY, check_tally, hsm_lines, invalid_lines, loaded, uploaded
from tests.factories import make_operator, make_provider

PHONE = "59899123456"


def addresses(base: Base) -> list[str]:
    return list(Row.objects.filter(base=base).order_by("line").values_list("address", flat=True))


def test_the_guides_base_loads_whole(dialer: Dialer) -> None:
    message = "hsm:chatclub_open_session_v2:Integra:Operation Performed"
    base = loaded(dialer, hsm_lines(100, message))
    assert (base.state, base.lines, base.valid, base.invalid, base.reason) == ("ready", 100, 100, 0, "")
    assert check_tally(base)["pending"] == 100
    assert base.found["duplicates"] == base.found["same_number"] == 0


def test_good_and_bad_lines_find_their_places(dialer: Dialer) -> None:
    base = loaded(
        dialer,
        [
            f"WavyDialer;{PHONE};hsm:welcome;1",
            "",
            f"Other;{PHONE};hsm:welcome;1",
            "WavyDialer;12;hsm:welcome;1",
            f"WavyDialer;{PHONE};hsm:nobody;1",
            f"WavyDialer;{PHONE};hsm:appointment:a;1",
            f"WavyDialer;{PHONE};Hello; you; all;1",
            "WavyDialer;59899123457;hsm:welcome;none",
        ],
    )
    assert (base.state, base.lines, base.valid, base.invalid) == ("ready", 7, 1, 6)
    assert {line: code for line, (code, _text) in invalid_lines(base).items()} == {
        3: "other_dialer",
        4: "number_length",
        5: "template_unknown",
        6: "template_parameters",
        7: "columns",
        8: "priority",
    }
    assert check_tally(base)["pending"] == 1


@pytest.mark.parametrize(
    ("lines", "kept", "codes"),
    [
        pytest.param(
            [f"{PHONE};Hello", f"{PHONE};Hello"], [PHONE], {2: "duplicate"}, id="the same number and message"
        ),
        pytest.param(
            ["5511987654321;Hello", "551187654321;Hello"],
            ["5511987654321"],
            {2: "duplicate"},
            id="the same person without the ninth digit",
        ),
        pytest.param(
            [f"WavyDialer;{PHONE};Hello;5", f"WavyDialer;{PHONE};Hello;1"],
            [PHONE],
            {2: "duplicate"},
            id="another priority makes no other message",
        ),
        pytest.param([f"{PHONE};Hello", f"{PHONE};Bye"], [PHONE, PHONE], {}, id="another message is kept"),
        pytest.param(
            [f"{PHONE};hsm:notice:a", f"{PHONE};hsm:notice:b"],
            [PHONE, PHONE],
            {},
            id="another parameter is kept",
        ),
        pytest.param(
            [f"{PHONE};Hello", f"{PHONE};Hello", f"{PHONE};Hello"],
            [PHONE],
            {2: "duplicate", 3: "duplicate"},
            id="three times",
        ),
    ],
)
def test_a_duplicate_is_the_same_person_and_message(
    dialer: Dialer, lines: list[str], kept: list[str], codes: dict[int, str]
) -> None:
    base = loaded(dialer, lines)
    assert addresses(base) == kept
    assert {line: code for line, (code, _text) in invalid_lines(base).items()} == codes
    assert "line 1." in "".join(base.invalid_lines.values_list("reason", flat=True)) or not codes
    assert (base.found["duplicates"], base.found["same_number"]) == (len(codes), len(kept) - 1)
    check_tally(base)


def test_duplicates_in_another_batch_are_found(dialer: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "CHUNK", 100)
    base = loaded(dialer, hsm_lines(10) * 2)
    assert (base.valid, base.invalid) == (10, 10)
    assert list(invalid_lines(base)) == list(range(11, 21))
    assert (
        base.invalid_lines.get(line=14).reason
        == "The same number and message as in line 4. It goes out once."
    )


@pytest.mark.parametrize(
    ("entry", "dncr", "blocked"),
    [
        pytest.param({"source": Source.OPERATOR}, False, True, id="our own always holds"),
        pytest.param({"source": Source.CUSTOMER}, False, True, id="a customer's own wish always holds"),
        pytest.param({"source": Source.EXTERNAL}, False, False, id="an external one only with DNCR"),
        pytest.param({"source": Source.EXTERNAL}, True, True, id="an external one with DNCR"),
        pytest.param({"source": Source.OPERATOR, "elsewhere": True}, False, False, id="another provider's"),
    ],
)
def test_do_not_call_holds_while_loading(
    dialer: Dialer, entry: dict[str, Any], dncr: bool, blocked: bool
) -> None:
    elsewhere = entry.pop("elsewhere", False)
    DoNotCall.objects.create(
        number="5511987654321",
        provider=make_provider("Other", "5511900000002") if elsewhere else None,
        **entry,
    )
    Dialer.objects.update(dncr=dncr)
    base = loaded(dialer, ["551187654321;Hello", f"{PHONE};Hello"])
    assert addresses(base) == ([PHONE] if blocked else ["551187654321", PHONE])
    assert [code for code, _text in invalid_lines(base).values()] == ["do_not_call"] * blocked
    check_tally(base)


def test_a_base_without_a_good_line_fails_and_keeps_its_report(dialer: Dialer) -> None:
    base = loaded(dialer, ["Other;59899123456;Hello", "nonsense"])
    assert (base.state, base.lines, base.valid, base.invalid) == ("failed", 2, 0, 2)
    assert base.reason == "No line is good. The error report says what is wrong with each."
    assert invalid_lines(base) == {
        1: ("other_dialer", "Other;59899123456;Hello"),
        2: ("columns", "nonsense"),
    }
    assert sum(check_tally(base).values()) == 0


@pytest.mark.parametrize(
    ("content", "part"),
    [
        pytest.param(b"\n\n", "The file is empty", id="blank"),
        pytest.param(f"{PHONE};Hi\n".encode() * 9000 + b"\x00", "not text", id="a zero byte far behind"),
        pytest.param(
            b"phone;priority\n59899123456;1", "no column for the message", id="a header without message"
        ),
        pytest.param(b"phone;message\n\n", "no line below it", id="a header alone"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_the_reason(dialer: Dialer, content: bytes, part: str) -> None:
    base = loaded(dialer, content)
    assert base.state == "failed"
    assert part in base.reason
    assert not Row.objects.exists()
    assert sum(check_tally(base).values()) == 0


def test_a_default_country_that_is_none_fails_the_base_with_the_reason(dialer: Dialer) -> None:
    Dialer.objects.update(default_country="ZZ")
    base = loaded(dialer, [f"{PHONE};Hello"])
    assert base.state == "failed"
    assert "“ZZ”" in base.reason


def test_a_file_that_is_gone_fails_the_base(dialer: Dialer) -> None:
    base = uploaded(dialer, hsm_lines(1))
    base.file.delete(save=False)
    loading.load(base.pk)
    base.refresh_from_db()
    assert (base.state, base.reason) == ("failed", "The uploaded file is gone. Upload it again.")


def test_reasons_are_written_in_the_language_of_who_uploaded(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = {"en": "the reason", "pt-br": "o motivo"}
    monkeypatch.setattr(lines, "_flawed", lambda line: sentences[get_language() or ""])
    base = loaded(dialer, ["nonsense"], make_operator(language="pt-br"))
    assert InvalidLine.objects.get(base=base).reason == "o motivo"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"PK\x03\x04....", "not_text", id="xlsx"),
        pytest.param(b"%PDF-1.7", "not_text", id="PDF"),
        pytest.param("a;b".encode("utf-16-le"), "not_text", id="UTF-16 without its mark"),
        pytest.param(b"", "empty_file", id="nothing"),
    ],
)
def test_an_upload_that_is_no_text_is_refused_at_once(dialer: Dialer, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        uploaded(dialer, content)
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert not Base.objects.exists()


def test_an_upload_that_is_too_large_says_what_to_do(dialer: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "LARGEST_FILE", 10)
    with pytest.raises(Refusal, match="Split it") as caught:
        uploaded(dialer, b"59899123456;Hello")
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "name",
    ["x" * 300 + ".csv", "base." + "x" * 200, "..", "a/b/lunes mañana.csv", "…"],
    ids=["long", "long extension", "dots", "a path", "signs"],
)
def test_any_file_name_will_do(dialer: Dialer, name: str) -> None:
    file = ContentFile(f"{PHONE};Hello".encode())
    file.name = name
    base = bases.upload(dialer, file, None)
    loading.load(base.pk)
    base.refresh_from_db()
    assert base.state == "ready"
    assert base.name == name.rsplit("/", 1)[-1][:255]


def test_a_broker_that_is_away_loses_no_upload(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, eager: None
) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise BrokerError("away")

    monkeypatch.setattr(current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        base = uploaded(dialer, hsm_lines(1))
    assert len(callbacks) == 1
    tasks.tick()
    base.refresh_from_db()
    assert base.state == "ready"


def test_loading_twice_changes_nothing(dialer: Dialer) -> None:
    base = loaded(dialer, [*hsm_lines(3), "nonsense"])
    loading.load(base.pk)
    assert check_tally(base)["pending"] == 3
    assert (base.lines, base.valid, base.invalid) == (4, 3, 1)


@pytest.mark.django_db(transaction=True)
def test_a_second_loader_at_the_same_time_does_nothing(dialer: Dialer) -> None:
    base = uploaded(dialer, hsm_lines(3))
    held, done = threading.Event(), threading.Event()

    def first_loader() -> None:
        with advisory_lock(Lock.IMPORT, base.pk):
            held.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=first_loader)
    thread.start()
    assert held.wait(10)
    loading.load(base.pk)
    base.refresh_from_db()
    state_meanwhile, rows_meanwhile = base.state, Row.objects.count()
    done.set()
    thread.join()
    assert (state_meanwhile, rows_meanwhile) == (BaseState.LOADING, 0)
    loading.load(base.pk)
    assert check_tally(base)["pending"] == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", ["_take_in", "_finish"])
def test_a_crash_half_way_leaves_a_base_that_loads_anew(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch, eager: None, stage: str
) -> None:
    base = uploaded(dialer, [*hsm_lines(3), "nonsense"])
    whole: Callable[..., Any] = getattr(loading, stage)

    def cut(*args: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return whole(*args)

    with monkeypatch.context() as patched:
        patched.setattr(loading, stage, cut)
        with pytest.raises(OperationalError):
            loading.load(base.pk)
    connection.close()
    base.refresh_from_db()
    assert (base.state, base.lines) == (BaseState.LOADING, 0)
    assert (Row.objects.count(), InvalidLine.objects.count()) == (0, 0)
    assert sum(check_tally(base).values()) == 0
    tasks.tick()
    assert check_tally(base)["pending"] == 3
    assert (base.state, base.lines, base.invalid) == ("ready", 4, 1)


BITS = st.sampled_from(
    [
        *(";", ",", "\t", '"', "\n", "\r\n", " ", "\\:", ":", "é", "\x85", "\u2028", "\ufeff", "\ud7ff"),
        *("WavyDialer", PHONE, "5511987654321", "hsm:welcome", "hsm:appointment:a:b", "Hello", "9999"),
        f"WavyDialer;{PHONE};hsm:welcome;1\n",
    ]
)


@settings(STEADY, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(BITS, max_size=40).map("".join), encoding=st.sampled_from(["utf-8", "cp1252"]))
def test_every_line_is_a_row_or_in_the_report(dialer: Dialer, text: str, encoding: str) -> None:
    content = text.encode(encoding, "replace")
    if not content:
        return
    base = loaded(dialer, content)
    assert base.state in ("ready", "failed")
    rows = set(Row.objects.filter(base=base).values_list("line", flat=True))
    bad = set(invalid_lines(base))
    assert not rows & bad
    assert len(rows | bad) == base.lines
    assert (len(rows), len(bad)) == (base.valid, base.invalid)
    physical = re.split(r"\r\n|\n|\r", content.decode(base.found.get("encoding", "utf-8-sig"), "replace"))
    wanted = {number for number, line in enumerate(physical, 1) if line.strip(" \t;,\ufeff")}
    if base.lines:
        assert rows | bad == wanted
    check_tally(base)
