"""Which writes survive a power cut at once and which may be made again: decided here alone, by what changes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType

from taskferry.ledger.record import Record
from taskferry.status import Status


class Durability(StrEnum):
    """How safe a write is when it is acknowledged; every write survives the end of the process, however it ends."""

    FULL = "full"
    """On the disk: it survives a power cut, and so does everything that was written before it."""
    NORMAL = "normal"
    """With the system: a power cut may take the last ones, never a part of one."""


FIELDS: Mapping[str, Durability] = MappingProxyType(
    {
        "remote": Durability.FULL,  # the only way back to a paid job
        "create_reply": Durability.FULL,  # the evidence of what the billed call gave
        "snapshot.cost": Durability.FULL,  # what was spent
        "snapshot.failure": Durability.FULL,  # why it ended
        "snapshot.cancel_wanted": Durability.FULL,  # the user's word, given once
        **dict.fromkeys(
            (
                "holder",  # a claim dies with its process, and so with the machine
                "version",
                "snapshot.provider_status",
                "snapshot.run",
                "snapshot.progress",
                "snapshot.progress_source",
                "snapshot.queue_position",
                "snapshot.eta",
                "snapshot.artifacts",  # known with the end; a file that is there is found again
                "snapshot.parked",
                "snapshot.look_problem",
                "snapshot.trace_ids",
                "snapshot.raw",
                "snapshot.submitted_at",
                "snapshot.started_at",
                "snapshot.finished_at",
                "snapshot.looked_at",
                "snapshot.next_try_at",
            ),
            Durability.NORMAL,  # the next look shows it again
        ),
    }
)
"""By what changes. A new task is FULL, and so is a change of status but for those of `AGAIN`."""

AGAIN = frozenset({(Status.QUEUED, Status.RUNNING), (Status.RUNNING, Status.QUEUED)})
"""Changes of status that the next look would show again."""

CALLS: Mapping[str, Durability] = MappingProxyType(dict.fromkeys(("claim", "release", "leave"), Durability.NORMAL))
"""Writes of the ledger that are not saves and need not be FULL: a claim dies with its process."""

_full = attrgetter(*(name for name, durability in FIELDS.items() if durability is Durability.FULL))


def durability(before: Record | None, after: Record) -> Durability:
    """Tell how a write must be kept, from what is in the ledger (None: nothing, or not known) and what shall be."""
    if before is None:
        return Durability.FULL
    old, new = before.snapshot.status, after.snapshot.status
    if old is not new and (old, new) not in AGAIN:
        return Durability.FULL
    return Durability.NORMAL if _full(before) == _full(after) else Durability.FULL
