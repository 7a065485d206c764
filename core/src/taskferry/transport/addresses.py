"""Which addresses a provider may send us to: public ones, never this machine, its network or its cloud's metadata."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

from taskferry.hosts import is_loopback

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PUBLIC_IN_NAME_ONLY = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's own services inside a virtual machine
        "192.0.0.0/24",  # a few services of networks and clouds
        "192.88.99.0/24",  # relays from IPv6 to IPv4
        "2001::/23",  # tunnels and other odd uses
        "3fff::/20",  # documentation
    )
)
"""What `ipaddress`, in one version of Python or another, takes for public and nobody serves results from."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address lies in the open internet; one that wraps an IPv4 address is as public as that."""
    if isinstance(address, IPv6Address):
        wrapped = _wrapped(address)
        if wrapped is not None:
            return is_public(wrapped)
        if address not in _GLOBAL_UNICAST or address.scope_id is not None:
            return False
    odd = address.is_multicast or address.is_reserved or any(address in network for network in _PUBLIC_IN_NAME_ONLY)
    return address.is_global and not odd


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """Read a host that is an address, however it is spelled: `127.1`, `0x7f000001`, `2130706433`; None for a name."""
    bare = host.strip("[]").rstrip(".")
    if bare == "localhost" or bare.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    for read in (ipaddress.ip_address, _as_the_system_reads_it):
        with suppress(ValueError, OSError):
            return read(bare)
    return None


def is_foreign(url: str, base_url: str) -> bool:
    """Tell whether a URL leads away from the base URL's origin; stand-ins on this machine are one place."""
    target, base = urlsplit(url), urlsplit(base_url)
    if _origin(target) == _origin(base):
        return False
    return not (is_loopback(base.hostname) and is_loopback(target.hostname))


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None or address.sixtofour is not None:
        return address.ipv4_mapped or address.sixtofour
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _as_the_system_reads_it(text: str) -> IPv4Address:
    return IPv4Address(socket.inet_aton(text))


def _origin(target: SplitResult) -> tuple[str, str | None, int | None]:
    return target.scheme, target.hostname, target.port or {"https": 443, "http": 80}.get(target.scheme)
