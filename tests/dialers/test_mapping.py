"""Columns by name: chosen once, remembered for the same header, the other columns kept with the row."""

import pytest

from dialers import bases, loading
from dialers.mapping import Mapping, apply_mapping, needs_mapping
from dialers.models import Base, BaseState, Dialer, Row
from dialers.reports import error_report
from providers.errors import Refusal
from providers.models import Provider, Template
from tests.dialers.files import check_tally, invalid_lines, loaded
from tests.factories import NOW, make_template

PHONE = "59899123456"
HEADER = "Nombre;Cel cliente;Operación;Saldo"
FILE = f"{HEADER}\nAna;{PHONE};77;10\nBea;5511987654321;78;\n"


def choice(**changes: object) -> Mapping:
    made: Mapping = {
        "template": "chatclub_open_session_v2",
        "language": "",
        "destination": "Cel cliente",
        "parameters": ["Nombre", "Operación"],
        "priority": None,
    }
    return {**made, **changes}  # type: ignore[typeddict-item]  # what a test leaves out on purpose


def mapped(base: Base, wanted: Mapping | None) -> Base:
    """The base after the choice and another turn of its loader."""
    apply_mapping(base, wanted, None)
    loading.load(base.pk)
    base.refresh_from_db()
    return base


def test_a_header_of_ones_own_waits_for_a_choice(dialer: Dialer) -> None:
    base = loaded(dialer, FILE)
    assert base.state == BaseState.FAILED
    assert needs_mapping(base)
    assert "Choose the template and the columns that fill it." in base.reason
    assert base.found["header"] == HEADER.split(";")
    assert base.found["sample"] == [["Ana", PHONE, "77", "10"], ["Bea", "5511987654321", "78", ""]]


def test_the_chosen_columns_fill_the_template_and_the_others_stay(dialer: Dialer) -> None:
    base = mapped(loaded(dialer, FILE), choice(priority="Operación"))
    rows = list(Row.objects.filter(base=base).order_by("line"))
    assert [row.content["parameters"] for row in rows] == [["Ana", "77"], ["Bea", "78"]]
    assert [(row.extra, row.priority) for row in rows] == [({"Saldo": "10"}, 77), (None, 78)]
    assert base.found["templates"] == {"chatclub_open_session_v2": 2}
    check_tally(base)


def test_the_choice_is_remembered_for_the_same_header(dialer: Dialer) -> None:
    first = mapped(loaded(dialer, FILE), choice())
    dialer.refresh_from_db()
    again = loaded(dialer, f"NOMBRE ;cel CLIENTE;operación;saldo\nEva;{PHONE};79;1\n")
    assert (again.state, again.mapping) == (BaseState.READY, first.mapping)
    assert Row.objects.get(base=again).content["parameters"] == ["Eva", "79"]


def test_another_header_is_asked_about_anew(dialer: Dialer) -> None:
    mapped(loaded(dialer, FILE), choice())
    dialer.refresh_from_db()
    assert needs_mapping(loaded(dialer, FILE.replace("Saldo", "Deuda")))


def test_a_remembered_choice_that_fits_no_more_is_asked_about_again(dialer: Dialer) -> None:
    mapped(loaded(dialer, FILE), choice())
    Template.objects.filter(code="chatclub_open_session_v2").delete()
    dialer.refresh_from_db()
    base = loaded(dialer, FILE)
    assert needs_mapping(base)
    assert "has no template “chatclub_open_session_v2”" in base.reason


def test_a_loaded_base_can_be_given_other_columns(dialer: Dialer) -> None:
    base = mapped(loaded(dialer, FILE), choice())
    base = mapped(base, choice(template="notice", parameters=["Saldo"]))
    assert [row.content["parameters"] for row in Row.objects.filter(base=base)] == [["10"]]
    assert list(invalid_lines(base)) == [3]
    assert check_tally(base)["pending"] == 1


def test_without_a_choice_a_message_column_says_what_to_send(dialer: Dialer) -> None:
    file = f"celular;mensaje;nombre\n{PHONE};Hola;Ana\n"
    base = mapped(
        loaded(dialer, file), choice(template="notice", destination="celular", parameters=["nombre"])
    )
    assert Row.objects.get(base=base).content["parameters"] == ["Ana"]
    base = mapped(base, None)
    row = Row.objects.get(base=base)
    assert (row.content, row.extra, base.mapping) == ({"text": "Hola"}, {"nombre": "Ana"}, None)


