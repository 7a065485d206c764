"""Which ledger a home has: its SQLite file, or the shared one that the environment names."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from taskferry.errors import LedgerError
from taskferry.settings import LEDGER, shared_ledger

if TYPE_CHECKING:
    from taskferry.ledger.protocol import LedgerProtocol
    from taskferry.registry import Registry

_DISTRIBUTIONS = {"postgresql": "taskferry-postgres", "postgres": "taskferry-postgres"}
"""Who offers a scheme that is known and not installed."""


def open_ledger_for(
    home: Path,
    environ: Mapping[str, str] | None = None,
    registry: Registry | None = None,
    *,
    readonly: bool = False,
    now: Callable[[], float] = time.time,
) -> LedgerProtocol:
    """Open the ledger that `TASKFERRY_LEDGER` names, else the file of the home folder; raise LedgerError.

    Only a shared one needs the plugins, which are loaded for it unless they are given.
    """
    environ = os.environ if environ is None else environ
    url = shared_ledger(environ)
    if url is None:
        from taskferry.ledger.ledger import open_ledger  # a shared ledger needs no SQLite

        return open_ledger(home, readonly=readonly, now=now)
    from taskferry.registry import Registry, load_object  # plugins take time to load

    scheme, parted, _ = url.partition("://")
    engines = (registry or Registry(home=home)).engines
    if not parted or scheme not in engines:
        raise LedgerError(_unknown(scheme if parted else "", sorted(engines)))
    opened: LedgerProtocol = load_object(engines[scheme].factory)(url, environ, readonly=readonly, now=now)
    return opened


def _unknown(scheme: str, known: list[str]) -> str:
    """Say what to install or to write, and nothing of the URL but its scheme: a password may be in it."""
    if scheme in _DISTRIBUTIONS:
        return f"{LEDGER} names a ledger in {scheme}, which needs the package {_DISTRIBUTIONS[scheme]}: install it."
    named = ", ".join(f"{name}://..." for name in known) or "taskferry-postgres offers postgresql://..."
    return f"{LEDGER} has to be a URL of a shared ledger (known here: {named}); unset it to use the file of the home."
