"""The reader: every line that is not blank becomes columns or is said to be bad, whatever bytes come in."""

import codecs
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialers.reader import Flaw, Format, Line, detect
from providers.errors import Refusal
from tests.dialers.files import STEADY, cells, lines_of

PHONE = "59899123456"


def found(content: bytes | str) -> Format:
    return detect(io.BytesIO(content.encode() if isinstance(content, str) else content))


def refusal(content: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        lines_of(content)
    assert caught.value.status == 400
    return caught.value


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        pytest.param(f"WavyDialer;{PHONE};Hello;7", (PHONE, "Hello", "7"), id="the guide's four columns"),
        pytest.param(f"WavyDialer;{PHONE};Hello", (PHONE, "Hello", None), id="three: without the priority"),
        pytest.param(f"{PHONE};Hello;7", (PHONE, "Hello", "7"), id="three: without the dialer"),
        pytest.param(f"{PHONE};Hello;", (PHONE, "Hello", ""), id="three: an empty priority"),
        pytest.param(f"{PHONE};Hello", (PHONE, "Hello", None), id="two"),
        pytest.param(f"WavyDialer;{PHONE};12345", (PHONE, "12345", None), id="three: a message of digits"),
        pytest.param(
            f"WavyDialer;{PHONE};mobile;7", (PHONE, "mobile", "7"), id="a message that could name a column"
        ),
        pytest.param(f"WavyDialer;{PHONE};Hello;7;;", (PHONE, "Hello", "7"), id="a sheet's empty columns"),
        pytest.param(f" WavyDialer ; {PHONE} ; Hello ; 7 ", (PHONE, "Hello", "7"), id="blanks around"),
        pytest.param(f"WavyDialer,{PHONE},Hello,7", (PHONE, "Hello", "7"), id="commas"),
        pytest.param(f"WavyDialer\t{PHONE}\tHello\t7", (PHONE, "Hello", "7"), id="tabs"),
        pytest.param(
            f'WavyDialer,{PHONE},"Hello; you",7',
            (PHONE, "Hello; you", "7"),
            id="commas, a quoted semicolon in the message",
        ),
        pytest.param(
            f"WavyDialer,{PHONE},Hello; you,7",
            (PHONE, "Hello; you", "7"),
            id="commas, a bare semicolon in the message",
        ),
        pytest.param(
            f"WavyDialer;{PHONE};Hello, you;7", (PHONE, "Hello, you", "7"), id="a comma in the message"
        ),
        pytest.param(
            f'"WavyDialer";"{PHONE}";"Say ""hi""; now";"7"', (PHONE, 'Say "hi"; now', "7"), id="quotes"
        ),
        pytest.param(
            f'WavyDialer; {PHONE}; "Hello; you"; 7',
            (PHONE, "Hello; you", "7"),
            id="a blank in front of the quotes",
        ),
        pytest.param(
            f'WavyDialer;{PHONE};A 5" pipe;7', (PHONE, 'A 5" pipe', "7"), id="a quote inside is literal"
        ),
        pytest.param(
            f'WavyDialer;{PHONE};"Sale" today;7',
            (PHONE, '"Sale" today', "7"),
            id="quotes around a word are literal",
        ),
    ],
)
def test_a_line_is_split_as_it_was_meant(content: str, wanted: tuple[str, ...]) -> None:
    assert cells(content) == [wanted]


