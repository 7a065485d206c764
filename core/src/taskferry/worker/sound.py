"""Which providers a worker can work for: those with a sound plugin and, where one is needed, a key."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from taskferry.engine import Engine
from taskferry.errors import PluginError, UsageError
from taskferry.registry import Registry
from taskferry.settings import shared_ledger


def providers_of(engine: Engine, registry: Registry) -> tuple[list[str], Mapping[str, str]]:
    """Give the providers to serve, and for each of the others why not; tasks of those are left to other workers."""
    served, left_out = [], {}
    for name in registry.providers:
        try:
            adapter = registry.adapter(name, engine.accounts.generation(name))
            engine.accounts.account(name, keyless=not any(one.needs_key for one in adapter.operations))
        except (PluginError, UsageError) as error:
            left_out[name] = str(error)
        else:
            served.append(name)
    return served, left_out


def secrets_of(engine: Engine, registry: Registry, environ: Mapping[str, str]) -> list[str]:
    """Give every key and password that this process may send, for those who have to keep them out of what they say."""
    found = [environ.get("PGPASSWORD", ""), *_passwords(shared_ledger(environ) or "")]
    for name in registry.providers:
        try:
            key = engine.accounts.account(name).key
        except (PluginError, UsageError):
            continue  # there is none
        if key is not None:
            found.append(key.reveal())
    return found


def _passwords(url: str) -> list[str]:
    """Give the password in a URL, as it is written there and as it is."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return []  # it was opened all the same, by a library that reads it otherwise
    return [password, unquote(password)]
