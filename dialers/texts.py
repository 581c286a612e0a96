"""From a file's bytes to numbered lines of text: the encoding, the ends of lines, the digest. In flat memory."""

import codecs
import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from providers.errors import Refusal

CHUNK = 1 << 20  # bytes, or characters
HEAD = 1 << 16
LONGEST_LINE = 1 << 16  # characters; a file without ends of lines must not be held whole
BLANK = " \t;,\ufeff"  # what a blank line is made of
# What Office files, PDFs and archives begin with.
BINARY = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
UTF16 = "utf-16"  # with its mark, as Excel's “Unicode Text” has it


class Block(NamedTuple):
    """Lines that follow each other, blank ones too, without their ends; `first` is the number of the first."""

    first: int
    texts: list[str]


def refuse_binary(head: bytes) -> None:
    """Raises Refusal `not_text` for what is plainly no text, from a file's first bytes."""
    if head.startswith(BINARY) or (b"\x00" in head and not _is_utf16(head)):
        raise not_text()


def _is_utf16(head: bytes) -> bool:
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def not_text() -> Refusal:
    """What is said of a file that is neither text nor a sheet."""
    return Refusal(
        "not_text",
        _(
            "This file is not text. Save the sheet as CSV (UTF-8, separated by semicolons) "
            "or .xlsx and upload that."
        ),
        status=400,
    )


def examine(file: BinaryIO) -> tuple[str, str]:
    """The encoding of a seekable file and its SHA-256 in hex. Raises Refusal `not_text`.

    UTF-8 where the file says so or most of its lines agree, else Windows-1252. Never Latin-1: Excel's dashes
    would be lost. One broken line must not garble the accents of the others. UTF-16 only with its mark and without
    a fault: past one, nobody knows where a character begins.
    """
    file.seek(0)
    head = file.read(HEAD)
    refuse_binary(head)
    if _is_utf16(head):
        return UTF16, _examine_utf16(file)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    chunk, valid = head, True
    while chunk:
        if b"\x00" in chunk:
            raise not_text()
        digest.update(chunk)
        valid = valid and _decodes(decoder, chunk, final=False)
        chunk = file.read(CHUNK)
    utf8 = (
        (valid and _decodes(decoder, b"", final=True))
        or head.startswith(codecs.BOM_UTF8)
        or _mostly_utf8(file)
    )
    return "utf-8-sig" if utf8 else "cp1252", digest.hexdigest()


def _examine_utf16(file: BinaryIO) -> str:
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder(UTF16)()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise not_text() from error
        if "\x00" in text:
            raise not_text()
    if not _decodes(decoder, b"", final=True):
        raise not_text()
    return digest.hexdigest()


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    agreeing = 0
    for line in file:
        if not line.isascii():
            decoder = codecs.getincrementaldecoder("utf-8")()
            agreeing += 1 if _decodes(decoder, line, final=True) else -1
    return agreeing > 0


def blocks(file: BinaryIO, encoding: str) -> Iterator[Block]:
    """The whole file, about a MiB at a time. Of a line longer than LONGEST_LINE the middle may be left out."""
    file.seek(0)
    wrapper = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline=None)
    number, rest = 1, ""
    try:
        while chunk := wrapper.read(CHUNK):
            texts = (rest + chunk).split("\n")
            rest = texts.pop()[: LONGEST_LINE + 1]
            if texts:
                yield Block(number, texts)
                number += len(texts)
        if rest:
            yield Block(number, [rest])
    finally:
        wrapper.detach()


def numbered(file: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers (1 = the file's first)."""
    for block in blocks(file, encoding):
        for number, text in enumerate(block.texts, block.first):
            if text.strip(BLANK):
                yield number, text
