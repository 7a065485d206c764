"""`[provider]` and `[status]` of a card as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from taskferry.adapter import Bearer, HeaderKey, NoKey, QueryKey, Scheme, SignedToken
from taskferry.cards.model import StatusSpec
from taskferry.status import Status

_AS_THEY_ARE = ("key_url", "source", "requests_per_minute")
_LISTS = ("hosts", "result_hosts", "unverified", "trace_headers", "not_accepted")


def provider_values(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the values of a card that its provider table holds, by their names in `Card`."""
    regions = {name: url.rstrip("/") for name, url in table.get("regions", {}).items()}
    return {
        "name": table["name"],
        "title": table["title"],
        "base_url": next(iter(regions.values())) if regions else table["base_url"].rstrip("/"),
        "regions": MappingProxyType(regions),
        "scheme": _scheme(table["auth"]),
        "key_variables": key_variables(table["auth"]),
        "headers": MappingProxyType(table.get("headers", {})),
        **{key: table[key] for key in _AS_THEY_ARE if key in table},
        **{key: tuple(table[key]) for key in _LISTS if key in table},
    }


def key_variables(auth: Mapping[str, Any]) -> Sequence[str]:
    """Give the variables that a card's key is read from."""
    named = auth.get("bearer") or auth.get("jwt") or auth.get("key") or ()
    return (named,) if isinstance(named, str) else tuple(named)


def _scheme(auth: Mapping[str, Any]) -> Scheme:
    if "header" in auth:
        return HeaderKey(name=auth["header"], prefix=auth.get("prefix", ""))
    if "query" in auth:
        return QueryKey(name=auth["query"])
    if "jwt" in auth:
        return SignedToken(lifetime=auth["lifetime"]) if "lifetime" in auth else SignedToken()
    return Bearer() if "bearer" in auth else NoKey()


def status_spec(table: Mapping[str, Any]) -> StatusSpec:
    """Give the table of the provider's words."""
    any_case = table.get("any_case", False)
    words = {
        word.casefold() if any_case else word: Status(name)
        for name, listed in table.items()
        if isinstance(listed, list)
        for word in map(word_text, listed)
    }
    unknown = table.get("unknown", "keep")
    return StatusSpec(
        words=MappingProxyType(words), unknown=None if unknown == "keep" else Status(unknown), any_case=any_case
    )


def word_text(word: str | int | bool) -> str:
    """Give a status word as the text that it is compared as: `true`, `202`, `done`."""
    return str(word).lower() if isinstance(word, bool) else str(word)
