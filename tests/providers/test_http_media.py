"""Fetching what a stranger's address names: never inside the own network, never too much, never too long."""

import io
import socket
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from providers.http_addresses import Reach, Resolved
from providers.http_media import Bounds, Credentials, NotFetchedError, fetch
from tests.providers.file_server import (
    FileServer,
    certificate_for,
    dripping_body,
    dripping_headers,
    endless_body,
    file_server,
    redirect,
    reply,
    unless_headers,
)

NOBODY = Credentials()
HEADERS = {"UserName": "ana", "AuthenticationToken": "t0ken-secret"}
PUBLIC = "93.184.216.34"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as started:
        yield started


def bounds(*hosts: str, limit: int = 1000, seconds: float = 5) -> Bounds:
    return Bounds(Reach(frozenset(hosts)), limit, seconds)


def got(url: str, limits: Bounds, credentials: Credentials = NOBODY) -> bytes:
    into = io.BytesIO()
    fetch(url, into, limits, credentials)
    return into.getvalue()


def why_not(url: str, limits: Bounds, credentials: Credentials = NOBODY) -> str:
    with pytest.raises(NotFetchedError) as caught:
        got(url, limits, credentials)
    return caught.value.key


def resolving(*answers: list[Resolved]) -> tuple[Reach, list[str]]:
    """A resolver that answers each question with the next of these, and the questions."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[Resolved]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return Reach(resolve=resolve), asked


def at(*addresses: str) -> list[Resolved]:
    return [(socket.AF_INET6 if ":" in one else socket.AF_INET, one) for one in addresses]


# What comes


def test_a_file_comes_as_it_is_with_what_its_server_calls_it(server: FileServer) -> None:
    server.answers["/a.jpg"] = reply(200, b"\x00bytes", "Content-Disposition: inline; filename=beach.jpg")
    into = io.BytesIO()
    assert fetch(server.url("/a.jpg"), into, bounds(server.host), NOBODY) == "inline; filename=beach.jpg"
    assert into.getvalue() == b"\x00bytes"


def test_a_file_is_asked_for_uncompressed(server: FileServer) -> None:
    server.answers["/a"] = reply(200, b"x")
    got(server.url("/a"), bounds(server.host))
    assert "Accept-Encoding: identity" in server.requests[0]


def test_a_compressed_file_is_not_unpacked(server: FileServer) -> None:
    server.answers["/a"] = reply(200, b"\x1f\x8b", "Content-Encoding: gzip")
    assert why_not(server.url("/a"), bounds(server.host)) == "media_encoded"


@pytest.mark.parametrize(
    ("status", "key"),
    [
        pytest.param(401, "media_refused", id="asks for a password"),
        pytest.param(403, "media_refused", id="forbidden"),
        pytest.param(404, "media_missing", id="missing"),
        pytest.param(410, "media_gone", id="gone"),
        pytest.param(429, "media_trouble", id="too many requests"),
        pytest.param(500, "media_trouble", id="server trouble"),
        pytest.param(206, "media_trouble", id="a part that nobody asked for"),
    ],
)
def test_an_answer_without_a_file_is_named(server: FileServer, status: int, key: str) -> None:
    server.answers["/a"] = reply(status, b"words")
    assert why_not(server.url("/a"), bounds(server.host)) == key


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        pytest.param(reply(200, b"half", "Content-Length: 99"), "media_cut", id="half a file"),
        pytest.param(reply(200), "media_empty", id="an empty file"),
        pytest.param(b"what is this", "media_unreachable", id="no HTTP"),
        pytest.param(b"", "media_unreachable", id="closed without an answer"),
    ],
)
def test_a_broken_answer_is_named(server: FileServer, answer: bytes, key: str) -> None:
    server.answers["/a"] = answer
    assert why_not(server.url("/a"), bounds(server.host)) == key


# How much and how long


def test_an_announced_size_over_the_limit_is_not_even_read(server: FileServer) -> None:
    server.answers["/a"] = reply(200, b"", "Content-Length: 1001")
    assert why_not(server.url("/a"), bounds(server.host, limit=1000)) == "media_too_large"


def test_a_file_without_end_stops_at_the_limit(server: FileServer) -> None:
    server.answers["/a"] = endless_body
    assert why_not(server.url("/a"), bounds(server.host, limit=200_000)) == "media_too_large"


def test_a_file_of_exactly_the_limit_comes(server: FileServer) -> None:
    server.answers["/a"] = reply(200, b"x" * 1000)
    assert len(got(server.url("/a"), bounds(server.host, limit=1000))) == 1000


@pytest.mark.parametrize("slow", [dripping_body, dripping_headers])
def test_a_server_that_drips_is_cut_off(server: FileServer, slow: object) -> None:
    server.answers["/a"] = slow  # type: ignore[assignment]  # both are acts
    assert why_not(server.url("/a"), bounds(server.host, limit=10**9, seconds=0.4)) == "media_timeout"


# Where to


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("0.0.0.0", id="this host"),  # noqa: S104
        pytest.param("10.1.2.3", id="private 10"),
        pytest.param("172.16.0.1", id="private 172"),
        pytest.param("192.168.1.1", id="private 192"),
        pytest.param("169.254.169.254", id="link-local, where clouds keep their keys"),
        pytest.param("100.64.0.1", id="carrier-grade NAT"),
        pytest.param("192.0.0.8", id="protocol assignments"),
        pytest.param("198.18.0.1", id="benchmarks"),
        pytest.param("192.0.2.1", id="documentation"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("::1", id="loopback, IPv6"),
        pytest.param("::", id="unspecified, IPv6"),
        pytest.param("fe80::1%2", id="link-local, IPv6"),
        pytest.param("fc00::1", id="private, IPv6"),
        pytest.param("fec0::1", id="site-local, IPv6"),
        pytest.param("ff02::1", id="multicast, IPv6"),
        pytest.param("::ffff:127.0.0.1", id="mapped loopback"),
        pytest.param("::ffff:169.254.169.254", id="mapped link-local"),
        pytest.param("::127.0.0.1", id="compatible loopback"),
        pytest.param("64:ff9b::7f00:1", id="translated loopback"),
        pytest.param("2002:7f00:1::", id="6to4 loopback"),
        pytest.param("2001:0:5ef5:79fd:0:59d:a0e5:ba1", id="Teredo"),
    ],
)
def test_a_name_that_leads_inside_is_not_followed(address: str) -> None:
    reach, _asked = resolving(at(address))
    assert why_not("https://files.example/a", Bounds(reach, 10, 1)) == "media_address"


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_a_public_address_is_allowed(address: str) -> None:
    reach, _asked = resolving(at(address))
    assert reach.addresses("files.example", 443) == at(address)


def test_one_inside_address_among_public_ones_is_enough_to_refuse() -> None:
    reach, _asked = resolving(at(PUBLIC, "10.0.0.1"))
    assert why_not("https://files.example/a", Bounds(reach, 10, 1)) == "media_address"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "localhost", "LOCALHOST."]
)
def test_the_own_machine_is_refused_in_every_spelling(server: FileServer, host: str) -> None:
    assert why_not(f"http://{host}:8080/a", bounds()) == "media_address"


def test_a_public_network_of_our_own_can_be_forbidden() -> None:
    answer = at(PUBLIC)
    reach = Reach(forbidden=(ip_network("93.184.216.0/24"),), resolve=lambda *_: answer)
    assert why_not("https://files.example/a", Bounds(reach, 10, 1)) == "media_address"


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
def test_other_services_are_not_talked_to(port: int) -> None:
    reach, asked = resolving(at(PUBLIC))
    assert why_not(f"http://files.example:{port}/", Bounds(reach, 10, 1)) == "media_address"
    assert asked == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://files.example/a", "gopher://x/", "//files.example/a", "a.jpg", "", "http://",
     "http://files.example:99999/", "data:text/plain,x"],
)  # fmt: skip
def test_only_web_addresses_are_addresses(url: str) -> None:
    assert why_not(url, bounds()) == "media_url"


def test_a_name_that_does_not_exist_is_unreachable() -> None:
    assert why_not("https://nowhere.invalid/a", bounds()) == "media_unreachable"


def test_the_connection_goes_to_the_address_that_was_checked(server: FileServer) -> None:
    """The name cannot be found by anybody else: whoever looked it up again would fail."""
    server.answers["/a"] = reply(200, b"x")
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[Resolved]:
        asked.append(host)
        return at("127.0.0.1")

    name = f"files.invalid:{server.port}"
    reach = Reach(frozenset({name}), resolve=resolve)
    assert got(f"http://{name}/a", Bounds(reach, 10, 5)) == b"x"
    assert asked == ["files.invalid"]
    assert f"Host: {name}" in server.requests[0]


def test_a_name_that_moves_inside_after_the_check_gains_nothing(server: FileServer) -> None:
    """Each connection asks once and goes where that answer said; the second answer is checked anew."""
    reach, asked = resolving(at("127.0.0.1"), at(PUBLIC))
    assert why_not("http://files.example:8080/a", Bounds(reach, 10, 1)) == "media_address"
    assert (asked, server.requests) == (["files.example"], [])


def test_a_private_host_is_reached_on_the_port_that_is_named(server: FileServer) -> None:
    assert why_not(server.url("/a"), bounds("127.0.0.1:1")) == "media_address"
    assert server.requests == []


# Redirects


def test_a_redirect_is_followed(server: FileServer) -> None:
    server.answers |= {"/a": redirect("/b"), "/b": reply(200, b"x")}
    assert got(server.url("/a"), bounds(server.host)) == b"x"


@pytest.mark.parametrize(
    "inside", ["http://127.0.0.1:8080/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"]
)
def test_a_redirect_to_the_inside_is_not(server: FileServer, inside: str) -> None:
    server.answers["/a"] = redirect(inside)
    assert why_not(server.url("/a"), bounds(server.host)) == "media_address"


def test_a_redirect_to_another_kind_of_address_is_not(server: FileServer) -> None:
    server.answers["/a"] = redirect("file:///etc/passwd")
    assert why_not(server.url("/a"), bounds(server.host)) == "media_url"


def test_redirects_in_a_circle_end(server: FileServer) -> None:
    server.answers["/a"] = redirect("/a")
    assert why_not(server.url("/a"), bounds(server.host)) == "media_redirects"
    assert len(server.requests) == 6


# The account's headers


def account(server: FileServer) -> Credentials:
    return Credentials(HEADERS, frozenset({f"http://{server.host}"}))


@pytest.mark.parametrize("status", [401, 403, 404])
def test_the_headers_come_only_once_they_are_asked_for(server: FileServer, status: int) -> None:
    server.answers["/a"] = unless_headers(reply(200, b"x"), "t0ken-secret", status)
    assert got(server.url("/a"), bounds(server.host), account(server)) == b"x"
    first, second = server.requests
    assert "t0ken-secret" not in first
    assert "UserName: ana" in second


def test_what_comes_without_them_never_sees_them(server: FileServer) -> None:
    server.answers["/a"] = reply(200, b"x")
    got(server.url("/a"), bounds(server.host), account(server))
    assert "t0ken-secret" not in "".join(server.requests)


def test_a_stranger_who_asks_for_them_does_not_get_them(server: FileServer) -> None:
    server.answers["/a"] = reply(401)
    elsewhere = Credentials(HEADERS, frozenset({f"http://127.0.0.1:{server.port + 1}"}))
    assert why_not(server.url("/a"), bounds(server.host), elsewhere) == "media_refused"
    assert "t0ken-secret" not in "".join(server.requests)


def test_they_do_not_follow_a_redirect_to_a_stranger(server: FileServer) -> None:
    with file_server() as stranger:
        stranger.answers["/b"] = reply(401)
        server.answers["/a"] = unless_headers(redirect(stranger.url("/b")), "t0ken-secret")
        limits = bounds(server.host, stranger.host)
        assert why_not(server.url("/a"), limits, account(server)) == "media_refused"
        assert "t0ken-secret" in server.requests[1]
        assert "t0ken-secret" not in "".join(stranger.requests)


# TLS


def test_the_certificate_is_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, bundle = certificate_for("files.invalid", tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with file_server(tls) as server:
        server.answers["/a"] = reply(200, b"x")
        names = [f"{name}.invalid:{server.port}" for name in ("files", "other")]
        reach = Reach(frozenset(names), resolve=lambda *_: at("127.0.0.1"))
        assert got(f"https://{names[0]}/a", Bounds(reach, 10, 5)) == b"x"
        assert why_not(f"https://{names[1]}/a", Bounds(reach, 10, 5)) == "media_unreachable"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    tls, _bundle = certificate_for("files.invalid", tmp_path)
    with file_server(tls) as server:
        name = f"files.invalid:{server.port}"
        reach = Reach(frozenset({name}), resolve=lambda *_: at("127.0.0.1"))
        assert why_not(f"https://{name}/a", Bounds(reach, 10, 5)) == "media_unreachable"
        assert server.requests == []
