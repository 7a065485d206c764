"""What operations make, for tasks that have no result yet."""

from __future__ import annotations

from taskferry.errors import PluginError, UsageError
from taskferry.ledger.record import Record
from taskferry.registry import Registry


class Kinds:
    """Remembers the kind of each operation."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[str, str], str] = {}

    def of(self, record: Record) -> str:
        """Give what a task's operation makes; nothing for one whose plugin is gone."""
        place = (record.job.operation, record.job.generation)
        if place not in self._known:
            try:
                self._known[place] = self._registry.operation(*place).kind.value
            except (UsageError, PluginError):
                self._known[place] = ""
        return self._known[place]
