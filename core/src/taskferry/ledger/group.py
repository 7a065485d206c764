"""Several writes in one transaction: each succeeds or fails alone, and all that succeed are kept by one commit."""

from __future__ import annotations

import copy
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from taskferry.ledger.database import Database
from taskferry.ledger.durability import CALLS, Durability, durability
from taskferry.ledger.saving import Plain, Save, Saver

Outcome: TypeAlias = "tuple[Any, BaseException | None]"
"""What a call gave, or the error that it raised."""

_SLICE = 128
"""Writes that are prepared at a time, before others may go on."""
_PAUSE = 50e-6
"""Seconds between two slices: an event loop that waits for Python's lock gets it; one that has it is not held up."""


class Call(NamedTuple):
    """A write that was asked for: a method of a ledger and what it is given."""

    function: Callable[..., Any]
    args: Sequence[Any]
    kwargs: Mapping[str, Any]

    def outcome(self) -> Outcome:
        """Do it, and give its error instead of raising it."""
        try:
            return self.function(*self.args, **self.kwargs), None
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is this caller's alone
            return None, error


class _Differs(Exception):
    """Some rows are not as they were when they were read: the saves have to be made one by one."""


class Group:
    """Runs the writes of one transaction; plain saves are gathered and written together."""

    def __init__(self, database: Database, saver: Saver, save: Callable[..., Any]) -> None:
        self._database = database
        self._saver = saver
        self._save = save

    def run(self, calls: Sequence[Call]) -> list[Outcome]:
        """Give what each call gave; an error of the whole, as of its commit, is everyone's, and nothing is kept."""
        plain, needed = self._prepared(calls)
        outcomes: list[Outcome] = [(None, None)] * len(calls)
        gathered: dict[str, int] = {}
        try:
            with self._database.writing(needed) as connection:
                for number, (call, ready) in enumerate(zip(calls, plain, strict=True)):
                    if ready is not None and ready.saved.id not in gathered:
                        gathered[ready.saved.id] = number
                        continue
                    self._write_gathered(connection, gathered, calls, plain, outcomes)
                    outcomes[number] = _alone(connection, call)
                self._write_gathered(connection, gathered, calls, plain, outcomes)
        except Exception as error:  # noqa: BLE001 -- given to every caller; the next group starts afresh
            return [(None, _another(error)) for _ in calls]
        return outcomes

    def _prepared(self, calls: Sequence[Call]) -> tuple[list[Plain | None], Durability]:
        weightiest = Durability.NORMAL
        found: list[Plain | None] = []
        for number, call in enumerate(calls):
            if number and number % _SLICE == 0:
                time.sleep(_PAUSE)
            ready, needed = self._plain(call)
            found.append(ready)
            if needed is Durability.FULL:
                weightiest = needed
        return found, weightiest

    def _plain(self, call: Call) -> tuple[Plain | None, Durability]:
        if call.function != self._save:
            return None, CALLS.get(call.function.__name__, Durability.FULL)
        try:
            save = Save(*call.args, **call.kwargs)
            ready = self._saver.plain(save)
            return ready, durability(ready.before, ready.saved) if ready else self._saver.durability(save)
        except Exception:  # noqa: BLE001 -- whatever is wrong with it, its caller is told when it is saved alone
            return None, Durability.FULL

    def _write_gathered(
        self,
        connection: sqlite3.Connection,
        gathered: dict[str, int],
        calls: Sequence[Call],
        plain: Sequence[Plain | None],
        outcomes: list[Outcome],
    ) -> None:
        numbers = list(gathered.values())
        gathered.clear()
        saves = [save for save in map(plain.__getitem__, numbers) if save is not None]
        if not saves:
            return
        try:
            with self._database.writing():
                if not self._saver.many(connection, saves):
                    raise _Differs
        except Exception:  # one of them is in the way: each alone tells which, and why
            if not connection.in_transaction:
                raise
            for number in numbers:
                outcomes[number] = _alone(connection, calls[number])
        else:
            for number, save in zip(numbers, saves, strict=True):
                outcomes[number] = save.saved, None


def _alone(connection: sqlite3.Connection, call: Call) -> Outcome:
    """Do one call; raise its error only if it took the whole transaction with it, as a full disk does."""
    outcome = call.outcome()
    if not connection.in_transaction:
        raise outcome[1] or RuntimeError(f"{call.function.__name__} ended the transaction of the group")
    return outcome


def _another(error: Exception) -> Exception:
    """Make an error of the same words for each caller: a raised one gathers its raiser's traceback."""
    own = copy.copy(error)
    own.__cause__ = error.__cause__
    return own
