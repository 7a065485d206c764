"""Keeps server and client on cores of their own."""

from __future__ import annotations

import os

CORES = sorted(os.sched_getaffinity(0))
"""The cores that this machine lets us use."""
SERVER = CORES[0]
CLIENT = CORES[-1]
"""The same as the server's where there is but one core; the report says so then."""


def pin(core: int) -> None:
    """Keep this process and all threads that it will start on one core."""
    os.sched_setaffinity(0, {core})
