"""Compares the ledger with the providers' own records: what is lost, made twice, stuck, or not whole."""

from __future__ import annotations

import asyncio
import collections
import hashlib
import json
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from chaos.script import SPEED
from taskferry import Ferry, ProviderError, Registry, Status, TaskferryError
from taskferry.ledger import Record
from taskferry.poller.reconciling import Reconciliation

Findings: TypeAlias = tuple[Mapping[str, int], list[str]]
"""Figures, and what is wrong."""
_PATIENCE = 60.0
"""Seconds in which everything has to come to its end, once nobody strikes any more."""
_TRIES = 100


async def settle(home: Path, registry: Registry, environ: Mapping[str, str]) -> Findings:
    """Go on with everything and reconcile what is unconfirmed, as a user would; count and say what went wrong."""
    problems: list[str] = []
    figures: collections.Counter[str] = collections.Counter()
    async with Ferry(home=home, registry=registry, environ=environ, speed=SPEED) as ferry:
        for again in (False, True):
            tasks = await ferry.resume_all()
            await asyncio.gather(*(task.wait(timeout=_PATIENCE) for task in tasks))
            for row in await ferry.recent(100_000, statuses={Status.UNCONFIRMED}):
                found = await _reconciled(ferry, row.id)
                if not again or found.outcome != "ambiguous":
                    figures[found.outcome] += 1
        for row in await ferry.recent(100_000, statuses={Status.SUCCEEDED}):
            if not row.snapshot.kept:
                try:
                    await (await ferry.task(row.id)).save()
                except TaskferryError as error:
                    problems.append(f"{row.id}: its files cannot be kept: {error}")
        problems += [f"ledger: {problem}" for problem in ferry.ledger.check()]
    return figures, problems


async def _reconciled(ferry: Ferry, task_id: str) -> Reconciliation:
    """Reconcile, and try again as a user would while the provider's own faults are in the way."""
    for _ in range(_TRIES):
        try:
            return await ferry.reconcile(task_id)
        except ProviderError as error:
            last = error
    raise last


def jobs_at(base_url: str) -> list[dict[str, Any]]:
    """Give the jobs that a provider has made, by its own records."""
    with urllib.request.urlopen(f"{base_url}/_sandbox/tasks", timeout=60) as reply:  # a client loads certificates first
        jobs: list[dict[str, Any]] = json.load(reply)["tasks"]
    return jobs


def compare(rows: Sequence[Record], jobs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Findings:
    """Count, and name each job that no row accounts for and each that was made twice."""
    figures: collections.Counter[str] = collections.Counter(rows=len(rows))
    problems = _stuck(rows) + _shared(rows)
    for provider, made in jobs.items():
        mine = [row for row in rows if row.job.provider == provider]
        strays = {job["task_id"]: job for job in made}
        for row in mine:
            if row.remote is not None:
                problems += _differing(row, strays)
        doubled = _doubled(mine, made)
        lost, unclear = _lost(mine, strays.values())
        figures.update(
            {
                "jobs": len(made),
                "doubled": len(doubled),
                "lost": len(lost),
                "unconfirmed": unclear,
                "unconfirmed with a job": len(strays) - len(lost),
            }
        )
        problems += [f"{provider}: {problem}" for problem in doubled + lost]
    return figures, problems


def _differing(row: Record, strays: dict[str, Mapping[str, Any]]) -> list[str]:
    """Take a row's job from those that none has named yet; say where the two differ."""
    at = [job_id for job_id in strays if job_id in json.dumps(row.remote)]
    if len(at) != 1:
        return [f"{row.id}: the provider has no such job, or another row has it: {row.remote}"]
    job, problems = strays.pop(at[0]), []
    if row.job.prompt != job["prompt"]:
        problems.append(f"another's: {row.id} asked for {row.job.prompt!r} and has the job for {job['prompt']!r}")
    if row.snapshot.provider_status != job["status"]:
        problems.append(f"{row.id}: the row says {row.snapshot.provider_status!r}, the provider {job['status']!r}")
    return problems


def _lost(rows: Iterable[Record], strays: Iterable[Mapping[str, Any]]) -> tuple[list[str], int]:
    """Name the jobs for which there is not even an unconfirmed row; count the unconfirmed rows."""
    unclear = collections.Counter(row.job.prompt for row in rows if row.snapshot.status is Status.UNCONFIRMED)
    count, lost = unclear.total(), []
    for job in strays:
        unclear[job["prompt"]] -= 1
        if unclear[job["prompt"]] < 0:
            lost.append(f"lost: {job['task_id']} was made for {job['prompt']!r}, and no row accounts for it")
    return lost, count


def _doubled(rows: Iterable[Record], made: Iterable[Mapping[str, Any]]) -> list[str]:
    """Name the prompts for which there are more jobs than rows; every row has a prompt, or a key, of its own."""
    asked = collections.Counter(row.job.prompt for row in rows)
    jobs = collections.Counter(job["prompt"] for job in made)
    return [
        f"doubled: {prompt!r} was made {count} times for {asked[prompt]} rows"
        for prompt, count in jobs.items()
        if count > max(1, asked[prompt])
    ] + [f"{prompt!r} has {count} rows" for prompt, count in asked.items() if count > 1]


def _stuck(rows: Iterable[Record]) -> list[str]:
    going = [row for row in rows if not row.snapshot.status.terminal and row.snapshot.status is not Status.UNCONFIRMED]
    silent = [row for row in rows if row.snapshot.status is Status.UNCONFIRMED and row.snapshot.failure is None]
    return [f"stuck: {row.id} is {row.snapshot.status}, {row.snapshot.parked}" for row in going] + [
        f"{row.id} is unconfirmed and does not say why" for row in silent
    ]


def _shared(rows: Iterable[Record]) -> list[str]:
    places = collections.Counter((row.job.provider, json.dumps(row.remote)) for row in rows if row.remote is not None)
    return [f"{count} rows have the job {place}" for place, count in places.items() if count > 1]


def broken_files(rows: Iterable[Record], home: Path) -> list[str]:
    """Name every kept file that is not whole, and everything in the store that no row names."""
    problems, named = [], set()
    for row in rows:
        for artifact in row.snapshot.artifacts:
            if artifact.path is None:
                continue
            named.add(artifact.path)
            if not artifact.path.is_file():
                problems.append(f"{row.id}: {artifact.path.name} is not there")
            elif hashlib.sha256(artifact.path.read_bytes()).hexdigest() != artifact.sha256:
                problems.append(f"{row.id}: {artifact.path.name} is not what was kept")
    left = [place for place in (home / "files").rglob("*") if place.is_file() and place not in named]
    return problems + [f"left over: {place.relative_to(home)}" for place in left]


def broken_promises(rows: Iterable[Record], said: Iterable[Mapping[str, str]]) -> list[str]:
    """Name what a process was told before its death and the ledger does not know any more."""
    known = {row.id: row for row in rows}
    problems = []
    for words in said:
        row = known.get(words.get("accepted") or words.get("ended") or "")
        if "accepted" in words and (row is None or row.remote is None):
            problems.append(f"{words['accepted']} was accepted, and its job is forgotten")
        if "ended" in words and (row is None or row.snapshot.status != words["status"]):
            problems.append(f"{words['ended']} had ended as {words['status']}, and that is forgotten")
    return problems
