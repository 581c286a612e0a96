"""Which messages are a word that opts out: the whole message, however it is written."""

import pytest

from providers.models.rules import STOP_WORDS
from providers.stop_words import normal, words_of


@pytest.mark.parametrize(
    ("text", "opts_out"),
    [
        pytest.param("STOP", True, id="as it is configured"),
        pytest.param("stop", True, id="small letters"),
        pytest.param(" \n sToP\t", True, id="blanks around it"),
        pytest.param("Stop.", True, id="a full stop"),
        pytest.param("¡Baja!", True, id="exclamation marks"),
        pytest.param("stop ...", True, id="dots after a blank"),
        pytest.param("\u201cSalir\u201d", True, id="quotation marks"),
        pytest.param("SAÍR", True, id="an accent"),
        pytest.param("Sai\u0301r", True, id="an accent in two characters"),
        pytest.param("\u200bparar\ufeff", True, id="invisible characters"),
        pytest.param("ＳＴＯＰ", True, id="full-width letters"),
        pytest.param("pare", False, id="another form of the word"),
        pytest.param("stop please", False, id="a word more"),
        pytest.param("nonstop", False, id="a part of a word"),
        pytest.param("s t o p", False, id="blanks inside"),
        pytest.param("STOP 🙏", False, id="an emoji beside it"),
        pytest.param("🛑", False, id="an emoji"),
        pytest.param("", False, id="nothing"),
        pytest.param("...", False, id="signs alone"),
    ],
)
def test_a_word_opts_out_when_it_is_the_whole_message(text: str, opts_out: bool) -> None:
    assert (normal(text) in words_of(STOP_WORDS)) is opts_out


def test_a_configured_word_may_be_several_and_any_script() -> None:
    words = words_of("No  más\n\n ...\n退订\n🛑")

    assert words == {"no mas", "退订", "🛑"}
    assert normal("¡NO MAS!") in words
