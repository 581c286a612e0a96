"""What a file is, by its bytes: the few types that a page may show, and everything else as a mere download."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import puremagic
from django.utils.http import parse_header_parameters

HEAD = 8192  # bytes that are looked at
OTHER = "application/octet-stream"
LONGEST_NAME = 150

# By what puremagic calls the bytes: the type, and the ending of a name that has none.
KNOWN: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), ("image/jpeg", ".jpg")),
    ".png": ("image/png", ".png"),
    ".webp": ("image/webp", ".webp"),
    ".gif": ("image/gif", ".gif"),
    **dict.fromkeys((".ogg", ".oga", ".opus"), ("audio/ogg", ".ogg")),
    **dict.fromkeys((".mp3", ".mpga"), ("audio/mpeg", ".mp3")),
    **dict.fromkeys((".m4a", ".f4a"), ("audio/mp4", ".m4a")),
    ".aac": ("audio/aac", ".aac"),
    ".amr": ("audio/amr", ".amr"),
    ".wav": ("audio/wav", ".wav"),
    ".mp4": ("video/mp4", ".mp4"),
    **dict.fromkeys((".3gp", ".3ga", ".3gpp"), ("video/3gpp", ".3gp")),
    ".pdf": ("application/pdf", ".pdf"),
}
ENDINGS = dict(KNOWN.values())
# What may be sent, by its type: as what, and what providers call its format. Documents go by their name's ending.
SENDABLE: dict[str, tuple[str, str]] = {
    "image/jpeg": ("image", "JPG"),
    "image/png": ("image", "PNG"),
    "audio/ogg": ("audio", "OGG"),
    "audio/mpeg": ("audio", "MP3"),
    "audio/mp4": ("audio", "M4A"),
    "audio/aac": ("audio", "AAC"),
    "audio/amr": ("audio", "AMR"),
    "video/mp4": ("video", "MP4"),
    "video/3gpp": ("video", "3GP"),
    "application/pdf": ("document", "PDF"),
}
DOCUMENTS = frozenset(["doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "txt", "csv"])
# What a browser could run. Where the bytes may be one of these, nothing else that they may be counts.
ACTIVE = {".html", ".htm", ".xhtml", ".svg", ".xml", ".js", ".swf", ".mht", ".mhtml", ".exe", ".dll"}
# Voice notes come in the containers of videos.
AS_AUDIO = {"video/mp4": "audio/mp4", "video/3gpp": "audio/3gpp"}
SHOWN = {*ENDINGS, "audio/3gpp"} - {"application/pdf"}


def type_of(head: bytes, kind: str) -> str:
    """The type of a file that begins with `head` and came as a message of this kind.

    One of KNOWN's, else OTHER: what nobody knows, what a browser could run, and every office document.
    """
    try:
        found = [match.extension for match in puremagic.magic_string(head[:HEAD])]
    except (puremagic.PureError, ValueError):
        return OTHER
    if ACTIVE.intersection(found):
        return OTHER
    content_type = next((KNOWN[extension][0] for extension in found if extension in KNOWN), OTHER)
    return AS_AUDIO.get(content_type, content_type) if kind == "audio" else content_type


def sendable(head: bytes, name: str) -> tuple[str, str, str] | None:
    """Kind, the provider's word for the format, and type of a file that begins with `head`; None of what may not leave.

    A document is one by the ending of its name, unless its bytes are something that runs, or something else altogether.
    """
    content_type = type_of(head, "")
    if content_type in SENDABLE:
        return *SENDABLE[content_type], content_type
    ending = PurePosixPath(name).suffix[1:].lower()
    if content_type != OTHER or ending not in DOCUMENTS or runs(head):
        return None
    return "document", ending.upper(), OTHER


def runs(head: bytes) -> bool:
    """Whether the bytes may be something that a browser or a computer would run."""
    try:
        return not ACTIVE.isdisjoint(match.extension for match in puremagic.magic_string(head[:HEAD]))
    except (puremagic.PureError, ValueError):
        return False


def family(content_type: str) -> str:
    """image, audio or video where a page may show it as one, else "" for a download."""
    return content_type.partition("/")[0] if content_type in SHOWN else ""


def name_of(told: str, disposition: str, url: str, kind: str, content_type: str) -> str:
    """What a download is called: as its sender, else its server, else its address says, else by its kind.

    Never with a path, signs that turn the reading direction, or an ending that hides behind blanks.
    """
    candidates = (told, _told_by_server(disposition), _last_part(url))
    name = next((clean for clean in map(clean_name, candidates) if clean), "") or kind or "file"
    ending = ENDINGS.get(content_type, "")
    return name if PurePosixPath(name).suffix or not ending else name + ending


def clean_name(name: str) -> str:
    """The last part of a path, in signs that can be seen, at most LONGEST_NAME of them; its ending stays."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(sign if unicodedata.category(sign)[0] != "C" else "" for sign in last)
    tidy = " ".join(seen.split()).strip(" .")
    if len(tidy) <= LONGEST_NAME:
        return tidy
    ending = PurePosixPath(tidy).suffix[:10]
    return tidy[: LONGEST_NAME - len(ending)] + ending


def _told_by_server(disposition: str) -> str:
    """The name in a Content-Disposition; "" where it is written in no encoding that there is."""
    try:
        _value, parameters = parse_header_parameters(disposition)
    except (ValueError, LookupError):
        return ""
    return str(parameters.get("filename", ""))


def _last_part(url: str) -> str:
    """The end of an address, where it looks like the name of a file."""
    try:
        last = unquote(urlsplit(url).path).rpartition("/")[2]
    except ValueError:
        return ""
    return last if 1 < len(PurePosixPath(last).suffix) <= 6 else ""