@pytest.mark.parametrize(
    ("content", "flaw", "fields"),
    [
        pytest.param("Hello", Flaw.COLUMNS, 1, id="one column"),
        pytest.param(f"WavyDialer;{PHONE}", Flaw.COLUMNS, 2, id="the dialer's name and no message"),
        pytest.param("WavyDialer;Hello", Flaw.COLUMNS, 2, id="the dialer's name and no number"),
        pytest.param(f"Other;{PHONE}", Flaw.COLUMNS, 2, id="another dialer's name and no message"),
        pytest.param(f"WavyDialer;{PHONE};Hello; you; all", Flaw.COLUMNS, 5, id="separators in the message"),
        pytest.param(
            f'WavyDialer;{PHONE};"Hello', Flaw.QUOTES, 0, id="a cell with a line break, its first half"
        ),
        pytest.param(f"phone;message\n{PHONE};Hello;you", Flaw.HEADER, 3, id="more than the header names"),
        pytest.param(
            f"phone;message;priority\n{PHONE};Hello", Flaw.HEADER, 2, id="fewer than the header names"
        ),
    ],
)
def test_a_line_that_cannot_be_split_is_said_to_be_bad(content: str, flaw: Flaw, fields: int) -> None:
    (line,) = lines_of(content)
    assert (line.columns, line.flaw, line.fields) == (None, flaw, fields)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        pytest.param("dialer;destination;message;priority", f"WavyDialer;{PHONE};Olá;7", id="standard"),
        pytest.param("Priority;Message;Destination", f"7;Olá;{PHONE}", id="any order, capitals"),
        pytest.param("teléfono;mensaje;prioridad", f"{PHONE};Olá;7", id="Spanish"),
        pytest.param("telefono,mensaje,prioridad", f"{PHONE},Olá,7", id="Spanish without the accent, commas"),
        pytest.param("mensagem\ttelefone\tprioridade", f"Olá\t{PHONE}\t7", id="Portuguese, tabs"),
        pytest.param("nombre;celular;texto;prioridad", f"Ana;{PHONE};Olá;7", id="a column of no use here"),
        pytest.param('"phone";"message";"priority"', f'"{PHONE}";"Olá";"7"', id="quoted"),
        pytest.param(" Phone ; Text ; Priority ;;", f"{PHONE};Olá;7;;", id="blanks and empty columns"),
        pytest.param("tele\u0301fono;mensaje;prioridad", f"{PHONE};Olá;7", id="an accent of its own"),
    ],
)
def test_a_header_names_the_columns(header: str, row: str) -> None:
    content = f"{header}\n{row}\n"
    assert cells(content) == [(PHONE, "Olá", "7")]
    assert lines_of(content)[0].number == 2


@pytest.mark.parametrize(
    ("header", "part"),
    [
        pytest.param("phone;priority", "no column for the message", id="no message"),
        pytest.param("phone;celular;message", "“destination”", id="two destinations"),
        pytest.param("phone;message;texto", "“message”", id="two messages"),
    ],
)
def test_a_header_that_leaves_a_doubt_says_so_and_names_what_there_is(header: str, part: str) -> None:
    form = found(f"{header}\n{PHONE};1;2\n")
    assert part in form.doubt
    assert "Choose the template and the columns" in form.doubt
    assert len(form.names) == len(set(form.names)) == len(header.split(";"))


GREETING = "¡Hola! “Está” — 10 €"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param(f"{PHONE};{GREETING}\n".encode(), "utf-8-sig", id="UTF-8"),
        pytest.param(f"\ufeff{PHONE};{GREETING}\n".encode(), "utf-8-sig", id="UTF-8 with BOM"),
        pytest.param(
            f"{PHONE};{GREETING}\n".encode("cp1252"), "cp1252", id="Windows-1252 with Excel's quotes"
        ),
        pytest.param(
            f"\ufeffphone;message\r\n{PHONE};{GREETING}\r\n".encode(), "utf-8-sig", id="BOM, header, CRLF"
        ),
        pytest.param(
            f"phone\tmessage\r\n{PHONE}\t{GREETING}\r\n".encode("utf-16"),
            "utf-16",
            id="Excel's Unicode text: UTF-16 with BOM, tabs",
        ),
        pytest.param(
            codecs.BOM_UTF16_BE + f"{PHONE};{GREETING}\n".encode("utf-16-be"),
            "utf-16",
            id="UTF-16, big end first",
        ),
    ],
)
def test_every_encoding_reads_the_same(content: bytes, encoding: str) -> None:
    assert found(content).encoding == encoding
    assert cells(content) == [(PHONE, GREETING, None)]


