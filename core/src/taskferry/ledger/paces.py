"""How fast tasks were, and how soon their end was noticed."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

_PACES = """
SELECT provider, operation, submitted_at, started_at, finished_at, looks, late
FROM tasks JOIN transitions ON transitions.task = tasks.id AND after = status AND before <> after
WHERE status = 'succeeded' AND submitted_at IS NOT NULL AND finished_at IS NOT NULL
ORDER BY created_at DESC LIMIT ?
"""


class Pace(NamedTuple):
    """One task that succeeded."""

    provider: str
    operation: str
    """Full name."""
    submitted_at: float
    """Epoch seconds, as all times here."""
    started_at: float | None
    finished_at: float
    """When its end was noticed."""
    looks: int | None
    """Of the process that noticed it."""
    late: float | None
    """Seconds between its last two looks: so late was it noticed at most."""


def paces(connection: sqlite3.Connection, limit: int) -> list[Pace]:
    """Give the newest first."""
    return [Pace(*row) for row in connection.execute(_PACES, (limit,))]
