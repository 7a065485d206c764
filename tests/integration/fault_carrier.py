"""Carries fault scripts through real ferries against the stand-ins, all at once, and tells what came of each."""

from __future__ import annotations

import asyncio
import collections
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name

import httpx
from attrs import frozen

from integration.fault_scripts import ERAS, TRIPO_V2, UNENDING, Script
from taskferry import Ferry, Finished, Registry, Snapshot, Status, WaitOutcome
from taskferry.handle import FerryTask
from taskferry.ledger import Job, Record
from taskferry.sandbox import Job as ProviderJob
from taskferry.sandbox import Media, Running, Settings, StandIn
from taskferry.task import new_id

SPEED = 100.0
PATIENCE = 240.0
"""Seconds within which everything that can end has ended; a busy machine takes several times what a free one does."""
ENDS_WITHIN = 2 * PATIENCE
"""Seconds for a test that carries scripts; all of them end in half a minute where nothing is wrong."""
_LOOKED_LONG_ENOUGH = 1.0
"""Seconds for which what never ends is watched at least."""


@frozen(kw_only=True)
class Carried:
    """What came of one script."""

    end: str
    """As a script says it."""
    jobs: int
    """How many the provider has made."""
    settled: str | None
    kind: str | None
    """Of the failure."""
    message: str | None
    trouble: str | None
    """What a user is told of a task that goes on, or whose files are missing."""


def drawn_once(factory: str) -> Callable[[Settings], StandIn]:
    """Make a stand-in that draws one file of each kind and serves it for every job: drawing is not what is tried."""

    def make(settings: Settings) -> StandIn:
        stand_in: StandIn = resolve_name(factory)(settings)
        produce, drawn = stand_in.produce, dict[tuple[str, str], Media]()

        def produce_once(job: ProviderJob, name: str) -> Media:
            if (job.type, name) not in drawn:
                drawn[job.type, name] = produce(job, name)
            return drawn[job.type, name]

        stand_in.produce = produce_once  # type: ignore[method-assign]  # a subclass of each would say no more
        stand_in.reset()
        return stand_in

    return make


async def carry_all(scripts: Sequence[Script], servers: Mapping[str, Running], folder: Path) -> dict[str, Carried]:
    """Carry scripts, each group with a user of its own; give the ends by the scripts' names."""
    groups = collections.defaultdict(list)
    for number, script in enumerate(scripts):
        groups[script.era, script.group].append((number, script))
    registry = Registry()
    users = [User(servers, era, folder / f"{era} {group}".replace(":", " "), registry) for era, group in groups]
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        carried = (user.carry(some, client) for user, some in zip(users, groups.values(), strict=True))
        ends = await asyncio.gather(*carried)
    return {name: end for each in ends for name, end in each.items()}


class User:
    """Somebody with an account at each provider, and the ferry for them."""

    def __init__(self, servers: Mapping[str, Running], era: str, folder: Path, registry: Registry) -> None:
        self._servers = servers
        self._folder = folder
        self._keys = {name: server.stand_in.example_key() for name, server in servers.items()}
        self.ferry = Ferry(
            home=folder / "home",
            keys=self._keys,
            base_urls={name: server.base_url for name, server in servers.items()},
            generations=ERAS[era],
            registry=registry,
            environ={},
            speed=SPEED,
        )

    async def carry(self, scripts: Sequence[tuple[int, Script]], client: httpx.AsyncClient) -> dict[str, Carried]:
        """Carry some scripts side by side."""
        self._folder.mkdir()
        async with self.ferry:
            ends = await asyncio.gather(*(self._one(number, script, client) for number, script in scripts))
        return {str(script): end for (_, script), end in zip(scripts, ends, strict=True)}

    async def _one(self, number: int, script: Script, client: httpx.AsyncClient) -> Carried:
        """Submit, wait, and reconcile where nobody knows; then count what the provider has made."""
        ferry, server, settled = self.ferry, self._servers[script.provider], None
        operation, parameters, prompt = script.job(number, self._folder)
        if script.adapter == TRIPO_V2:
            task = await self._begun_long_ago(operation, prompt, client)
        else:
            task = await ferry.submit(operation, parameters, patience=PATIENCE if script.end != UNENDING else 1.0)
        outcome = await (_watched(task) if script.end == UNENDING else task.wait(timeout=PATIENCE))
        if outcome.snapshot.status is Status.UNCONFIRMED:
            settled = (await ferry.reconcile(task.id)).outcome
            if settled == "adopted":
                settled += f", {end_of(await (await ferry.resume(task.id)).wait(timeout=PATIENCE))}"
        failure = outcome.snapshot.failure
        return Carried(
            end=end_of(outcome),
            jobs=sum(job.prompt.startswith(prompt) for job in server.stand_in.jobs),
            settled=settled,
            kind=failure and failure.kind,
            message=failure and failure.message,
            trouble=task.problem or outcome.snapshot.parked or task.look_problem,
        )

    async def _begun_long_ago(self, operation: str, prompt: str, client: httpx.AsyncClient) -> FerryTask:
        """Give a job of an API that begins none any more: begun as it was then, kept as a ledger of then has it."""
        account, now = self.ferry.engine.accounts.account("tripo"), time.time()
        body = {"type": "text_to_model", "prompt": prompt, "texture": False, "pbr": False}
        authorized = {"Authorization": f"Bearer {self._keys['tripo']}"}
        reply = await client.post(f"{account.base_url}/v2/openapi/task", json=body, headers=authorized)
        job = Job(
            provider="tripo",
            operation=operation,
            generation=account.generation,
            base_url=account.base_url,
            account=account.fingerprint,
            parameters={"prompt": prompt},
        )
        snapshot = Snapshot(
            id=new_id(now),
            provider=job.provider,
            operation=operation,
            status=Status.QUEUED,
            created_at=now,
            submitted_at=now,
        )
        record = Record(job=job, snapshot=snapshot, remote=reply.json()["data"])
        await self.ferry.engine.write(self.ferry.ledger.add, record)
        return await self.ferry.resume(snapshot.id)


async def _watched(task: FerryTask) -> WaitOutcome:
    """Wait for a task that never ends a little, and until it says what holds it up, or runs."""
    end = time.monotonic() + PATIENCE
    await task.wait(timeout=_LOOKED_LONG_ENOUGH)
    while time.monotonic() < end and not _says_why(task):
        await task.wait(timeout=0.2)
    return await task.wait(timeout=0)


def _says_why(task: FerryTask) -> bool:
    snapshot = task.snapshot
    refused = snapshot.status is Status.PREPARED and snapshot.failure is not None
    return snapshot.status is Status.RUNNING or task.look_problem is not None or refused


def end_of(outcome: WaitOutcome) -> str:
    """Say how a wait ended, as scripts say it."""
    snapshot = outcome.snapshot
    if snapshot.parked:
        return f"{snapshot.status} {'not kept' if snapshot.status.ok else 'parked'}"
    if not isinstance(outcome, Finished) and snapshot.status is not Status.UNCONFIRMED:
        return UNENDING
    words = [snapshot.status, *([snapshot.failure.kind] if snapshot.failure else [])]
    return " ".join([*words, *([] if snapshot.kept or not snapshot.status.ok else ["not kept"])])
