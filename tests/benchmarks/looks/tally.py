"""Counts a server's answers in memory that the measured process reads without a request."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_LAYOUT = struct.Struct("<QQ")


class Tally:
    """Two counters in a small file that both processes map."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _LAYOUT.size)
        self._looks = self._requests = 0

    def add(self, looks: int) -> None:
        """Count one request that showed so many tasks; called by the server alone."""
        self._looks += looks
        self._requests += 1
        _LAYOUT.pack_into(self._memory, 0, self._looks, self._requests)

    @property
    def looks(self) -> int:
        """Give how many tasks were shown so far."""
        return int(_LAYOUT.unpack_from(self._memory)[0])

    @property
    def requests(self) -> int:
        """Give how many requests were answered so far."""
        return int(_LAYOUT.unpack_from(self._memory)[1])
