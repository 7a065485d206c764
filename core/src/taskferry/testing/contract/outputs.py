"""Cases about results: what a finished job gives, and that its files are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from taskferry.errors import ArtifactError, TaskferryError
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import Artifact, Finished, Observation, Snapshot
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import json_of, leaves, mapped, parts, replaced, with_body
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.samples import Look, OperationSamples
from taskferry.testing.contract.sound import of_artifacts
from taskferry.testing.contract.world import World

_FRESH = "contract-fresh=1"


class OutputCases(Contract):
    """What comes of a job that succeeded."""

    def test_outputs(self) -> None:
        """A finished job has results, each with a name, a kind and an address; the operation's kind is among them."""
        for of in self.subject.operations:
            seen = self._done(of)
            require(
                seen.artifacts,
                f"outputs: {of.operation.name}: a finished job has no artifacts; read them from the documented reply",
            )
            kinds = {artifact.kind for artifact in seen.artifacts}
            require(
                of.operation.kind in kinds,
                f"outputs: {of.operation.name} makes {of.operation.kind} and its results are {sorted(kinds)}; "
                "correct the "
                "artifact's kind or the operation's",
            )

    def test_several_outputs(self) -> None:
        """Where results come as a list, each of its items is one, with a name of its own."""
        tried = False
        for of in self.subject.operations:
            usual = len(self._done(of).artifacts)
            for look in _longer(self.subject.done(of), self._urls(of)):
                tried = True
                seen = self.subject.seen(of, look)
                require(
                    len(seen.artifacts) >= usual + 2,
                    f"several-outputs: a reply with two more results gave {len(seen.artifacts)} instead of "
                    f"{usual + 2}; "
                    "make an Artifact of each item",
                )
                wrong = next(of_artifacts(seen.artifacts), None)
                require(wrong is None, f"several-outputs: {wrong}")
        if not tried:
            skip("no sample of a finished job has its results in a list")

    def test_success_without_output(self) -> None:
        """A finished job whose addresses are missing or null has no results, rather than broken ones."""
        for of in self.subject.operations:
            urls = self._urls(of)
            for nothing in (None, ""):
                look = tuple(
                    with_body(reply, mapped(json_of(reply), lambda value: nothing if value in urls else value))  # noqa: B023 -- used at once
                    for reply in self.subject.done(of)
                )
                driven = self.subject.fetch(self.subject.remote(of), look)
                require(
                    driven.typed,
                    f"no-output: a finished job with {nothing!r} for its addresses raised "
                    f"{told(driven.error) if driven.error else ''}; leave such artifacts out",
                )
                artifacts = driven.result.artifacts if isinstance(driven.result, Observation) else ()
                wrong = next(of_artifacts(artifacts), None)
                require(wrong is None, f"no-output: with {nothing!r} for its addresses: {wrong}")

    def test_files_are_kept(self) -> None:
        """A job goes from submit to kept files of the right kind."""
        of = self.subject.first
        world = World(self.subject, of, looks=self._life(of))
        snapshot, problem = world.ferry(lambda ferry: _kept(ferry, of))
        require(
            problem is None and snapshot.status is Status.SUCCEEDED, f"kept: the job came to {_end(snapshot, problem)}"
        )
        require(
            all(artifact.path and artifact.sha256 for artifact in snapshot.artifacts) and snapshot.artifacts,
            f"kept: files are missing: {shown(snapshot.artifacts)}; give each artifact an address that can be fetched",
        )

    def test_expired_url_gets_a_fresh_look(self) -> None:
        """A result whose address has expired is looked up again and kept, so looks work after the end, too."""
        of = self.subject.first
        urls, done = self._urls(of), self.subject.done(of)
        if not urls:
            skip("results are not at addresses in the body")
        fresh = tuple(_with_fresh_urls(reply, urls) for reply in done)

        def files(request: httpx.Request) -> httpx.Response | None:
            return None if _FRESH in str(request.url) else httpx.Response(403, text="expired")

        world = World(self.subject, of, looks=[*self._life(of), fresh], files=files)
        snapshot, problem = world.ferry(lambda ferry: _kept(ferry, of))
        require(
            problem is None and snapshot.kept,
            f"expired-url: after a fresh look the job came to {_end(snapshot, problem)}; give the addresses of this "
            "look, and keep none of an earlier one",
        )

    def test_empty_file(self) -> None:
        """A result that is empty is an error of the file, not of the job, and is never taken for kept."""
        of = self.subject.first
        if not self._remote_files(of):
            skip("results come within the reply")
        world = World(self.subject, of, files=lambda _: httpx.Response(200, content=b""))
        snapshot, problem = world.ferry(lambda ferry: _kept(ferry, of))
        require(
            isinstance(problem, ArtifactError) and snapshot.status is Status.SUCCEEDED and not snapshot.kept,
            f"empty-file: a job whose file is empty came to {_end(snapshot, problem)}; leave path, size and sha256 of "
            "artifacts to taskferry",
        )

    def test_no_output_is_a_failure(self) -> None:
        """A job that succeeds and gives nothing ends as failed, with a failure that says so."""
        of = self.subject.first
        urls = self._urls(of)
        if not urls:
            skip("results are not at addresses in the body")
        done = self.subject.done(of)
        nothing = tuple(
            with_body(one, mapped(json_of(one), lambda value: None if value in urls else value)) for one in done
        )
        if not isinstance(self.subject.fetch(self.subject.remote(of), nothing).result, Observation):
            skip("a finished job without addresses is malformed")
        snapshot = World(self.subject, of, looks=[nothing]).ferry(lambda ferry: _ended(ferry, of))
        require(
            snapshot.status is Status.FAILED and snapshot.failure is not None,
            f"no-output: a job that succeeded with nothing came to {_end(snapshot, None)}; give no artifact without an "
            "address",
        )

    def _done(self, of: OperationSamples) -> Observation:
        return self.subject.seen(of, self.subject.done(of))

    def _urls(self, of: OperationSamples) -> set[str]:
        """Give the results' addresses as they stand in the replies."""
        urls = {artifact.url for artifact in self._remote_files(of)}
        told = {
            value for reply in self.subject.done(of) for _, value in leaves(json_of(reply)) if isinstance(value, str)
        }
        return {url for url in urls if url} & told

    def _remote_files(self, of: OperationSamples) -> list[Artifact]:
        return [artifact for artifact in self._done(of).artifacts if not str(artifact.url).startswith("data:")]

    def _life(self, of: OperationSamples) -> list[Look]:
        """Give the looks at a job from where it is under way, if there is such a sample."""
        waiting = [
            look for _, look, seen in self.subject.statuses(of) if seen.status is not None and seen.status.watched
        ]
        return [*waiting[:1], self.subject.done(of)]


