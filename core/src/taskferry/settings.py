"""Where things are, and what the environment says about a provider."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

LEDGER = "TASKFERRY_LEDGER"
"""The variable that names a shared ledger by URL."""


def home_folder(environ: Mapping[str, str] | None = None, explicit: str | Path | None = None) -> Path:
    """Give the folder of ledger, files and config: explicit, else `TASKFERRY_HOME`, else the user's data folder."""
    chosen = explicit or (os.environ if environ is None else environ).get("TASKFERRY_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path  # not needed when the folder is named

    return user_data_path("taskferry", appauthor=False)


def shared_ledger(environ: Mapping[str, str]) -> str | None:
    """Give the URL of the ledger that several machines share; None where each home has its own."""
    return environ.get(LEDGER, "").strip() or None


def variable(provider: str, what: str) -> str:
    """Name the environment variable that sets something for a provider, as `TASKFERRY_ACME_BASE_URL`."""
    return f"TASKFERRY_{provider.upper().replace('-', '_')}_{what}"


def base_url_for(provider: str, default: str, environ: Mapping[str, str], explicit: str | None = None) -> str:
    """Give a provider's base URL: explicit, else its variable, else its own; raise UsageError if it is unfit."""
    from taskferry.hosts import check_base_url  # what only reads the ledger can do without

    if explicit:
        return check_base_url(explicit, f"The base URL of {provider}")
    name = variable(provider, "BASE_URL")
    if value := environ.get(name, "").strip():
        return check_base_url(value, name)
    return default.rstrip("/")
