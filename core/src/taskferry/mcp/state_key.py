"""Seals what a client carries from one round of a call to the next, the same in every process of a home folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from mcp.server.request_state import AESGCMRequestStateCodec, RequestStateSecurity

from taskferry.errors import UsageError

_FILE = "mcp-state.key"
_BYTES = 32


def state_security(home: Path) -> RequestStateSecurity:
    """Give the seal of a home folder; its key is made when it is first needed, for this user alone."""
    return RequestStateSecurity(codec=HomeCodec(home / _FILE))


class HomeCodec:
    """Seals with the key in a file; read once, so that a server that never asks anything never reads it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._codec: AESGCMRequestStateCodec | None = None

    def seal(self, payload: bytes) -> str:
        """Give an opaque token that protects the payload."""
        return self._known().seal(payload)

    def unseal(self, token: str) -> bytes:
        """Give back what was sealed; raise InvalidRequestState for anything else."""
        return self._known().unseal(token)

    def _known(self) -> AESGCMRequestStateCodec:
        if self._codec is None:
            self._codec = AESGCMRequestStateCodec([_key(self._path)])
        return self._codec


def _key(path: Path) -> bytes:
    """Read the key, or make it: written whole beside it and then linked, so that nobody ever reads half a key."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_BYTES))
            _place(draft, path)
        finally:
            draft.unlink()
    key = path.read_bytes()
    if len(key) < _BYTES:
        raise UsageError(f"{path} is no key: it has {len(key)} bytes, not {_BYTES}. Delete it; a new one is made.")
    return key


def _place(draft: Path, path: Path) -> None:
    """Give the key its name, unless another process was quicker: its key is then the one that counts."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
