"""Files that people download open in their spreadsheet with columns apart, and our readers take them back."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dialers.models import Dialer
from dialers.reader import detect
from providers.models import DoNotCall, DoNotCallUpload
from tests.dialers.files import loaded
from tests.dialers.outcomes import number, sent_base
from tests.factories import make_operator
from tests.pages import signed_in

pytestmark = pytest.mark.django_db
PHONE = "59899123456"
MARK = b"\xef\xbb\xbf"
LANGUAGES = pytest.mark.parametrize(
    ("language", "between", "head"),
    [
        pytest.param("en", ",", ["line", "reason", "text"], id="English"),
        pytest.param("es", ";", ["línea", "motivo", "texto"], id="Spanish"),
        pytest.param("pt-br", ";", ["linha", "motivo", "texto"], id="Portuguese"),
    ],
)
BAD = f'{PHONE};hsm:welcome\n12;"Año, nuevo";1\n'


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def reader(language: str) -> Client:
    user = make_operator()
    user.language = language
    user.save()
    return signed_in(user)


def fetched(client: Client, address: str) -> bytes:
    response: Any = client.get(address)
    return b"".join(response.streaming_content)


def apart(file: bytes, between: str) -> list[list[str]]:
    assert file.startswith(MARK)
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=between))


def saved_again(rows: list[list[str]], between: str, encoding: str) -> bytes:
    """The file after a spreadsheet saved it, the number mended."""
    out = io.StringIO()
    csv.writer(out, delimiter=between).writerows(
        [[cell.replace("12;", f"{number(7)};") for cell in row] for row in rows]
    )
    return out.getvalue().encode(encoding)


@LANGUAGES
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_an_error_report_opens_with_columns_apart_and_mended_is_a_base(
    dialer: Dialer, language: str, between: str, head: list[str], encoding: str
) -> None:
    base = loaded(dialer, BAD)
    report = fetched(reader(language), reverse("admin:dialers_base_errors", args=[base.pk]))

    rows = apart(report, between)
    assert rows[0] == head
    assert [rows[1][0], rows[1][2]] == ["2", '12;"Año, nuevo";1']
    plain = [rows[0], ["2", "corto" if language == "es" else "short", rows[1][2]]]
    again = loaded(dialer, saved_again(plain, between, encoding))
    assert again.found["report"] is True
    assert [(row.contact, row.content["text"]) for row in again.rows.all()] == [(number(7), "Año, nuevo")]


@LANGUAGES
def test_an_export_of_rows_opens_with_columns_apart_and_is_read_back(
    dialer: Dialer, wavy: object, language: str, between: str, head: list[str]
) -> None:
    base = sent_base(dialer, 2)
    export = fetched(reader(language), reverse("admin:dialers_base_export", args=[base.pk]))

    rows = apart(export, between)
    assert [row[1] for row in rows[1:]] == [number(1), number(2)]
    found = detect(io.BytesIO(export), dialer.name)
    assert (found.separator, found.doubt) == (between, "")
    assert {"destination", "message"} <= set(found.columns or ())


def sent(name: str, content: bytes) -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content), "source": "operator"}


@LANGUAGES
def test_a_report_of_the_do_not_call_registry_comes_back_mended(
    language: str, between: str, head: list[str]
) -> None:
    client = reader(language)
    upload = reverse("admin:providers_donotcall_upload")
    client.post(upload, sent("list.csv", b"phone;reason\n99 123;moved, gone\n"))
    kept = DoNotCallUpload.objects.get()
    report = fetched(client, reverse("admin:providers_donotcallupload_report", args=[kept.pk]))

    rows = apart(report, between)
    assert (rows[0], rows[1][2]) == (head, "99 123;moved, gone")
    mended = report.decode().replace("99 123;", f"+{PHONE};").encode()
    client.post(upload, sent("mended.csv", mended))
    assert [(one.number, one.reason) for one in DoNotCall.objects.all()] == [(PHONE, "moved, gone")]
