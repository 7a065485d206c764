"""Cases about progress: a share of one, as the provider says it now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from taskferry.status import Status
from taskferry.task import JSON, Finished, Observation, Snapshot
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import Path, json_of, leaves, replaced, with_body
from taskferry.testing.contract.requiring import require, skip
from taskferry.testing.contract.samples import Look, OperationSamples
from taskferry.testing.contract.world import World


@frozen(kw_only=True)
class _Found:
    """Where a status reply has its progress, and the scale of it."""

    of: OperationSamples
    look: Look
    path: Path
    whole: float

    def at(self, share: float) -> Look:
        """Give the look with another progress."""
        body = replaced(json_of(self.look[0]), self.path, round(share * self.whole, 6))
        return (with_body(self.look[0], body), *self.look[1:])


class ProgressCases(Contract):
    """What is made of a job's progress."""

    def test_progress_is_a_share(self) -> None:
        """Progress is between 0 and 1, whatever the provider counts in."""
        for of in self.subject.operations:
            for word, _, seen in self.subject.statuses(of):
                number = isinstance(seen.progress, int | float)
                require(
                    seen.progress is None or (number and 0 <= seen.progress <= 1),
                    f"progress: {word!r} gives {seen.progress}; make it 0..1: reply.at(path, float, scale=100)",
                )

    def test_progress_is_that_of_the_look(self) -> None:
        """An adapter gives what this look says: that progress never falls is held elsewhere, for each job by itself."""
        found = self._progress()
        remote, adapter = self.subject.remote(found.of), self.subject.make()
        seen = [self.subject.fetch(remote, found.at(share), adapter=adapter).result for share in (0.6, 0.2)]
        shares = [getattr(one, "progress", None) for one in seen]
        require(
            shares[0] != shares[1],
            f"progress: looks that say 60 % and then 20 % give {shares}; keep nothing from one look to the next",
        )

    def test_progress_never_falls(self) -> None:
        """A caller sees progress that only rises within a run, whatever the provider says."""
        found = self._progress()
        done = self.subject.done(found.of)
        world = World(self.subject, found.of, looks=[found.at(0.2), found.at(0.6), found.at(0.3), done])

        async def story(ferry: Any) -> list[Snapshot]:
            return await _updates(await ferry.submit(found.of.operation.name, found.of.parameters), found.of.patience)

        snapshots = world.ferry(story)
        shares = [one.progress for one in snapshots if one.status is Status.RUNNING and one.progress is not None]
        require(
            shares == sorted(shares) and snapshots[-1].status is Status.SUCCEEDED,
            f"progress: a job at 20, 60, 30 % and then done was seen at {shares}, then {snapshots[-1].status}; give "
            "each look's progress as it is, and raise nothing over it",
        )
        require(
            any(share >= 0.5 for share in shares),
            f"progress: a job at 20, 60, 30 % was seen at {shares}; make it 0..1 of the right scale",
        )

    def _progress(self) -> _Found:
        found = next(self._every_progress(), None)
        return found or skip("no sample of a running job has a progress")

    def _every_progress(self) -> Iterator[_Found]:
        for of in self.subject.operations:
            remote = self.subject.remote(of)
            for look in of.looks.values():
                seen = self._anew(remote, look)
                if seen is not None and seen.status is Status.RUNNING and isinstance(seen.progress, int | float):
                    yield from (one for one in _candidates(of, look, seen) if self._counts(one, remote, seen))

    def _counts(self, found: _Found, remote: JSON, seen: Observation) -> bool:
        changed = self._anew(remote, found.at((seen.progress or 0) / 2 + 0.01))
        return changed is not None and changed.progress != seen.progress

    def _anew(self, remote: JSON, look: Look) -> Observation | None:
        """Look with an adapter that has seen nothing yet."""
        result = self.subject.fetch(remote, look, adapter=self.subject.make()).result
        return result if isinstance(result, Observation) else None


def _candidates(of: OperationSamples, look: Look, seen: Observation) -> Iterator[_Found]:
    for path, value in leaves(json_of(look[0])):
        if isinstance(value, int | float) and not isinstance(value, bool) and seen.progress:
            yield _Found(of=of, look=look, path=path, whole=value / seen.progress)


async def _updates(task: Any, patience: float) -> list[Snapshot]:
    """Collect the changes of a task up to its end, for so long."""
    seen: list[Snapshot] = []

    async def watch() -> None:
        async for snapshot in task.updates():
            seen.append(snapshot)  # noqa: PERF401 -- what came before patience ran out counts

    watching = asyncio.create_task(watch())
    if not isinstance(await task.wait(timeout=patience), Finished):
        watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return [*seen, task.snapshot]
