"""Cases told to the end: a whole ferry, on a clock that jumps, with a provider that has a bad day."""

from __future__ import annotations

from typing import Any

import httpx

from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import Snapshot
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import with_body
from taskferry.testing.contract.requiring import require, skip
from taskferry.testing.contract.samples import OperationSamples
from taskferry.testing.contract.world import World

_PAGE = b"<h1>502 Bad Gateway</h1>"


class JourneyCases(Contract):
    """What becomes of a job when the provider is not at its best."""

    def test_lost_create_is_unconfirmed(self) -> None:
        """A create whose reply was dropped stays unconfirmed, with one create, however long one waits."""
        of = self.subject.first
        world = World(self.subject, of, creates=[httpx.ReadError("gone")])
        snapshot = world.ferry(lambda ferry: _waited(ferry, of, 3600))
        require(
            snapshot.status is Status.UNCONFIRMED and world.count("create") == 1,
            f"unconfirmed: a create whose reply was lost became {snapshot.status} with {world.count('create')} "
            "creates; "
            "let ReplyLost pass",
        )

    def test_rate_limited_create_goes_on(self) -> None:
        """A create that the provider did not take is sent again when it says, and the job is made."""
        of = self.subject.first
        if 429 not in self.subject.adapter.service.not_accepted:
            skip("the service does not document HTTP 429 as not taken")
        full = Reply(429, b"{}", {"retry-after": "40"})
        world = World(self.subject, of, creates=[full, of.created])
        snapshot = world.ferry(lambda ferry: _waited(ferry, of, of.patience))
        require(
            snapshot.status is Status.SUCCEEDED and world.count("create") == 2,
            f"rate-limit: a create that met HTTP 429 once came to {_said(snapshot)} after {world.count('create')} "
            "creates; "
            "give a retryable failure for 429",
        )

    def test_bad_looks_end_nothing(self) -> None:
        """Pages, lost replies, rate limits and half replies leave a job as it is, and its end is seen."""
        of = self.subject.first
        done = self.subject.done(of)
        bad: list[list[Reply | Exception]] = [
            [Reply(502, _PAGE, {"content-type": "text/html"})],
            [httpx.ReadTimeout("slow")],
            [Reply(429, b"{}", {"retry-after": "30"})],
            [Reply(500, b"{}")],
        ]
        if of.word_paths:
            bad.append([with_body(done[0], done[0].content[:-3])])
        world = World(self.subject, of, looks=[*bad, done])
        snapshot = world.ferry(lambda ferry: _waited(ferry, of, of.patience))
        require(
            snapshot.status is Status.SUCCEEDED,
            f"bad-looks: after bad looks and a good one the job is {_said(snapshot)}; let errors of looks pass",
        )


async def _waited(ferry: Any, of: OperationSamples, seconds: float) -> Snapshot:
    outcome = await (await ferry.submit(of.operation.name, of.parameters)).wait(timeout=seconds)
    snapshot: Snapshot = outcome.snapshot
    return snapshot


def _said(snapshot: Snapshot) -> str:
    failure = f" ({snapshot.failure})" if snapshot.failure else ""
    return f"{snapshot.status}{failure}" + (f", looks fail: {snapshot.look_problem}" if snapshot.look_problem else "")
