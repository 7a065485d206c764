"""Bearer tokens that the operator hands out, each with the name of who has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mcp.server.auth.provider import AccessToken, TokenVerifier

from taskferry.errors import UsageError

VARIABLE = "TASKFERRY_MCP_TOKEN"
_SHORTEST = 16
_DEFAULT_NAME = "default"


class StaticTokens:
    """Tokens by name; only their hashes are kept."""

    def __init__(self, tokens: Iterable[tuple[str, str]] = ()) -> None:
        """Take pairs of name and token; raise UsageError for a short token or one that two names share."""
        self._names: dict[bytes, str] = {}
        for name, token in tokens:
            if len(token) < _SHORTEST:
                raise UsageError(f"The token of {name!r} is shorter than {_SHORTEST} characters: make a longer one.")
            if self._names.setdefault(_digest(token), name) != name:
                raise UsageError(f"{name!r} has the same token as {self._names[_digest(token)]!r}: give each its own.")

    def __bool__(self) -> bool:
        return bool(self._names)

    @classmethod
    def read(cls, environ: Mapping[str, str], path: Path | None = None) -> StaticTokens:
        """Read `TASKFERRY_MCP_TOKEN`, and a file with a name and a token on each line; raise UsageError."""
        single = environ.get(VARIABLE, "").strip()
        return cls([*([(_DEFAULT_NAME, single)] if single else []), *(_lines(path) if path else [])])

    async def verify_token(self, token: str) -> AccessToken | None:
        """Give who has a token; looked up by its hash, so that time tells nothing about it."""
        name = self._names.get(_digest(token))
        return None if name is None else AccessToken(token=token, client_id=name, scopes=[])


class Verifiers:
    """Several ways to check a token; the first that knows it counts."""

    def __init__(self, verifiers: Sequence[TokenVerifier]) -> None:
        self._verifiers = verifiers

    async def verify_token(self, token: str) -> AccessToken | None:
        """Ask one after the other."""
        for verifier in self._verifiers:
            if found := await verifier.verify_token(token):
                return found
        return None


def _lines(path: Path) -> Iterable[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The token file {path} cannot be read: {error}") from error
    found = False
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if not parts or parts[0].startswith("#"):
            continue
        if len(parts) != 2:
            raise UsageError(f"Line {number} of {path} is no name and token: write both, with a space between.")
        found = True
        yield parts[0], parts[1]
    if not found:
        raise UsageError(f"The token file {path} has no token in it: write a name and a token on each line.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
