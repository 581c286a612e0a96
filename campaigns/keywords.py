"""The words of keyword answers: how they are written, and how a customer's message is compared with them."""

import re
from collections.abc import Iterable

from providers.stop_words import normal


def split_words(text: str) -> list[str]:
    """The words of a text, separated by commas, semicolons or line breaks, as messages are compared with them.

    Without case, accents and outer signs, one blank between the parts of a phrase, each once, in order.
    """
    return list(dict.fromkeys(filter(None, map(normal, re.split(r"[,;\n]", text)))))


def joined(words: Iterable[str]) -> str:
    """Words as they are stored."""
    return ", ".join(words)
