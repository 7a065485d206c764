"""Makes open ledgers safe to fork: neither an SQLite connection nor a lock may cross into a child."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol


class Forkable(Protocol):
    """Something that holds what must not be shared with a forked child."""

    def before_fork(self) -> None:
        """Come to rest; called in the parent."""
        ...

    def after_fork(self, *, child: bool) -> None:
        """Go on, in the parent or as a new process."""
        ...


_open: weakref.WeakSet[Forkable] = weakref.WeakSet()
_resting: list[Forkable] = []
_one_at_a_time = threading.Lock()


def watch(thing: Forkable) -> None:
    """Tell a thing of every fork for as long as it lives."""
    _open.add(thing)


def _rest() -> None:
    _one_at_a_time.acquire()
    for thing in list(_open):
        thing.before_fork()
        _resting.append(thing)


def _go_on(*, child: bool) -> None:
    while _resting:
        _resting.pop().after_fork(child=child)
    _one_at_a_time.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_rest,
        after_in_parent=lambda: _go_on(child=False),
        after_in_child=lambda: _go_on(child=True),
    )
