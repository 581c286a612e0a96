"""Lines become rows: numbers, patterns, priorities, templates and texts, each refusal with what to do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialers.columns import STANDARD
from dialers.lines import Draft, LineReader
from dialers.models import Dialer
from dialers.reader import Line
from providers.errors import Refusal
from providers.models import Provider, Template
from providers.models.template import TemplateState
from providers.numbers import calling_code_of
from tests.dialers.files import STEADY, lines_of
from tests.factories import make_provider, make_template

PHONE = "59899123456"
GUIDE = "hsm:chatclub_open_session_v2:Integra:Operation Performed"


def draft(dialer: Dialer, text: str) -> Draft:
    (line,) = lines_of(text)
    return LineReader(dialer).draft(line)


def refusal(dialer: Dialer, text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        draft(dialer, text)
    assert caught.value.status == 400
    return caught.value


def read_by_customer(dialer: Dialer, text: str) -> str:
    made = draft(dialer, text)
    if made.kind == "text":
        return str(made.content["text"])
    template = Template.objects.get(code=made.content["code"], language=made.content["language"])
    return template.render(made.content["parameters"])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        pytest.param(
            f"WavyDialer;{PHONE};{GUIDE};9999",
            "Integra reports:\nOperation Performed",
            id="the guide's CSV example",
        ),
        pytest.param(
            f"WavyDialer;{PHONE};hsm:appointment:tomorrow:12:00 PM;9999",
            "Your appointment is coming up on tomorrow at 12:00 PM",
            id="the guide's appointment, with a colon in the time",
        ),
        pytest.param(
            f"WavyDialer;{PHONE};'Your appointment is coming up on tomorrow at 12:00 PM';9999",
            "'Your appointment is coming up on tomorrow at 12:00 PM'",
            id="the same as plain text",
        ),
    ],
)
def test_the_guides_own_examples_read_as_in_the_guide(dialer: Dialer, line: str, text: str) -> None:
    assert read_by_customer(dialer, line) == text


@pytest.mark.parametrize(
    ("message", "parameters"),
    [
        pytest.param("hsm:appointment:a:b", ["a", "b"], id="as many as wanted"),
        pytest.param("hsm:appointment:a:b:c:d", ["a", "b:c:d"], id="the last takes the remaining colons"),
        pytest.param(r"hsm:appointment:at 9\:00:b", ["at 9:00", "b"], id="an escaped colon in the first"),
        pytest.param(r"hsm:appointment:a:12\:00 PM", ["a", "12:00 PM"], id="an escaped colon in the last"),
        pytest.param("hsm:appointment:a:https://x.uy/y", ["a", "https://x.uy/y"], id="a link in the last"),
        pytest.param("HSM:appointment:a:b", ["a", "b"], id="capital letters"),
        pytest.param("hsm: appointment :a:b", ["a", "b"], id="blanks around the code"),
        pytest.param("hsm:welcome", [], id="a template without parameters"),
        pytest.param("hsm:notice:one: two", ["one: two"], id="one parameter with a colon"),
    ],
)
def test_parameters_are_split_at_their_colons(dialer: Dialer, message: str, parameters: list[str]) -> None:
    made = draft(dialer, f"{PHONE};{message}")
    assert (made.kind, made.content["parameters"]) == ("hsm", parameters)


@pytest.mark.parametrize(
    ("message", "code", "part"),
    [
        pytest.param("hsm:appointment:a", "template_parameters", "takes 2 parameters, not 1", id="too few"),
        pytest.param("hsm:appointment", "template_parameters", "takes 2 parameters, not 0", id="none at all"),
        pytest.param(
            r"hsm:appointment:12\:00", "template_parameters", "not 1", id="an escaped colon separates nothing"
        ),
        pytest.param("hsm:welcome:a", "template_parameters", "takes 0 parameters, not 1", id="too many"),
        pytest.param("hsm:appointment::b", "template_parameters", "Parameter 1 is empty", id="empty"),
        pytest.param("hsm:appointment:a: ", "template_parameters", "Parameter 2 is empty", id="blank"),
        pytest.param("hsm:appointment:a    b:c", "template_parameters", "four blanks", id="four blanks"),
        pytest.param("hsm:nobody:a", "template_unknown", "“nobody”", id="unknown template"),
        pytest.param("hsm:", "template_unknown", "no template “”", id="no code"),
        pytest.param("hsm:Appointment:a:b", "template_unknown", "“Appointment”", id="another spelling"),
        pytest.param("hsm:draft", "template_not_approved", "in analysis", id="not approved yet"),
        pytest.param("", "no_message", "empty", id="no message"),
        pytest.param("x" * 4097, "too_long", "4097", id="too long for WhatsApp"),
    ],
)
def test_a_message_that_will_not_do_says_why(
    provider: Provider, dialer: Dialer, message: str, code: str, part: str
) -> None:
    make_template(provider, "draft", "Soon", state=TemplateState.IN_ANALYSIS)
    why = refusal(dialer, f"WavyDialer;{PHONE};{message};1")
    assert why.code == code
    assert part in why.sentence


@pytest.mark.parametrize(
    ("message", "text"),
    [
        pytest.param("See you at 12:00 PM", "See you at 12:00 PM", id="colons stay"),
        pytest.param(r"See you at 12\:00 PM", "See you at 12:00 PM", id="an escaped colon is a colon"),
        pytest.param("hsmart: buy", "hsmart: buy", id="only hsm: is a template"),
        pytest.param("x" * 4096, "x" * 4096, id="as long as WhatsApp takes"),
        pytest.param("¡Olé! 🎉", "¡Olé! 🎉", id="beyond ASCII"),
    ],
)
def test_a_plain_text_goes_as_it_is(dialer: Dialer, message: str, text: str) -> None:
    made = draft(dialer, f"{PHONE};{message}")
    assert (made.kind, made.content) == ("text", {"text": text})


@pytest.mark.parametrize(
    ("languages", "wanted", "chosen"),
    [
        pytest.param(["es"], "", "es", id="the only one there is"),
        pytest.param(["es", "pt_BR"], "pt_BR", "pt_BR", id="the dialer's"),
        pytest.param(["es", "pt_BR"], "", None, id="several, and the dialer names none"),
        pytest.param(["es"], "pt_BR", None, id="not the one that the dialer names"),
    ],
)
def test_the_dialer_chooses_the_language(
    provider: Provider, dialer: Dialer, languages: list[str], wanted: str, chosen: str | None
) -> None:
    for language in languages:
        make_template(provider, "greeting", f"{{{{1}}}} in {language}", language=language)
    dialer.language = wanted
    if chosen:
        assert draft(dialer, f"{PHONE};hsm:greeting:x").content["language"] == chosen
    else:
        assert all(language in refusal(dialer, f"{PHONE};hsm:greeting:x").sentence for language in languages)


@pytest.mark.parametrize(
    ("raw", "priority"),
    [("1", 1), ("9999", 9999), ("", 9999), ("0042", 42)],
    ids=["first", "last", "none is the last", "leading zeros"],
)
def test_a_priority_is_read(dialer: Dialer, raw: str, priority: int) -> None:
    assert draft(dialer, f"WavyDialer;{PHONE};Hello;{raw}").priority == priority


@pytest.mark.parametrize(
    "raw",
    ["0", "10000", "-1", "1.5", "high", "²", pytest.param("9" * 5000, id="more digits than a number holds")],
)
def test_a_priority_outside_1_to_9999_is_refused(dialer: Dialer, raw: str) -> None:
    why = refusal(dialer, f"WavyDialer;{PHONE};Hello;{raw}")
    assert why.code == "priority"
    assert "1 (first) to 9999 (last)" in why.sentence


@pytest.mark.parametrize(
    ("changes", "line", "code", "part"),
    [
        pytest.param({}, f"Other;{PHONE};Hello;1", "other_dialer", "“Other”", id="another dialer's name"),
        pytest.param({}, f"Other;{PHONE};Hello", "other_dialer", "“Other”", id="its name, three columns"),
        pytest.param({}, f"Other;{PHONE};12345", "other_dialer", "“Other”", id="its name, digits for a text"),
        pytest.param(
            {}, "WavyDialer;5,98991E+10;Hello;1", "number_spreadsheet", "spreadsheet", id="5,98991E+10"
        ),
        pytest.param({}, "5,98991E+10;Hello;1", "number_spreadsheet", "spreadsheet", id="5,98991E+10 first"),
        pytest.param({}, "WavyDialer;;Hello;1", "number_empty", "empty", id="no number"),
        pytest.param(
            {}, "WavyDialer;099123456;Hello;1", "number_country", "country code", id="no country code"
        ),
        pytest.param({}, "WavyDialer;O99123456;Hello;1", "number_characters", "letters", id="a letter O"),
        pytest.param({}, f"{PHONE};Hello; you", "priority", "“you”", id="a bare separator in the message"),
        pytest.param({}, f"{PHONE};a;b;c;d", "columns", "5 columns", id="too many columns"),
        pytest.param({}, "Hello", "columns", "1 column instead", id="too few columns"),
        pytest.param({}, f'{PHONE};"Hello', "quotes", "not closed", id="a quote that is not closed"),
        pytest.param(
            {"dialing_chain": "^55"},
            f"{PHONE};Hello",
            "number_refused",
            "chain “^55”",
            id="the chain says no",
        ),
        pytest.param(
            {"default_country": "ZZ"}, f"{PHONE};Hello", "default_country", "“ZZ”", id="no country at all"
        ),
    ],
)
def test_a_line_that_will_not_do_says_why(
    dialer: Dialer, changes: dict[str, str], line: str, code: str, part: str
) -> None:
    for name, value in changes.items():
        setattr(dialer, name, value)
    why = refusal(dialer, line)
    assert why.code == code
    assert part in why.sentence


def test_the_providers_regexp_says_no(dialer: Dialer) -> None:
    dialer.provider.sms_regexp = "^55"
    why = refusal(dialer, f"{PHONE};Hello")
    assert why.code == "number_refused"
    assert "SMS RegExp “^55”" in why.sentence


def test_patterns_are_searched_anywhere_in_the_digits(dialer: Dialer) -> None:
    dialer.dialing_chain = "9912"
    assert draft(dialer, "+598 99 123 456;Hello").address == PHONE


def test_a_default_country_is_put_in_front(dialer: Dialer) -> None:
    dialer.default_country = "UY"
    assert draft(dialer, "099 123 456;Hello").address == PHONE


WRITTEN = st.text("0123456789+ -().", min_size=1, max_size=18)
COUNTRIES = st.sampled_from(["", "AR", "BR", "MX", "UY", "US"])


def is_within(short: str, long: str) -> bool:
    """Whether the characters of `short` appear in `long` in their order."""
    rest = iter(long)
    return all(character in rest for character in short)


@pytest.mark.django_db
@STEADY
@given(
    number=WRITTEN | st.from_regex(r"(0?1[15]|011|044|549?|55)[2-9]\d{7,9}", fullmatch=True),
    country=COUNTRIES,
)
def test_no_digit_is_ever_invented(number: str, country: str) -> None:
    dialer = Dialer(name="D", provider=Provider(pk=0, name="P"), default_country=country)
    line = Line(1, number, dict(zip(STANDARD[1:3], (number, "Hello"), strict=True)))
    try:
        address = LineReader(dialer).draft(line).address
    except Refusal:
        return
    digits = "".join(filter(str.isdigit, number))
    assert is_within(address, digits) or is_within(address, calling_code_of(country) + digits)


ALPHABET = st.characters(exclude_characters="\r\n\t\x00", exclude_categories=("Cs", "Cc"))


@pytest.mark.django_db
@STEADY
@given(parameters=st.lists(st.text(ALPHABET, min_size=1, max_size=12), min_size=2, max_size=2))
def test_a_row_written_as_a_line_reads_as_the_same_row(parameters: list[str]) -> None:
    content: dict[str, Any] = {"code": "appointment", "language": "en", "parameters": parameters}
    reader = LineReader(Dialer(name="WavyDialer", provider=Provider(pk=0, name="P")))
    reader.templates.by_code = {
        "appointment": {"en": Template(code="appointment", language="en", parameters=2, body="")}
    }
    (line,) = lines_of(reader.as_line(Draft(1, PHONE, PHONE, 5, "hsm", content)))
    try:
        again = reader.draft(line)
    except Refusal as why:
        refused = why.code
    else:
        wanted = [parameters[0], parameters[1].rstrip()]
        assert (again.content["parameters"], again.priority) == (wanted, 5)
        return
    assert refused == "template_parameters"


def test_two_providers_keep_their_templates_apart(dialer: Dialer) -> None:
    other = make_provider("Other", "5511900000002")
    make_template(other, "theirs", "x")
    assert refusal(dialer, f"{PHONE};hsm:theirs").code == "template_unknown"
