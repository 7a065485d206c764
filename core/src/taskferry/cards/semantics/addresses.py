"""Where a card may send a key, and which variables it may read one from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.reading.provider import key_variables
from taskferry.cards.schema import Finding
from taskferry.errors import UsageError
from taskferry.hosts import check_base_url
from taskferry.text import clean

RESERVED = frozenset({"any"})
"""Names that mean something else where a provider's name is taken."""
_OWN_VARIABLES = ("TASKFERRY_", "LD_", "PYTHON")
_SYSTEM_VARIABLES = frozenset({"HOME", "PATH", "PWD", "SHELL", "USER", "LOGNAME", "HOSTNAME", "TERM", "LANG", "TMPDIR"})
_SCHEMES: Mapping[str, tuple[str, ...]] = {
    "bearer": (),
    "header": ("key", "prefix"),
    "query": ("key",),
    "jwt": ("lifetime",),
    "none": (),
}
_SHARED = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""Second levels, as in `co.uk`, below which everybody has a name."""
_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie"})
"""What is the transport's to say."""


def address_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find names, addresses, hosts and variables that a card must not have."""
    webhook = document.get("webhook", {})
    if webhook.get("scheme") == "hmac-sha256" and "header" not in webhook:
        yield Finding(("webhook", "header"), 'lacks "header", the one that the signature comes in', about_table=True)
    provider = document["provider"]
    if provider["name"] in RESERVED:
        yield Finding(("provider", "name"), f'is "{provider["name"]}", which is reserved')
    yield from _base_urls(provider)
    yield from _scheme(provider["auth"])
    for key in ("hosts", "result_hosts"):
        for place, host in enumerate(provider.get(key, ())):
            if _too_wide(host):
                yield Finding(("provider", key, place), f'is "{host}", which lets in hosts of others; name more of it')
    for name in key_variables(provider["auth"]):
        if name.startswith(_OWN_VARIABLES) or name in _SYSTEM_VARIABLES:
            yield Finding(("provider", "auth"), f'reads "{name}", which holds no key of a provider')
    auth = provider["auth"].get("header", "")
    for name in provider.get("headers", {}):
        if name.casefold() in _HEADERS | {auth.casefold(), "authorization"}:
            yield Finding(("provider", "headers", name), "is a header that is not the card's to set")


def _scheme(auth: Mapping[str, Any]) -> Iterator[Finding]:
    """Find keys that belong to another way of sending the key than the one that is used."""
    chosen = next(name for name in _SCHEMES if name in auth)
    for key in auth:
        if key != chosen and key not in _SCHEMES[chosen]:
            yield Finding(("provider", "auth", key), f"does not go with {chosen}", allowed=[chosen, *_SCHEMES[chosen]])


def _base_urls(provider: Mapping[str, Any]) -> Iterator[Finding]:
    urls: list[tuple[tuple[str, ...], str]] = [
        (("provider", "regions", name), url) for name, url in provider.get("regions", {}).items()
    ]
    if "base_url" in provider:
        urls.append((("provider", "base_url"), provider["base_url"]))
    for path, url in urls:
        try:
            check_base_url(url, "it")
        except UsageError:
            rule = "a base URL is https, or http to this machine, without user, query or fragment"
            yield Finding(path, f'is "{clean(url, 120)}", and {rule}')


def _too_wide(host: str) -> bool:
    """Tell whether a pattern such as `*.com` or `*.co.uk` covers hosts of many owners."""
    star, _, rest = host.rpartition("*.")
    labels = rest.split(".")
    if not star and not host.startswith("*."):
        return False
    return len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SHARED)
