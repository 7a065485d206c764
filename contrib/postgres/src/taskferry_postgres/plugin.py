"""What taskferry finds through the entry point."""

from __future__ import annotations

from collections.abc import Callable

from taskferry import Engine, hookimpl


@hookimpl
def taskferry_engines(register: Callable[[Engine], None]) -> None:
    """Register the ledger for both spellings of a PostgreSQL URL."""
    for scheme in ("postgresql", "postgres"):
        register(Engine(scheme=scheme, factory="taskferry_postgres.opening:open_postgres_ledger"))
