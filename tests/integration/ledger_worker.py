"""A process that does with a ledger what it is told, one JSON line after another: `[command, argument...]`."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from ledger_records import a_record
from taskferry import LedgerError, LedgerProtocol
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.opening import FILE
from taskferry.ledger.schema import MIGRATIONS, migrate, version_of

HOME = Path(sys.argv[1])


def main() -> None:
    """Answer every line with one line; the ledger is opened when it is first needed and never closed."""
    opened: list[LedgerProtocol] = []
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        try:
            say(COMMANDS[command](opened, *arguments))
        except LedgerError as error:
            say({"error": type(error).__name__, "message": str(error)})


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def the_ledger(opened: list[LedgerProtocol]) -> LedgerProtocol:
    if not opened:
        opened.append(open_ledger_for(HOME))
    return opened[0]


def add(opened: list[LedgerProtocol]) -> dict[str, Any]:
    ledger = the_ledger(opened)
    return {"id": ledger.add(a_record()).id, "salt": ledger.salt.hex()}


def add_forever(opened: list[LedgerProtocol]) -> dict[str, Any]:
    while True:
        say(add(opened))


def claim(opened: list[LedgerProtocol], task_id: str) -> dict[str, Any]:
    return {"version": the_ledger(opened).claim(task_id).version}


def do_migrate(_: list[LedgerProtocol], statement: str) -> dict[str, Any]:
    with closing(sqlite3.connect(HOME / FILE, isolation_level=None, timeout=10)) as connection:
        migrate(connection, (*MIGRATIONS, (statement,)))
        return {"version": version_of(connection)}


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "ready": lambda _: {},
    "open": lambda opened: {"holder": the_ledger(opened).holder},
    "add": add,
    "add forever": add_forever,
    "claim": claim,
    "migrate": do_migrate,
}

main()
