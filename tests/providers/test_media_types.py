"""What customers send is known by its bytes, and only pictures, sound and films are ever shown."""

import pytest

from providers.media_types import OTHER, clean_name, family, name_of, type_of

ZEROS = b"\x00" * 64
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + ZEROS


@pytest.mark.parametrize(
    ("head", "kind", "content_type"),
    [
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + ZEROS, "image", "image/jpeg", id="jpeg"),
        pytest.param(b"\xff\xd8\xff\xe1\x00\x10Exif\x00" + ZEROS, "image", "image/jpeg", id="jpeg of a camera"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + ZEROS, "image", "image/png", id="png"),
        pytest.param(b"RIFF\x24\x00\x00\x00WEBPVP8 " + ZEROS, "sticker", "image/webp", id="sticker"),
        pytest.param(b"GIF89a" + ZEROS, "image", "image/gif", id="gif"),
        pytest.param(b"OggS\x00\x02" + ZEROS[:20] + b"\x01\x13OpusHead" + ZEROS, "audio", "audio/ogg", id="voice note"),
        pytest.param(b"#!AMR\n" + ZEROS, "audio", "audio/amr", id="amr"),
        pytest.param(b"ID3\x03" + ZEROS, "audio", "audio/mpeg", id="mp3 with a title"),
        pytest.param(b"\xff\xfb\x90\x64" + ZEROS, "audio", "audio/mpeg", id="mp3"),
        pytest.param(b"\xff\xf1\x50\x80" + ZEROS, "audio", "audio/aac", id="aac"),
        pytest.param(b"RIFF\x24\x00\x00\x00WAVEfmt " + ZEROS, "audio", "audio/wav", id="wav"),
        pytest.param(b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + ZEROS, "audio", "audio/mp4", id="m4a"),
        pytest.param(MP4, "video", "video/mp4", id="mp4"),
        pytest.param(MP4, "audio", "audio/mp4", id="sound in mp4"),
        pytest.param(b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00" + ZEROS, "video", "video/3gpp", id="3gp"),
        pytest.param(b"%PDF-1.4\n" + ZEROS, "document", "application/pdf", id="pdf"),
        pytest.param(b"<!DOCTYPE html><script>alert(1)</script>", "image", OTHER, id="html"),
        pytest.param(b"<html><script>alert(1)</script>", "document", OTHER, id="html without a doctype"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image", OTHER, id="svg"),
        pytest.param(b"<?xml version='1.0'?><svg/>", "image", OTHER, id="svg in xml"),
        pytest.param(b"#!/bin/sh\nrm -rf /", "document", OTHER, id="script"),
        pytest.param(b"MZ" + ZEROS, "document", OTHER, id="program"),
        pytest.param(b"PK\x03\x04" + ZEROS, "document", OTHER, id="office document"),
        pytest.param(b"just words", "document", OTHER, id="words"),
        pytest.param(b"", "image", OTHER, id="nothing"),
    ],
)  # fmt: skip
def test_the_bytes_say_what_it_is(head: bytes, kind: str, content_type: str) -> None:
    assert type_of(head, kind) == content_type


@pytest.mark.parametrize(
    ("content_type", "shown_as"),
    [("image/png", "image"), ("audio/3gpp", "audio"), ("video/mp4", "video"), ("application/pdf", ""), (OTHER, ""),
     ("image/svg+xml", ""), ("text/html", "")],
)  # fmt: skip
def test_a_page_shows_pictures_sound_and_films_alone(content_type: str, shown_as: str) -> None:
    assert family(content_type) == shown_as


@pytest.mark.parametrize(
    ("told", "disposition", "url", "name"),
    [
        pytest.param("a.pdf", "attachment; filename=b.pdf", "http://x/c.pdf", "a.pdf", id="its sender first"),
        pytest.param("", "attachment; filename=b.pdf", "http://x/c.pdf", "b.pdf", id="then its server"),
        pytest.param(
            "", "attachment; filename*=UTF-8''n%C3%BAmero.pdf", "http://x/c", "número.pdf", id="accents"
        ),
        pytest.param("", "", "http://x/c%20d.pdf?key=1", "c d.pdf", id="then its address"),
        pytest.param("", "", "http://x/2f1c-9aa0", "document.pdf", id="an address that says nothing"),
        pytest.param("invoice", "", "", "invoice.pdf", id="the ending of its type"),
        pytest.param("", "attachment; filename=", "", "document.pdf", id="nothing at all"),
        pytest.param("", "attachment; filename*=moon'en'b%41.pdf", "", "document.pdf", id="no such encoding"),
        pytest.param("", "attachment; filename*=idna'en'b%ff.pdf", "", "document.pdf", id="an odd encoding"),
    ],
)
def test_a_download_has_a_name(told: str, disposition: str, url: str, name: str) -> None:
    assert name_of(told, disposition, url, "document", "application/pdf") == name


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param("C:\\x\\a.doc", "a.doc", id="a path of Windows"),
        pytest.param("photo\u202egpj.exe", "photogpj.exe", id="turned reading direction"),
        pytest.param("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf", id="a new line"),
        pytest.param("a" + " " * 90 + ".exe", "a .exe", id="an ending behind blanks"),
        pytest.param("..", "", id="dots"),
        pytest.param("x" * 300 + ".pdf", "x" * 146 + ".pdf", id="endless"),
    ],
)
def test_a_name_shows_what_it_is(name: str, clean: str) -> None:
    assert clean_name(name) == clean
