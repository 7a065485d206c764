"""What `taskferry doctor` looks at: each check gives rows that say how a thing is and how to mend it."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from attrs import frozen

from taskferry.cli import words
from taskferry.cli.extras import EXTRAS, install_line, missing
from taskferry.cli.keys import key_state
from taskferry.errors import LedgerError, PluginError, TaskferryError, UsageError
from taskferry.ledger import Ledger, open_ledger
from taskferry.ledger.opening import FILE
from taskferry.registry import OFF_SWITCH, Registry
from taskferry.settings import base_url_for, variable
from taskferry.status import Status

FINE, NOTE, BROKEN = "ok", "note", "broken"
_LITTLE_SPACE = 1_000_000_000
"""Bytes below which files may soon not be kept."""
_NO_SPACE = 50_000_000


@frozen(kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: str = FINE
    """`ok`; `note` for what is worth knowing; `broken` for what keeps taskferry from working."""
    detail: str = ""
    mend: str = ""
    """What to do, in one line."""


def check_all(registry: Registry, home: Path, environ: Mapping[str, str]) -> list[Check]:
    """Look at everything; nothing is sent, and no file is made."""
    return [
        _system(),
        *check_plugins(registry),
        *check_keys(registry, home, environ),
        *check_ledger(home),
        check_disk(home),
        check_looks(),
        *check_extras(),
    ]


def _system() -> Check:
    detail = f"taskferry {version('taskferry')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return Check(name="version", detail=f"{detail}, {platform.system()}")


def check_plugins(registry: Registry) -> Iterator[Check]:
    """Load every plugin's adapters; a broken one is a row."""
    registry.operations()  # an adapter that cannot be built adds its own row
    if not registry.rows:
        yield Check(name="plugins", state=NOTE, detail="none", mend="Install a provider's package.")
    for row in registry.rows:
        name = f"plugin {row.name}"
        made_by = " ".join(part for part in (row.distribution, row.version) if part)
        if row.problem is None:
            offers = f"offers {', '.join(row.providers)}" if row.providers else "offers no provider"
            yield Check(name=name, detail=f"{made_by}, {offers}")
        elif row.problem.startswith("Switched off"):
            yield Check(name=name, state=NOTE, detail=f"{made_by}: {row.problem}", mend=f"Take it out of {OFF_SWITCH}.")
        else:
            mend = f"Upgrade or reinstall {row.distribution}, or leave it out with {OFF_SWITCH}={row.name}."
            yield Check(name=name, state=BROKEN, detail=f"{made_by}: {row.problem}", mend=mend)


def check_keys(registry: Registry, home: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    """Tell where each provider's key is found, and which base URLs are set."""
    for name in registry.providers:
        try:
            service = registry.adapter(name).service
        except PluginError:
            continue  # its plugin's row says so already
        state = key_state(name, service, environ, home)
        level = FINE if state.found else BROKEN if state.broken else NOTE
        yield Check(name=f"key of {name}", state=level, detail=state.text, mend=state.mend)
        if environ.get(variable(name, "BASE_URL"), "").strip():
            yield _base_url(name, service.base_url, environ)


def _base_url(name: str, default: str, environ: Mapping[str, str]) -> Check:
    what, set_by = f"base URL of {name}", variable(name, "BASE_URL")
    try:
        return Check(name=what, state=NOTE, detail=f"{base_url_for(name, default, environ)}, set by {set_by}")
    except UsageError as error:
        return Check(name=what, state=BROKEN, detail=str(error), mend=f"Correct or unset {set_by}.")


def check_ledger(home: Path) -> Iterator[Check]:
    """Tell where the ledger is, whether it is sound, and what in it needs someone."""
    path = home / FILE
    if not path.exists():
        yield _no_ledger(home)
        return
    try:
        ledger = open_ledger(home, readonly=True)
    except LedgerError as error:
        yield Check(name="ledger", state=BROKEN, detail=str(path), mend=str(error))
        return
    try:
        problems = ledger.check()
        yield (
            Check(name="ledger", detail=f"{path}, sound")
            if not problems
            else Check(
                name="ledger",
                state=BROKEN,
                detail=f"{path}: {'; '.join(problems[:3])}",
                mend="Copy the folder away, then put a backup in its place.",
            )
        )
        if os.access(home, os.W_OK):
            yield from _unfinished(ledger)
        else:
            yield Check(name="home", state=BROKEN, detail=f"{home} cannot be written", mend="Give write permission.")
    except TaskferryError as error:
        yield Check(name="ledger", state=BROKEN, detail=str(path), mend=str(error))
    finally:
        ledger.close()


def _no_ledger(home: Path) -> Check:
    parent = next(folder for folder in (home, *home.parents) if folder.exists())
    if parent.is_dir() and os.access(parent, os.W_OK):
        return Check(name="ledger", state=NOTE, detail=f"none yet; the first job makes {home / FILE}")
    mend = "Give write permission, or set TASKFERRY_HOME to another folder."
    return Check(name="ledger", state=BROKEN, detail=f"{home} cannot be made: {parent} cannot be written", mend=mend)


def _unfinished(ledger: Ledger) -> Iterator[Check]:
    rows = ledger.unfinished()
    unconfirmed = [row for row in rows if row.snapshot.status is Status.UNCONFIRMED]
    parked = [row for row in rows if row.snapshot.parked]
    rest = [row for row in rows if row not in unconfirmed and row not in parked]
    left = [row for row in rest if not (row.holder and ledger.is_held_elsewhere(row))]
    detail = f"{len(rest)} unfinished ({len(left)} not watched), {len(parked)} parked, {len(unconfirmed)} unconfirmed"
    mends = []
    if left or parked:
        mends.append("`taskferry resume` goes on with them.")
    if unconfirmed:
        mends.append("`taskferry reconcile` settles the unconfirmed.")
    yield Check(name="tasks", state=NOTE if mends else FINE, detail=detail, mend=" ".join(mends))


def check_disk(home: Path) -> Check:
    """Tell how much room is left for files."""
    folder = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    state = BROKEN if free < _NO_SPACE else NOTE if free < _LITTLE_SPACE else FINE
    mend = "" if state == FINE else "Make room, or set TASKFERRY_HOME to a folder on a larger disk."
    return Check(name="disk", state=state, detail=f"{words.size(free)} free at {folder}", mend=mend)


def check_looks() -> Check:
    """Tell which road status reads take, and what the dearer one costs."""
    from taskferry.transport import TIMES_DEARER, is_installed, why_not_native  # httpx loads only for those who look

    reason = why_not_native()
    if reason is None:
        return Check(name="looks", detail="over pyreqwest")
    detail = f"over httpx, since {reason}: about {TIMES_DEARER} times the CPU for each look"
    return Check(name="looks", state=NOTE, detail=detail, mend="" if is_installed() else install_line("fast"))


def check_extras() -> Iterator[Check]:
    """Tell which optional parts are installed."""
    for extra, (purpose, _) in EXTRAS.items():
        lacking = missing(extra)
        if lacking:
            yield Check(name=f"extra {extra}", state=NOTE, detail=f"not installed: {purpose}", mend=install_line(extra))
        else:
            yield Check(name=f"extra {extra}", detail=f"installed: {purpose}")
