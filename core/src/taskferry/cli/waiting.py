"""What `run`, `wait`, `watch`, `resume` and `demo` share: follow tasks to their end, and say how that was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import evolve, frozen

from taskferry.cli import exits, output, render
from taskferry.cli.opening import opened_ferry
from taskferry.cli.progress import Progress, progress
from taskferry.cli.sharing import not_here
from taskferry.cli.stopping import stopped_before
from taskferry.cli.watching import Watching
from taskferry.document import task_document
from taskferry.ledger.record import Record

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask

Begin: TypeAlias = "Callable[[Ferry], Coroutine[Any, Any, Sequence[FerryTask]]]"
"""Gives the tasks to follow, submitted or found."""
Finish: TypeAlias = "Callable[[FerryTask], Coroutine[Any, Any, Record]]"
"""Does what is left to do for a task that succeeded, and gives its record as it is to be shown."""


@frozen(kw_only=True)
class Ending:
    """How the waiting ended."""

    records: Sequence[Record]
    interrupted: bool


@frozen(kw_only=True)
class Joining:
    """Tasks that are submitted while others are waited for are waited for, too."""

    endless: bool = False
    """Whether to go on when every task has ended."""


def follow(
    begin: Begin,
    *,
    wait: bool = True,
    timeout: float | None = None,
    finish: Finish | None = None,
    joining: Joining | None = None,
    **settings: Any,
) -> Ending:
    """Open a ferry, begin, and wait with live progress; Ctrl-C and SIGTERM end the waiting, never the jobs.

    `finish` is called for each task that succeeded. `settings` are the ferry's own.
    """
    return asyncio.run(_follow(begin, wait, timeout, finish, joining, settings))


async def _follow(
    begin: Begin,
    wait: bool,
    timeout: float | None,
    finish: Finish | None,
    joining: Joining | None,
    settings: dict[str, Any],
) -> Ending:
    tasks: list[FerryTask] = []
    records: list[Record] = []
    async with opened_ferry(**settings) as ferry:

        async def work() -> None:
            tasks.extend(await begin(ferry))
            if joining is not None:
                with progress() as shown:
                    watching = Watching(ferry, tasks, lambda task, left: _wait([task], shown, left), timeout=timeout)
                    await watching.run(endless=joining.endless)
            elif wait and tasks:
                with progress() as shown:
                    await _wait(tasks, shown, timeout)
            records.extend(
                [await finish(task) if finish and task.snapshot.status.ok else task.record for task in tasks]
            )

        interrupted = await stopped_before(work())
        known = [task.id for task in tasks]
        if interrupted and not known:  # it came while the job was being submitted
            known = [row.id for row in ferry.ledger.unfinished() if row.holder == ferry.ledger.holder]
    if interrupted:
        records = _read_again(ferry.home, known)
    return Ending(records=records, interrupted=interrupted)


async def _wait(tasks: Sequence[FerryTask], shown: Progress, timeout: float | None) -> None:
    showing = [asyncio.create_task(_show(task, shown)) for task in tasks]
    try:
        await asyncio.gather(*(task.wait(timeout) for task in tasks))
    finally:
        for shower in showing:
            shower.cancel()
        await asyncio.gather(*showing, return_exceptions=True)
        for task in tasks:
            shown.show(task.record)


async def _show(task: FerryTask, shown: Progress) -> None:
    async for _ in task.updates():
        shown.show(task.record)


def _read_again(home: Path, task_ids: Sequence[str]) -> list[Record]:
    """Read rows as they are now: a billed call that was under way may have come back while the ferry closed."""
    from taskferry.ledger.choosing import open_ledger_for

    ledger = open_ledger_for(home, readonly=True)
    try:
        return [ledger.get(task_id) for task_id in task_ids]
    finally:
        ledger.close()


def conclude(ending: Ending, *, as_json: bool, say: Callable[..., str] = render.remark) -> int:
    """Say where the files are and, in `say`'s words, what each other task needs; give the exit code."""
    if as_json:
        output.document(tasks_document(ending.records))
    else:
        kept = [row for record in ending.records for row in render.files(record, Path.cwd())]
        for line in render.columns((), kept):
            output.say(line)
    for record in ending.records:
        if text := say(record, interrupted=ending.interrupted) or not_here(record):
            output.note(text)
    if not ending.interrupted:
        return exits.tasks_code(record.snapshot for record in ending.records)
    output.note("Interrupted." if ending.records else "Interrupted before there was a job.")
    return exits.INTERRUPTED


async def saved_to(task: FerryTask, folder: Path) -> Record:
    """Put a task's files into a folder and give its record with the paths there."""
    artifacts = await task.save(folder)
    return evolve(task.record, snapshot=evolve(task.snapshot, artifacts=tuple(artifacts)))


def tasks_document(records: Sequence[Record]) -> dict[str, Any]:
    """Give tasks as the JSON that scripts read."""
    return {"tasks": [task_document(record) for record in records]}
