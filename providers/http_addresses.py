"""Which addresses a stranger's URL may lead to: public ones, and those that the installation names."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolved = tuple[int, str]  # address family, address
Resolve = Callable[[str, int], list[Resolved]]

PORTS = (80, 443, 8080, 8443)
TRANSLATED = ip_network("64:ff9b::/96")  # how a network without IPv4 spells an IPv4 address
OWN = ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fec0::/10")
_OWN = tuple(ip_network(text) for text in OWN)


class ForbiddenAddressError(Exception):
    """The name, or the address itself, is none that a stranger may send us to."""


def resolve(host: str, port: int) -> list[Resolved]:
    """The system's answer; an IPv4 address in any spelling is its own. Raises OSError where there is none."""
    with suppress(OSError):
        return [(socket.AF_INET, socket.inet_ntoa(socket.inet_aton(host)))]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, str(address[0])) for family, _type, _protocol, _name, address in found]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where connections may lead.

    `private_hosts` are exceptions, `host` or `host:port` as the URL spells them; `forbidden` are public networks of
    our own that are out of bounds too.
    """

    private_hosts: frozenset[str] = frozenset()
    forbidden: tuple[Network, ...] = ()
    resolve: Resolve = field(default=resolve)

    def addresses(self, host: str, port: int) -> list[Resolved]:
        """Every address of the host, each one allowed: connect to these and to none that is looked up later.

        Raises ForbiddenAddressError, also where only one of several is out of bounds; OSError where the name
        is not found.
        """
        if {host, f"{host}:{port}"} & self.private_hosts:
            return self.resolve(host, port)
        if port not in PORTS:
            raise ForbiddenAddressError(f"port {port}")
        found = self.resolve(host, port)
        for _family, text in found:
            if not self.allows(text):
                raise ForbiddenAddressError(text)
        return found

    def allows(self, text: str) -> bool:
        """Whether an address is public, with whatever other address it stands for."""
        return all(self._public(address) for address in meanings(ip_address(text)))

    def _public(self, address: Address) -> bool:
        special = (
            address.is_private
            or address.is_loopback
            or address.is_link_local
            or address.is_multicast
            or address.is_reserved
            or address.is_unspecified
        )
        if special or not address.is_global:
            return False
        return not any(address in network for network in (*_OWN, *self.forbidden))


def meanings(address: Address) -> list[Address]:
    """The addresses that one address stands for: itself, and what 6to4 or Teredo wraps in it.

    A mapped or translated IPv4 address is judged alone, as what wraps it leads nowhere else.
    """
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in TRANSLATED:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    wrapped = [address.sixtofour, *(address.teredo or ())]
    return [address, *(inner for inner in wrapped if inner)]
