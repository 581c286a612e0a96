"""Where a callback came from: the address that calls, or the one that a proxy of ours passes on."""

from collections.abc import Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def networks(written: Sequence[str]) -> list[Network]:
    """Addresses and networks as they are written in the environment. Raises ValueError for what is neither."""
    return [ip_network(one.strip(), strict=False) for one in written if one.strip()]


def is_open_to(peer: str, forwarded: str) -> bool:
    """Whether the guide's bare paths are accepted from there.

    `peer`: who holds the connection; `forwarded`: its X-Forwarded-For, believed of a proxy of ours alone.
    """
    if not settings.WAVY_OPEN_CALLBACKS:
        return False
    allowed = _known(tuple(settings.WAVY_CALLBACK_ADDRESSES))
    return not allowed or _within(caller(peer, forwarded), allowed)


def caller(peer: str, forwarded: str) -> Address | None:
    """Who calls: the last address of the chain that is no proxy of ours. None where that is no address."""
    proxies = _known(tuple(settings.TRUSTED_PROXIES))
    chain = [*forwarded.split(","), peer] if forwarded else [peer]
    for hop in reversed(chain):
        address = _address(hop)
        if address is None or not _within(address, proxies):
            return address
    return _address(chain[0])


@cache
def _known(written: tuple[str, ...]) -> list[Network]:
    return networks(written)


def _within(address: Address | None, among: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in among)


def _address(written: str) -> Address | None:
    try:
        address = ip_address(written.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
