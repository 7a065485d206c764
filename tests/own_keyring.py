"""A keyring in memory, in the place of the machine's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError


class OwnKeyring(KeyringBackend):
    """Holds what is put into it, or fails as one without a service does."""

    priority = 1  # type: ignore[assignment]  # keyring reads a plain number here

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")

    def _check(self) -> None:
        if self.broken:
            raise KeyringError("no such service")


@contextmanager
def own_keyring() -> Iterator[OwnKeyring]:
    """Put an empty keyring in the place of the machine's own."""
    before, made = keyring.get_keyring(), OwnKeyring()
    keyring.set_keyring(made)
    try:
        yield made
    finally:
        keyring.set_keyring(before)