def test_a_character_across_the_borders_of_chunks_is_whole() -> None:
    row = f"{PHONE};ñandú, über, 10 €\n".encode()
    content = row * ((3 << 20) // len(row))
    assert found(content).encoding == "utf-8-sig"
    assert {line.text for line in lines_of(content)} == {row.decode().rstrip()}


def test_one_broken_line_does_not_garble_the_others() -> None:
    good = f"{PHONE};señal".encode()
    lines = lines_of(good + b"\n" + good + b"\n" + f"{PHONE};s".encode() + b"\xf1al\n" + good)
    assert [line.columns is None for line in lines] == [False, False, True, False]
    assert {line.columns["message"] for line in lines if line.columns} == {"señal"}
    assert (lines[2].flaw, lines[2].text) == (Flaw.BYTES, f"{PHONE};s\\xf1al")


def test_a_file_that_ends_inside_a_character_loses_only_its_last_line() -> None:
    content = f"{PHONE};señal\n{PHONE};señal\n{PHONE};se".encode() + "ñ".encode()[:1]
    assert [line.flaw for line in lines_of(content)] == [None, None, Flaw.BYTES]


def test_bytes_that_windows_1252_does_not_know_are_not_sent_to_anybody() -> None:
    (line,) = lines_of(f"{PHONE};Está".encode("cp1252") + b"\x81")
    assert line.columns is None
    assert line.flaw == Flaw.BYTES
    assert line.text == f"{PHONE};Está\\x81"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_of_every_system_count_alike_and_blank_lines_not_at_all(end: str) -> None:
    rows = ["", f"{PHONE};one", "", "  \t ", ";;;", f"{PHONE};two", ""]
    lines = lines_of(end.join(rows))
    assert [(line.number, line.text) for line in lines] == [(2, f"{PHONE};one"), (6, f"{PHONE};two")]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00", "not_text", id="xlsx"),
        pytest.param(b"PK\x03\x04", "not_text", id="zip"),
        pytest.param(b"%PDF-1.7\n", "not_text", id="PDF"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not_text", id="xls"),
        pytest.param(b"\x1f\x8b\x08", "not_text", id="gzip"),
        pytest.param(f"{PHONE};Hello".encode("utf-16")[:-1], "not_text", id="UTF-16 that is cut off"),
        pytest.param(codecs.BOM_UTF16_LE + b"\x00\xdc1\x00", "not_text", id="UTF-16 with half a character"),
        pytest.param(f"{PHONE};\x00".encode("utf-16"), "not_text", id="UTF-16 with a zero"),
        pytest.param(f"{PHONE};Hello".encode("utf-16-le"), "not_text", id="UTF-16 without BOM"),
        pytest.param(f"{PHONE};Hello\n".encode() * 9000 + b"\x00", "not_text", id="a zero byte far behind"),
        pytest.param(b"", "empty_file", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "empty_file", id="a BOM alone"),
        pytest.param(b"\r\n\r\n ;;;\n", "empty_file", id="blank lines alone"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(head: bytes, code: str) -> None:
    why = refusal(head)
    assert why.code == code
    assert re.search("Save the sheet as CSV|Upload lines such as", why.sentence)


def test_bytes_that_begin_an_office_file_are_fine_in_the_middle() -> None:
    row = b"59899123456;PK\n"
    content = row * 70_000 + b"\x03\x04"
    assert len(lines_of(content)) == 70_001


def test_most_lines_decide_the_separator_when_the_first_is_garbage() -> None:
    content = f"Customers, of; Monday\nWavyDialer,{PHONE},Hello; you,7\nWavyDialer,{PHONE},Bye,7\n"
    assert cells(content)[1:] == [(PHONE, "Hello; you", "7"), (PHONE, "Bye", "7")]


def test_its_own_report_is_known_by_its_header_whatever_separates_it() -> None:
    text = f"WavyDialer;{PHONE};Hello, you;7"
    for separator in (";", ",", "\t"):
        content = separator.join(("line", "reason", "text")) + f'\n4{separator}"why; so"{separator}"{text}"\n'
        (line,) = lines_of(content)
        assert (line.number, line.text) == (2, text)
        assert line.columns == {
            "dialer": "WavyDialer",
            "destination": PHONE,
            "message": "Hello, you",
            "priority": "7",
        }


BITS = st.sampled_from(
    [
        *(
            b";",
            b",",
            b"\t",
            b'"',
            b"\n",
            b"\r",
            b"\r\n",
            b" ",
            b"\xef\xbb\xbf",
            b"\xe9",
            b"\xc3\xa9",
            b"\x81",
        ),
        *(b"WavyDialer", b"59899123456", b"hsm:welcome", b"Hello", b"phone", b"message", b"line;reason;text"),
    ]
)


@STEADY
@given(st.lists(BITS | st.binary(min_size=1, max_size=4), max_size=60).map(b"".join))
@example(b"line;reason;text\n1;x;\n")
@example(b"phone;message\n")
@example(b'"\n"')
def test_no_line_is_lost_and_none_is_made_up(content: bytes) -> None:
    try:
        form = found(content)
        lines = lines_of(content)
    except Refusal as why:
        refused = why
    else:
        check_that_nothing_is_lost(content, form, lines)
        return
    assert refused.code in ("not_text", "empty_file", "header")


def check_that_nothing_is_lost(content: bytes, form: Format, lines: list[Line]) -> None:
    decoded = content.decode(form.encoding, "surrogateescape")
    physical = re.split(r"\r\n|\n|\r", decoded)
    wanted = [number for number, text in enumerate(physical, 1) if text.strip(" \t;,\ufeff")]
    assert [line.number for line in lines] == wanted[form.header :]
    assert all((line.columns is None) == (line.flaw is not None) for line in lines)
    assert all("destination" in line.columns for line in lines if line.columns is not None)