@pytest.mark.parametrize(
    ("changes", "code", "part"),
    [
        pytest.param({"template": "nobody"}, "template_unknown", "“nobody”", id="an unknown template"),
        pytest.param({"template": "draft"}, "template_not_approved", "not approved", id="not approved"),
        pytest.param({"parameters": ["Nombre"]}, "mapping_parameters", "2 parameters", id="too few"),
        pytest.param({"parameters": ["Nombre", "Deuda"]}, "mapping_column", "“Deuda”", id="no such column"),
        pytest.param({"parameters": ["Nombre", ""]}, "mapping_column", "each parameter", id="one left out"),
        pytest.param({"destination": ""}, "mapping_column", "holds the number", id="no destination"),
        pytest.param({"priority": "Deuda"}, "mapping_column", "“Deuda”", id="no such priority"),
    ],
)
def test_a_choice_that_will_not_do_says_why(
    provider: Provider, dialer: Dialer, changes: dict[str, object], code: str, part: str
) -> None:
    make_template(provider, "draft", "{{1}} and {{2}}", state="in_analysis")
    base = loaded(dialer, FILE)
    with pytest.raises(Refusal) as caught:
        apply_mapping(base, choice(**changes), None)
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert part in caught.value.sentence
    base.refresh_from_db()
    assert (base.state, base.mapping) == (BaseState.FAILED, None)


def test_a_started_base_keeps_its_columns(dialer: Dialer) -> None:
    base = mapped(loaded(dialer, FILE), choice())
    bases.start(base, None, NOW)
    with pytest.raises(Refusal) as caught:
        apply_mapping(base, choice(), None)
    assert caught.value.code == "not_ready"
    assert Row.objects.filter(base=base).count() == 2


def test_a_file_without_a_header_has_no_columns_to_choose(dialer: Dialer) -> None:
    with pytest.raises(Refusal) as caught:
        apply_mapping(loaded(dialer, f"{PHONE};Hello"), choice(), None)
    assert caught.value.code == "no_header"


@pytest.mark.parametrize("language", ["en", "pt_BR"], ids=["the dialer's language", "another language"])
def test_the_report_of_a_mapped_file_is_mended_and_uploaded(
    provider: Provider, dialer: Dialer, language: str
) -> None:
    make_template(provider, "greeting", "{{1}} {{2}}")
    make_template(provider, "greeting", "{{1}} {{2}}", language="pt_BR")
    Dialer.objects.update(language="en")
    dialer.refresh_from_db()
    file = f'{HEADER}\nAna;12;"9:00; hs";10\nBea;{PHONE};1;2\n'
    base = mapped(loaded(dialer, file), choice(template="greeting", language=language))
    mended = "".join(error_report(base)).replace(";12;", f";{PHONE};")
    row = Row.objects.get(base=loaded(dialer, mended))
    assert row.content == {"code": "greeting", "language": language, "parameters": ["Ana", "9:00; hs"]}
    assert (row.address, row.extra) == (PHONE, {"Saldo": "10"})


def test_a_mapped_line_that_was_too_short_is_mended_in_the_report_where_it_is_empty(dialer: Dialer) -> None:
    base = mapped(loaded(dialer, f"{HEADER}\nAna;{PHONE}\nBea;{PHONE};1;2\n"), choice())
    report = "".join(error_report(base))
    assert "2 columns, fewer than the 4 that the header names" in report
    row = Row.objects.get(base=loaded(dialer, report.replace(":Ana:;", ":Ana:77;")))
    assert (row.address, row.content["parameters"]) == (PHONE, ["Ana", "77"])


@pytest.mark.parametrize(
    ("content", "header"),
    [
        pytest.param(f"nombre;cel;monto\nAna;{PHONE};10\n", True, id="names of one's own"),
        pytest.param(f"nombre,cel,monto\nAna,{PHONE},10\n", True, id="with commas"),
        pytest.param(f"Other;nobody;Hello\nWavyDialer;{PHONE};Hello\n", False, id="lines of the dialer's"),
        pytest.param(f"abc;Hello\n{PHONE};Hello\n", False, id="two columns, the first number wrong"),
        pytest.param(f"WavyDialer;x;Hello;y\nOther;{PHONE};Hello;1\n", False, id="the dialer's name first"),
        pytest.param(f"a;b;hsm:welcome\nOther;{PHONE};Hello\n", False, id="a message in the first line"),
        pytest.param("a;b;c\nd;e;f\n", False, id="no number anywhere"),
    ],
)
def test_only_what_cannot_be_a_line_is_taken_for_a_header(dialer: Dialer, content: str, header: bool) -> None:
    base = loaded(dialer, content)
    assert bool(base.found.get("header")) == header
    assert base.lines == (0 if header else 2)


def test_the_ttl_of_a_template_goes_with_its_rows(dialer: Dialer) -> None:
    Template.objects.update(ttl=2)
    base = mapped(loaded(dialer, FILE), choice())
    assert {row.content["ttl"] for row in Row.objects.filter(base=base)} == {2}
    assert loaded(dialer, f"{PHONE};hsm:welcome").rows.get().content["ttl"] == 2
