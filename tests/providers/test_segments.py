"""SMS segments by 3GPP TS 23.038 and 23.040: 160/153 septets, 70/67 UTF-16 units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.segments import BASIC, EXTENSION, segments

ESCAPE = "\x1b"
# The default alphabet, row by row as the standard's table has its columns; code 0x1B escapes to the extension.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    f"Δ_ΦΓΛΩΠΨΣΘΞ{ESCAPE}ÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)


def test_the_alphabet_is_the_standards() -> None:
    assert len(TABLE) == 128
    assert sorted(BASIC) == sorted(TABLE.replace(ESCAPE, ""))
    assert set(EXTENSION) == {"\f", "^", "{", "}", "\\", "[", "~", "]", "|", "€"}


@pytest.mark.parametrize(
    ("text", "count", "used", "room"),
    [
        pytest.param("", 1, 0, 160, id="nothing"),
        pytest.param("a" * 160, 1, 160, 160, id="a full one"),
        pytest.param("a" * 161, 2, 8, 153, id="one more"),
        pytest.param("a" * 306, 2, 153, 153, id="two full parts"),
        pytest.param("a" * 307, 3, 1, 153, id="a third"),
        pytest.param("a" * 1280, 9, 56, 153, id="the longest that Wavy takes"),
        pytest.param("Ñandú".replace("ú", "ù"), 1, 5, 160, id="accents of the alphabet"),
        pytest.param("€" * 80, 1, 160, 160, id="the euro counts twice"),
        pytest.param("€" * 81, 2, 10, 153, id="and is never torn: 76 fit into a part of 153"),
        pytest.param("a" * 152 + "[" + "a" * 10, 2, 12, 153, id="an escape that would straddle two parts"),
        pytest.param("a" * 159 + "^", 2, 8, 153, id="one extended character too many"),
        pytest.param("ã" * 70, 1, 70, 70, id="a full one of UCS-2"),
        pytest.param("ã" * 71, 2, 4, 67, id="one more of UCS-2"),
        pytest.param("a" * 133 + "ç", 2, 67, 67, id="two full parts of UCS-2"),
        pytest.param("a" * 134 + "ç", 3, 1, 67, id="a third of UCS-2"),
        pytest.param("🎉" * 35, 1, 70, 70, id="an emoji is two units"),
        pytest.param("🎉" * 36, 2, 6, 67, id="and is never torn: 33 fit into a part of 67"),
    ],
)
def test_a_text_is_cut_as_a_phone_would(text: str, count: int, used: int, room: int) -> None:
    found = segments(text)
    assert (found.count, found.used, found.room) == (count, used, room)


@pytest.mark.parametrize(
    ("text", "forced_by"),
    [
        pytest.param("Olá, não", "á", id="the first of two"),
        pytest.param("It’s", "’", id="a curly apostrophe"),
        pytest.param("ç is not Ç", "ç", id="the small cedilla, which the table lacks"),
        pytest.param("ok 🎉", "🎉", id="an emoji"),
        pytest.param("{[€]}", "", id="the extension"),
        pytest.param("¿Mañana? à Ç", "", id="Spanish as the table has it"),
    ],
)
def test_the_character_that_forces_ucs2_is_named(text: str, forced_by: str) -> None:
    found = segments(text)
    assert (found.forced_by, found.ucs2) == (forced_by, bool(forced_by))


@given(st.text(alphabet=st.sampled_from(BASIC + EXTENSION + "ãç🎉"), max_size=400))
def test_a_segment_more_never_comes_of_less(text: str) -> None:
    """Whatever is cut off at the end, no more segments are needed; and none holds more than its room."""
    whole, shorter = segments(text), segments(text[:-1])
    assert shorter.count <= whole.count
    assert whole.used <= whole.room
