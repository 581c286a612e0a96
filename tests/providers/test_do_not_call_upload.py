"""A file of numbers for the registry: read as people have it, entered once, the bad lines given back."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from providers import do_not_call
from providers.do_not_call import Terms, upload
from providers.errors import Refusal
from providers.models import DoNotCall, DoNotCallUpload, Provider
from tests.factories import NOW, make_operator

pytestmark = pytest.mark.django_db
OURS = Terms(None, "operator", "by phone")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def uploaded(content: bytes | str, terms: Terms = OURS) -> DoNotCallUpload:
    raw = content if isinstance(content, bytes) else content.encode()
    return do_not_call.add_many(BytesIO(raw), "numbers.csv", terms, None, NOW)


def counts(upload: DoNotCallUpload) -> tuple[int, int, int]:
    return upload.added, upload.known, upload.invalid


def entries() -> dict[str, str]:
    return dict(DoNotCall.objects.values_list("number", "reason"))


ANA, BIA = "59899123456", "5511987654321"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(f"{ANA}\n{BIA}\n", {ANA: "by phone", BIA: "by phone"}, id="one a line"),
        pytest.param(
            "\n+598 99 123 456\r\n\r\n551187654321", {ANA: "by phone", BIA: "by phone"}, id="any spelling"
        ),
        pytest.param(
            f"{ANA};asked\n{BIA};\n", {ANA: "asked", BIA: "by phone"}, id="a second column without header"
        ),
        pytest.param(f"name,Teléfono,Motivo\nAna,{ANA},pidió\n", {ANA: "pidió"}, id="columns by their names"),
        pytest.param(f"Who\tWhat\n{ANA}\tshe\n", {ANA: "by phone"}, id="a header of other names"),
        pytest.param(f'number;reason\n"{ANA}";"a; b"\n', {ANA: "a; b"}, id="quotation marks"),
        pytest.param(f"{ANA};não quer\n".encode("cp1252"), {ANA: "não quer"}, id="Windows-1252"),
        pytest.param(f"número\n{ANA}\n".encode("utf-8-sig"), {ANA: "by phone"}, id="UTF-8 with its mark"),
        pytest.param(
            f'{ANA};"open\n{BIA}\n', {ANA: "open", BIA: "by phone"}, id="a mark that is never closed"
        ),
        pytest.param(f"{ANA};a\x00b\n", {ANA: "ab"}, id="a zero byte"),
    ],
)
def test_a_file_is_read_as_people_have_it(content: bytes | str, expected: dict[str, str]) -> None:
    found = uploaded(content)

    assert entries() == expected
    assert counts(found) == (len(expected), 0, 0)


def test_what_is_there_already_stays_as_it_is(provider: Provider) -> None:
    DoNotCall.objects.create(number=ANA, provider=provider, reason="first")
    terms = Terms(provider, "operator", "again")

    found = uploaded(f"{ANA}\n{BIA}\n{BIA}\n", terms)

    assert counts(found) == (1, 2, 0)
    assert entries() == {ANA: "first", BIA: "again"}


@pytest.mark.parametrize("everywhere", [True, False])
def test_the_same_file_twice_adds_nothing(provider: Provider, everywhere: bool) -> None:
    terms = Terms(None if everywhere else provider, "external")
    uploaded(f"{ANA}\n", terms)

    assert counts(uploaded(f"{ANA}\n", terms)) == (0, 1, 0)
    assert DoNotCall.objects.count() == 1


def test_bad_lines_come_back_with_number_reason_and_text_and_may_be_mended() -> None:
    found = uploaded(f"phone;why\n{ANA};a\n99 123 456;b\n=1+1\n")

    report = found.report.read().decode("utf-8-sig")
    header, first, second = report.splitlines()
    assert counts(found) == (1, 0, 2)
    assert header == "line;reason;text"
    assert (first[:2], first[-15:]) == ("3;", ';"99 123 456;b"')
    assert (second[:2], second[-4:]) == ("4;", "=1+1")

    mended = report.replace("99 123 456", "+598 99 999 999").replace(second + "\r\n", "")
    assert counts(uploaded(mended)) == (1, 0, 0)
    assert entries()["59899999999"] == "b"


def test_numbers_without_a_country_code_take_the_given_country() -> None:
    found = uploaded("099 123 456\n", Terms(None, "operator", country="UY"))

    assert (counts(found), list(entries())) == ((1, 0, 0), [ANA])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"PK\x03\x04\x14\x00", "not_csv", id="a spreadsheet"),
        pytest.param(f"{ANA}\n".encode("utf-16"), "not_csv", id="UTF-16"),
        pytest.param(b"\n\r\n", "empty", id="blank lines"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"number;reason\n", "empty", id="a header alone"),
        pytest.param(f"{ANA}\n{BIA}\n59899000001\n".encode(), "too_many", id="too many lines"),
    ],
)
def test_what_is_no_such_file_enters_nothing(
    content: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "MOST_LINES", 2)
    with pytest.raises(Refusal) as why:
        uploaded(content)

    assert why.value.code == code
    assert not DoNotCall.objects.exists()
    assert not DoNotCallUpload.objects.exists()


def test_it_keeps_who_uploaded_what(provider: Provider) -> None:
    user = make_operator()

    do_not_call.add_many(BytesIO(ANA.encode()), "../may/list.csv", Terms(provider, "external"), user, NOW)

    kept, entry = DoNotCallUpload.objects.get(), DoNotCall.objects.get()
    assert (kept.name, kept.uploaded_by, kept.uploaded_at) == ("list.csv", user, NOW)
    assert (entry.created_by, entry.created_at, entry.source) == (user, NOW, "external")


def test_many_numbers_ask_as_often_as_few(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    content = "".join(f"598990{i:05}\n" for i in range(3000)) + "1\n" * 500

    with django_assert_max_num_queries(8):
        found = uploaded(content)

    assert counts(found) == (3000, 0, 500)
