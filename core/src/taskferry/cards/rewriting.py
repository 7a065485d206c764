"""Ids and addresses of examples, turned into those of a sample's own job and host."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from taskferry.cards.model import Card


def identity(found: Mapping[str, Any], body: Any) -> str | None:
    """Give what the id of an example's job is in its body, from the members of `remote` that were read there.

    An id that is a path (`models/fine/operations/7`) or an address changes only after its last slash; an address
    mostly holds the id of another member, which then comes first.
    """
    texts = {str(value): value for value in leaves(body) if isinstance(value, str | int) and value not in ("", True)}
    plain = [str(value) for value in found.values() if "://" not in str(value)]
    short = [text for text in texts if len(text) > 2 and "://" not in text]
    inside = [text for value in found.values() for text in short if text in str(value)]
    addresses = [str(value) for value in found.values() if "://" in str(value)]
    for value in (*[one for one in plain if one in texts], *sorted(inside, key=len, reverse=True), *addresses):
        last = value.partition("?")[0].rstrip("/").rpartition("/")[2]
        if last:
            return last
    return None


def leaves(value: Any) -> list[Any]:
    """Give every text, number and boolean of a document."""
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [] if value is None else [value]


def rewritten(value: Any, change: Callable[[Any], Any]) -> Any:
    """Give a document with every text, number and boolean changed."""
    if isinstance(value, dict):
        return {name: rewritten(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [rewritten(inner, change) for inner in value]
    return change(value)


def with_id(value: Any, old: str | None, new: str) -> Any:
    """Give a document in which one id stands for another, also within addresses and as a number."""
    if old is None or old == new:
        return value
    whole = re.compile(rf"(?<![A-Za-z0-9]){re.escape(old)}(?![A-Za-z0-9])")

    def change(leaf: Any) -> Any:
        if isinstance(leaf, str):
            return whole.sub(lambda _: new, leaf)
        if isinstance(leaf, int) and not isinstance(leaf, bool) and str(leaf) == old:
            return int(new) if new.isdecimal() else new
        return leaf

    return rewritten(value, change)


def at_home(value: Any, card: Card, base_url: str | None) -> Any:
    """Give a document in which the provider's own addresses lie below a base URL; None leaves them as they are."""
    if base_url is None:
        return value
    ours = [url.rstrip("/") for url in (card.base_url, *card.regions.values()) if url]
    hosts = [urlsplit(url).hostname or "" for url in ours]

    def change(leaf: Any) -> Any:
        if not isinstance(leaf, str) or not leaf.startswith(("https://", "http://")):
            return leaf
        for url in ours:
            if leaf == url or leaf.startswith(f"{url}/"):
                return base_url.rstrip("/") + leaf[len(url) :]
        target = urlsplit(leaf)
        host = target.hostname or ""
        if host not in hosts and not any(fnmatchcase(host, pattern) for pattern in card.hosts):
            return leaf
        home = urlsplit(base_url)
        return target._replace(scheme=home.scheme, netloc=home.netloc).geturl()

    return rewritten(value, change)
