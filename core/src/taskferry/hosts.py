"""Which hosts are this machine, and what may be a base URL."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from taskferry.errors import UsageError
from taskferry.text import clean


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine by its literal name or address; names are not looked up."""
    if host in ("localhost", None):
        return host is not None
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def check_base_url(url: str, source: str) -> str:
    """Give a base URL without its trailing slash; raise UsageError unless it is https, or http to this machine."""
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise UsageError(f"{source} is {clean(ascii(url), 200)}, which is not an address.")
    try:
        target = urlsplit(url)
        plain = target.hostname and "@" not in target.netloc and not target.query and not target.fragment
        port_of(target)
    except ValueError as error:
        raise UsageError(f"{source} is {url!r}, which is not an address: {error}.") from error
    if not plain or (target.scheme != "https" and not (target.scheme == "http" and is_loopback(target.hostname))):
        raise UsageError(
            f"{source} is {url!r}: a base URL is https, or http to this machine, without user, query or fragment."
        )
    return url.rstrip("/")


def port_of(target: SplitResult) -> int | None:
    """Give a URL's port, by its scheme where it names none."""
    return target.port or {"https": 443, "http": 80}.get(target.scheme)
