"""What happened to every task, kept durably in one SQLite file that several processes share."""

from __future__ import annotations

TYPE_CHECKING = False  # a command that only shows tasks looks at `taskferry.ledger.glance` and starts without the rest
if TYPE_CHECKING:
    from typing import Any

    from taskferry.ledger.history import Duration, Transition, model_and_size
    from taskferry.ledger.ledger import Ledger, open_ledger
    from taskferry.ledger.record import Choice, Job, Record

_HOMES = {
    **dict.fromkeys(["Duration", "Transition", "model_and_size"], "history"),
    **dict.fromkeys(["Ledger", "open_ledger"], "ledger"),
    **dict.fromkeys(["Choice", "Job", "Record"], "record"),
}

__all__ = ["Choice", "Duration", "Job", "Ledger", "Record", "Transition", "model_and_size", "open_ledger"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'taskferry.ledger' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"taskferry.ledger.{_HOMES[name]}"), name)
