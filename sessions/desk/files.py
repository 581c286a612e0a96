"""Hands out the stored file of a message: in parts where asked, and never as something that a browser runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files import File
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from providers import media_types
from providers.errors import Refusal
from providers.models import Media, MediaState

CHUNK = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Kept by the browser, but asked for anew each time: whoever may see it no more does not.
    "Cache-Control": "private, no-cache",
}


# To whom the address alone opens it: other sites' pages may show it, search engines are to leave it.
TO_ANYBODY = {"Cross-Origin-Resource-Policy": "cross-origin", "X-Robots-Tag": "noindex"}


def file_response(request: HttpRequest, media: Media) -> HttpResponseBase:
    """The file, whole or the one range that was asked for; 304 for who has it, 416 for a range outside.

    Shown in place where it is a picture, sound or a film, unless `?download` asks for a download; everything else
    is always one. Raises Refusal: 404 `media_not_here`, 503 `media_storage` where the storage does not answer.
    """
    if media.state != MediaState.STORED or media.size is None:
        raise Refusal("media_not_here", _("This file is not here, or not yet."), status=404)
    tag = f'"{media.pk}-{media.size}"'
    if request.headers.get("If-None-Match") == tag:
        return _with_headers(HttpResponse(status=304), media, tag, request)
    asked = asked_range(request.headers.get("Range", ""), media.size)
    if asked is None:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{media.size}"})
        return _with_headers(response, media, tag, request)
    start, end = asked
    part = _pieces(_opened(media), start, end - start)
    partial = (start, end) != (0, media.size)
    streamed = StreamingHttpResponse(part, status=206 if partial else 200)
    streamed["Content-Length"] = str(end - start)
    if partial:
        streamed["Content-Range"] = f"bytes {start}-{end - 1}/{media.size}"
    return _with_headers(streamed, media, tag, request)


def asked_range(header: str, size: int) -> tuple[int, int] | None:
    """The bytes from and up to (not with) that a Range header asks for: the whole file without one, and where it
    asks for several or makes no sense; None where it lies outside."""
    match = RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return 0, size
    first, last = match.groups()
    if first == "":
        return (max(0, size - int(last)), size) if int(last) else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return 0, size
    return (start, end) if start < size else None


def _opened(media: Media) -> File[Any]:
    try:
        opened: File[Any] = media.file.storage.open(str(media.file.name))
    except FileNotFoundError as error:
        raise Refusal("media_not_here", _("This file is not here, or not yet."), status=404) from error
    except OSError as error:
        sentence = _("The storage of files does not answer. Try again in a moment.")
        raise Refusal("media_storage", sentence, status=503) from error
    return opened


def _pieces(file: File[Any], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(CHUNK, length))):
            length -= len(piece)
            yield piece


def _with_headers(
    response: HttpResponseBase, media: Media, tag: str, request: HttpRequest
) -> HttpResponseBase:
    in_place = bool(media_types.family(media.content_type)) and "download" not in request.GET
    known = media.content_type in {*media_types.SHOWN, *media_types.ENDINGS}
    response["Content-Type"] = media.content_type if known else media_types.OTHER
    disposition = content_disposition_header(not in_place, media.name or str(media.pk))
    response["Content-Disposition"] = disposition or "attachment"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    for name, value in HARMLESS.items():
        response[name] = value
    return response
