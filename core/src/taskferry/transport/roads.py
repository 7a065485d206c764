"""Which road looks take: pyreqwest where it does the same as stock httpx would, else small pools of httpx."""

from __future__ import annotations

import os
import ssl
from importlib.util import find_spec
from urllib.request import getproxies

import httpx

from taskferry.transport.lane import Lane
from taskferry.transport.sharded import ShardedLane, small_pools

_OWN_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""What makes stock httpx trust other certificates than its own."""
_SYSTEM_BUNDLES = frozenset(
    {
        "/etc/ssl/certs",
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/certs",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    }
)
"""Where systems keep what pyreqwest trusts anyway: images often name them in these variables."""
TIMES_DEARER = 10
"""How much more CPU one look costs over httpx than over pyreqwest, measured with 50 at a time."""


def proxies() -> list[str]:
    """Name the kinds of address that go by a proxy in this environment: `http`, `https`, `all`."""
    return sorted(kind for kind in getproxies() if kind in ("http", "https", "all"))


def why_not_native() -> str | None:
    """Say why looks go over httpx here, in words for people; None where they go over pyreqwest."""
    if found := proxies():
        return f"a proxy is set for {', '.join(found)}"
    for name in _OWN_CERTIFICATES:
        place = os.environ.get(name)
        if place and place.rstrip("/") not in _SYSTEM_BUNDLES:
            return f"{name} names other certificates than the system's"
    return None if is_installed() else "pyreqwest is not installed"


def is_installed() -> bool:
    """Tell whether pyreqwest, the extra `fast`, is there."""
    return find_spec("pyreqwest") is not None


def open_lane(certificates: ssl.SSLContext, user_agent: str, injected: httpx.AsyncBaseTransport | None) -> Lane:
    """Open the lane that fits this environment, or one over a transport of the caller's."""
    if injected is not None:
        return ShardedLane([injected], user_agent)
    if why_not_native() is None:
        from taskferry.transport.native import NativeLane  # an extra: without it there is no such module

        return NativeLane(certificates.get_ca_certs(binary_form=True), user_agent)
    return ShardedLane(small_pools(certificates, proxied=bool(proxies())), user_agent)