def _longer(look: Look, urls: set[str]) -> Iterator[Look]:
    """Yield looks in which a list that holds an address has two more items."""
    for place, reply in enumerate(look):
        body = json_of(reply)
        for path, value in parts(body):
            if isinstance(value, list) and value and _holds(value[0], urls):
                more = [mapped(value[0], lambda one, end=end: f"{one}{end}" if one in urls else one) for end in "xy"]  # type: ignore[misc]  # bound while it is current
                longer = with_body(reply, replaced(body, path, [*value, *more]))
                yield (*look[:place], longer, *look[place + 1 :])


def _holds(item: Any, urls: set[str]) -> bool:
    return (
        item in urls if isinstance(item, str) else isinstance(item, dict) and bool(urls & set(map(str, item.values())))
    )


def _with_fresh_urls(reply: Reply, urls: set[str]) -> Reply:
    def fresh(value: Any) -> Any:
        return f"{value}{'&' if '?' in value else '?'}{_FRESH}" if isinstance(value, str) and value in urls else value

    return with_body(reply, mapped(json_of(reply), fresh))


async def _kept(ferry: Any, of: OperationSamples) -> tuple[Snapshot, TaskferryError | None]:
    task = await ferry.submit(of.operation.name, of.parameters)
    if not isinstance(await task.wait(timeout=of.patience), Finished):
        return task.snapshot, None
    try:
        await task.save()
    except TaskferryError as error:
        return task.snapshot, error
    return task.snapshot, None


async def _ended(ferry: Any, of: OperationSamples) -> Snapshot:
    outcome = await (await ferry.submit(of.operation.name, of.parameters)).wait(timeout=of.patience)
    require(isinstance(outcome, Finished), f"end: the job did not end: {shown(outcome)}")
    snapshot: Snapshot = outcome.snapshot
    return snapshot


def _end(snapshot: Snapshot, problem: TaskferryError | None) -> str:
    failure = f" ({snapshot.failure})" if snapshot.failure else ""
    look = f", looks fail: {snapshot.look_problem}" if snapshot.look_problem else ""
    return f"{snapshot.status}{failure}{look}" + (f", {told(problem)}" if problem else "")
