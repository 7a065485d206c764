"""The SQL that the installed Procrastinate brings along, read without loading the rest of it."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from taskferry import LedgerError


@cache
def _folder() -> Path:
    spec = find_spec("procrastinate")
    if spec is None or spec.origin is None:
        raise LedgerError("Procrastinate is not installed: run `pip install taskferry-postgres` again.")
    return Path(spec.origin).parent / "sql"


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in (_folder() / "migrations").glob("*.sql")))


def whole_schema() -> str:
    """Give what makes all of its tables, as they are after its newest migration."""
    return (_folder() / "schema.sql").read_text(encoding="utf-8")


def newest_migration() -> str:
    """Name the last of its migrations, which are named so that they sort by age."""
    return _names()[-1]


def migrations_since(name: str) -> list[str]:
    """Give the migrations that come after one of them, in order."""
    return [(_folder() / "migrations" / newer).read_text(encoding="utf-8") for newer in _names() if newer > name]
