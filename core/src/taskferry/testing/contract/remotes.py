"""Cases about `remote`: JSON that finds one job again, in any process."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any

from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import JSON, Finished, Observation, StillRunning
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import json_of, leaves, replaced, with_body
from taskferry.testing.contract.remembering import Memory
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.samples import OperationSamples
from taskferry.testing.contract.sound import is_empty
from taskferry.testing.contract.subject import round_trip
from taskferry.testing.contract.world import World

_LARGEST = 8192
_numbers = itertools.count(1)
_TRICK = "a/../b?c=1#d"
_ADVICE = "keep all that fetch needs in `remote`, and nothing in the adapter"


class RemoteCases(Contract):
    """What an adapter keeps of a create reply."""

    def test_remote_is_json(self) -> None:
        """`remote` comes back from JSON as it was: not empty, and no larger than a few kilobytes."""
        for of in self.subject.operations:
            remote = self.subject.remote(of)
            try:
                text = json.dumps(remote, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise AssertionError(
                    f"remote-json: {shown(remote)} is not JSON: {told(error)}; keep texts, numbers, lists and mappings"
                ) from error
            require(
                json.loads(text) == remote,
                f"remote-json: {shown(remote)} comes back from JSON as {shown(json.loads(text))}; keep lists "
                "instead of "
                "tuples, and texts as keys",
            )
            require(not is_empty(remote), f"remote-json: {shown(remote)} has an empty part; keep what finds the job")
            require(len(text) < _LARGEST, f"remote-json: {len(text):,} letters; keep what finds the job, not the reply")

    def test_remote_names_one_job(self) -> None:
        """Two jobs have two remotes."""
        for of, created, remote in self._others():
            mine = self.subject.remote(of)
            require(
                mine != remote,
                f"remote-unique: two create replies that differ in the job's id gave the same remote {shown(mine)}; "
                "keep the id",
            )
            require(created is not None, "remote-unique: there is no create reply")

    def test_remote_finds_its_job(self) -> None:
        """A look asks for the job that its `remote` names, and for no other."""
        for of, _, remote in self._others():
            mine = self.subject.fetch(self.subject.remote(of), self.subject.done(of))
            other = self.subject.fetch(remote, self.subject.done(of))
            require(
                _asked(mine.calls) != _asked(other.calls),
                f"remote-used: looks at two jobs make the same call {shown(list(mine.calls))}; put the id of `remote` "
                "into it",
            )

    def test_ids_cannot_change_the_path(self) -> None:
        """An id is opaque text: whatever is in it, it stays one part of the path."""
        tried = False
        for of in self.subject.operations:
            for place, path, value in _ids(self, of):
                if not isinstance(value, str) or "/" in value:
                    continue  # a number, or an address that the provider gave
                reply = with_body(of.created[place], replaced(json_of(of.created[place]), path, _TRICK))
                driven = self.subject.submit(of, [*of.created[:place], reply, *of.created[place + 1 :]])
                if driven.result is None:
                    continue
                tried = True
                calls = self.subject.fetch(driven.result.remote, self.subject.done(of)).calls
                require(
                    not any(_TRICK in call.path or "b?c" in call.path for call in calls),
                    f"id-quoting: the id {_TRICK!r} went into the path as it is: "
                    f"{shown([call.path for call in calls])}; "
                    "fill paths with Call.get('/jobs/{id}', id=...), which quotes",
                )
        if not tried:
            skip("no id of the create reply is text that goes into a path")

    def test_remote_resumes_in_a_fresh_process(self) -> None:
        """Another process that has nothing but `remote` reads the job as the first one would."""
        for of in self.subject.operations:
            memory = Memory(self.subject.adapter)
            created = next((created for other, created, _ in self._others(quietly=True) if other is of), of.created)
            accepted = self.subject.submit(of, created, adapter=self.subject.make()).result
            require(accepted is not None, f"resume: {of.operation.name}: the create reply was not taken")
            memory.put_back()
            driven = self.subject.fetch(round_trip(accepted.remote), self.subject.done(of), adapter=self.subject.make())
            error = told(driven.error) if driven.error else shown(driven.result)
            require(
                isinstance(driven.result, Observation) and driven.result.status is Status.SUCCEEDED,
                f"resume: a new adapter with {shown(accepted.remote)} came to {error}; {_ADVICE}",
            )

    def test_job_resumes_in_another_ferry(self) -> None:
        """A job begun in one process is finished in another, and is created once."""
        of = self.subject.first
        waiting, done = self.subject.under_way(of), self.subject.done(of)
        if self.subject.accepted(of).observation is not None and self._ends_at_once(of):
            skip("the create reply is the end already")
        from tempfile import TemporaryDirectory

        memory = Memory(self.subject.adapter)
        with TemporaryDirectory() as home:
            first = World(self.subject, of, looks=[waiting])
            token = first.ferry(lambda ferry: _begun(ferry, of), home)  # type: ignore[arg-type]  # a folder's name will do
            memory.put_back()
            second = World(self.subject, of, looks=[done])
            outcome = second.ferry(lambda ferry: _resumed(ferry, token), home)  # type: ignore[arg-type]  # the same
        require(
            isinstance(outcome, Finished) and outcome.snapshot.status is Status.SUCCEEDED,
            f"resume: a job that another process began came to {shown(outcome)}; {_ADVICE}",
        )
        creates = first.count("create") + second.count("create")
        require(creates == 1, f"resume: a job of two processes was created {creates} times; {_ADVICE}")

    def _ends_at_once(self, of: OperationSamples) -> bool:
        seen = self.subject.accepted(of).observation
        return seen is not None and seen.status is not None and seen.status.terminal

    def _others(self, *, quietly: bool = False) -> Iterator[tuple[OperationSamples, Sequence[Reply], JSON]]:
        """Yield each operation with the create reply and the remote of another job."""
        found = False
        for of in self.subject.operations:
            ids = list(_ids(self, of))
            for changed in [ids, *([one] for one in ids)] if ids else []:
                created = _with_others(of.created, changed)
                driven = self.subject.submit(of, created)
                if driven.result is not None:
                    found = True
                    yield of, created, driven.result.remote
                    break
            else:
                self._remote_has_an_id(of)
        if not found and not quietly:
            skip("the create reply has no id in its body")

    def _remote_has_an_id(self, of: OperationSamples) -> None:
        in_body = [value for _, _, value in _plain(of) if isinstance(value, str) and len(value) >= 1]
        has_headers = any(reply.headers.keys() - {"content-type"} for reply in of.created)
        require(
            not in_body or has_headers,
            f"remote-unique: the remote {shown(self.subject.remote(of))} holds nothing of the create reply; keep "
            "the id",
        )


def _ids(case: Contract, of: OperationSamples) -> Iterator[tuple[int, Any, Any]]:
    """Yield the places in the create reply whose values make the remote another."""
    remote = case.subject.remote(of)
    held = {str(value) for _, value in leaves({"remote": remote})}
    for place, path, value in _plain(of):
        if any(str(value) in text for text in held):
            yield place, path, value


def _plain(of: OperationSamples) -> Iterator[tuple[int, Any, Any]]:
    for place, reply in enumerate(of.created):
        for path, value in leaves(json_of(reply)):
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                yield place, path, value


def _with_others(created: Sequence[Reply], ids: Sequence[tuple[int, Any, Any]]) -> list[Reply]:
    """Give the create reply of another job: with other ids, and other addresses, wherever they stand."""
    replies = list(created)
    for place, path, value in ids:
        replies[place] = with_body(replies[place], replaced(json_of(replies[place]), path, _other(value)))
    return replies


def _other(value: Any) -> Any:
    """Give an id that no job has had yet, so that nobody remembers it."""
    number = next(_numbers)
    return value + number if isinstance(value, int) else f"{value}8{number}"


def _asked(calls: Any) -> list[str]:
    return [f"{call.method} {call.path} {call.params} {call.json} {call.headers}" for call in calls]


async def _begun(ferry: Any, of: OperationSamples) -> str:
    task = await ferry.submit(of.operation.name, of.parameters)
    outcome = await task.wait(timeout=5)
    require(isinstance(outcome, StillRunning), f"resume: a job under way was seen as {shown(outcome)}")
    return str(outcome.token)


async def _resumed(ferry: Any, token: str) -> Any:
    return await (await ferry.resume(token)).wait(timeout=600)
