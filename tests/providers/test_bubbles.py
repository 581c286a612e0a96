"""A template as WhatsApp shows it: formatted, filled in, and nothing of it taken for HTML."""

import pytest

from providers.bubbles import bubble_of, formatted
from tests.factories import make_provider, make_template


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("*bold*", "<strong>bold</strong>"),
        ("_italic_, ~struck~", "<em>italic</em>, <s>struck</s>"),
        ("```a *b*```", "<code>a *b*</code>"),
        ("*bold _and italic_*", "<strong>bold <em>and italic</em></strong>"),
        ("two *words* and *two*", "two <strong>words</strong> and <strong>two</strong>"),
        ("snake_case_name", "snake_case_name"),
        ("2*3*4", "2*3*4"),
        ("* not bold*", "* not bold*"),
        ("*not bold *", "*not bold *"),
        ("*not\nbold*", "*not\nbold*"),
        ("**", "**"),
        ("(*bold*)!", "(<strong>bold</strong>)!"),
        ("é*no*é", "é*no*é"),
        ("*<script>*", "<strong>&lt;script&gt;</strong>"),
        ('<b onclick="x">', "&lt;b onclick=&quot;x&quot;&gt;"),
        ("```</code><script>```", "<code>&lt;/code&gt;&lt;script&gt;</code>"),
        ("*a _b* c_", "<strong>a _b</strong> c_"),
    ],
)
def test_marks_become_tags_and_all_else_is_escaped(text: str, html: str) -> None:
    assert formatted(text) == html


@pytest.mark.django_db
def test_a_bubble_has_header_footer_and_buttons() -> None:
    template = make_template(
        make_provider(), body="Hello *{{1}}*, {{2}}", header="News", footer="STOP ends it", buttons=["Yes"]
    )

    bubble = bubble_of(template, ["<Ana>"])

    assert bubble.text == "Hello <strong>&lt;Ana&gt;</strong>, {{2}}"
    assert (bubble.header, bubble.footer, bubble.buttons) == ("News", "STOP ends it", ("Yes",))
