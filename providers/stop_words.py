"""Which messages opt their sender out: a word that is the whole message, however it is written."""

import unicodedata

OUTER = ("P", "Z", "C")  # punctuation, blanks, invisible characters


def normal(text: str) -> str:
    """A message as it is compared: no case, no accents, one blank between words, no signs around it.

    A sign that is no punctuation, such as an emoji, stays.
    """
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character) and unicodedata.category(character) != "Cf"
    )
    start, end = 0, len(plain)
    while start < end and _outer(plain[start]):
        start += 1
    while end > start and _outer(plain[end - 1]):
        end -= 1
    return " ".join(plain[start:end].split())


def _outer(character: str) -> bool:
    return unicodedata.category(character)[0] in OUTER


def words_of(lines: str) -> frozenset[str]:
    """The words of a setting, one a line, as messages are compared with them."""
    return frozenset(filter(None, map(normal, lines.splitlines())))
