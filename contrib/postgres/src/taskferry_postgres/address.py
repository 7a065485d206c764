"""Where a ledger's database is, and how that is said without its password."""

from __future__ import annotations

from urllib.parse import quote

import psycopg
from attrs import field, frozen
from psycopg.conninfo import conninfo_to_dict

from taskferry import LedgerError

_WRITTEN = (
    "it is written as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with every special letter of the password "
    "percent-encoded (`@` as %40). It is not shown here, since a password may be in it."
)
_LONGEST = 40
"""Letters of a schema's name; PostgreSQL cuts names at 63, and some are made from it."""


@frozen(kw_only=True)
class Address:
    """A database, and the schema in it that holds the ledger."""

    url: str = field(repr=False)
    shown: str
    """The URL for people: user, host, port and database."""
    password: str = field(repr=False, default="")
    schema: str
    lanes: int = 0
    """Parts of a provider's tasks that are driven by one job each; 0 for a job of its own for every task."""

    def hide(self, text: str) -> str:
        """Take the password out of a text, however it was written."""
        for secret in {self.password, quote(self.password, safe="")} - {""}:
            text = text.replace(secret, "***")
        return text


def read_address(url: str, schema: str, *, lanes: int = 0) -> Address:
    """Read a URL; raise LedgerError, which does not repeat it, for one that PostgreSQL's library cannot read."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise LedgerError(f"The address of the ledger cannot be read: {_WRITTEN}") from None
    host = str(parts.get("host") or parts.get("hostaddr") or "")
    user, port, name = (str(parts.get(part) or "") for part in ("user", "port", "dbname"))
    if "@" in host + name or port.strip(",0123456789"):  # a part of the password, cut at the wrong place
        raise LedgerError(f"The address of the ledger cannot be read: {_WRITTEN}")
    if (
        not schema.isascii()
        or not schema.isidentifier()
        or schema != schema.lower()
        or schema.startswith("pg_")
        or len(schema) > _LONGEST
    ):
        raise LedgerError(
            f"{schema!r} is no name of a schema: use small letters, digits and underscores, {_LONGEST} at most."
        )
    place = f"{user}{'@' if user else ''}{host}{':' if port else ''}{port}/{name.removeprefix('/')}"
    password = str(parts.get("password") or "")
    return Address(url=url, shown=f"postgresql://{place}", password=password, schema=schema, lanes=lanes)
