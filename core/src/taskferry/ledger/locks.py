"""Whole-file locks of the operating system: gone with the process that took them, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":  # pragma: no cover -- the tests run where there is fcntl
    import msvcrt

    _BYTE = 2**30
    """The locked byte lies far behind the text, which others must be able to read."""

    def lock(descriptor: int, *, shared: bool = False, wait: bool = False) -> bool:  # noqa: ARG001 -- Windows has no shared lock here
        """Lock an open file until it is closed; tell whether that worked."""
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(descriptor: int, *, shared: bool = False, wait: bool = False) -> bool:
        """Lock an open file until its last descriptor is closed; tell whether that worked."""
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, mode | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True


def is_locked(path: Path) -> bool:
    """Tell whether a living process has a file locked; False for one that is not there."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not lock(descriptor, shared=True)  # shared, so that two who ask do not see each other
    finally:
        os.close(descriptor)
