"""Who holds a task: a file per holder, locked while its process lives, so that a free lock means a dead holder."""

from __future__ import annotations

import os
import platform
import secrets
from pathlib import Path

from taskferry.ledger.locks import is_locked, lock


class Holder:
    """This process's own holder, and the means to ask about others; not to be shared between threads unguarded."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "holders"
        self._descriptor: int | None = None
        self._start()

    def _start(self) -> None:
        self._process = os.getpid()
        self._name = f"{self._process}-{secrets.token_hex(8)}"

    @property
    def name(self) -> str:
        """Give the name that stands in this process's rows; a forked child has one of its own."""
        if os.getpid() != self._process:
            self.leave_to_parent()
        return self._name

    def take(self) -> str:
        """Take the lock, once, and give the name: from then on other processes see this holder alive."""
        name = self.name
        while self._descriptor is None:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._clear_dead()
            descriptor = os.open(self._path(name), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            os.write(descriptor, f"process {name.partition('-')[0]} on {platform.node()}".encode())
            if lock(descriptor, wait=True) and os.fstat(descriptor).st_nlink:
                self._descriptor = descriptor
            else:  # another process cleared the file away before it was locked
                os.close(descriptor)
        return name

    def drop(self) -> None:
        """Give the lock up for good: this holder counts as dead from now on."""
        name = self.name
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._path(name).unlink(missing_ok=True)
        self._start()

    def leave_to_parent(self) -> None:
        """Let go of a lock that came with a fork, so that it ends with the parent, and start as a new holder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._start()

    def is_alive(self, name: str) -> bool:
        """Tell whether a holder's process lives, which the system knows at once and without a timeout."""
        return is_locked(self._path(name))

    def describe(self, name: str) -> str:
        """Name a holder for people, as `process 4711 on build-7`."""
        try:
            return self._path(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return f"process {name.partition('-')[0]}, which has ended"

    def _clear_dead(self) -> None:
        for path in self._folder.glob("*.lock"):
            try:
                descriptor = os.open(path, os.O_RDWR)
            except (FileNotFoundError, PermissionError):  # just cleared away, or another user's
                continue
            try:
                if lock(descriptor) and os.name != "nt":  # Windows removes no open file, and it must stay locked here
                    path.unlink(missing_ok=True)
            finally:
                os.close(descriptor)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"
