"""Lanes: one endless job for many tasks, which claims the rows of the ledger and has them driven."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterable

from procrastinate.jobs import Job

from taskferry import LedgerError, clean
from taskferry.ledger.backend import Driver
from taskferry_postgres.claiming import Claims
from taskferry_postgres.connector import Connector
from taskferry_postgres.hearing import heard
from taskferry_postgres.job_manager import Jobs
from taskferry_postgres.queue_schema import BUCKETS, queue_of
from taskferry_postgres.serving import Serving

log = logging.getLogger("taskferry")

_MOST = 500
"""Tasks that are claimed at a time."""
_PAUSE = 0.05
"""Seconds between two claims at least, so that tasks which come one by one are claimed together."""
_LOOK_EVERY = 1.0
"""Seconds after which tasks are looked for although nothing was told."""
_DEAD_EVERY = 2.0
"""Seconds between two questions which holders are dead."""
_WEIGHED_FOR = 0.9
"""Seconds for which a share of the lanes is kept to."""

_SHARE = """
SELECT
    (SELECT count(*) FROM procrastinate_jobs WHERE queue_name = ANY(%(queues)s) AND status IN ('todo', 'doing'))
        AS lanes,
    (SELECT count(*) FROM holders WHERE serves && %(mine)s::text[] AND expires_at > clock_timestamp()) AS workers
"""


class GivenBack(Exception):
    """A lane is another worker's to run."""


class Lanes:
    """The lanes that this worker runs: no more of them than its share."""

    def __init__(
        self, connector: Connector, claims: Claims, serving: Serving, driver: Driver, dead: list[str], slots: int
    ) -> None:
        """Take a list of dead holders that somebody else keeps up to date."""
        self._connector = connector
        self._claims = claims
        self._serving = serving
        self._driver = driver
        self._dead = dead
        self._slots = slots
        self._running: dict[tuple[str, int, int], asyncio.Event] = {}
        """Provider, shard and number of lanes, and whether the lane is to be given back."""
        self.share = 0
        """How many lanes this worker may run."""
        self._weighed_at = float("-inf")
        self._bell = asyncio.Event()
        self._unsure = False
        """Whether tasks may be held here that nobody drives."""

    @property
    def queues(self) -> list[str]:
        """Name the queues in which lanes are."""
        return [f"{queue_of(provider)}:lanes" for provider in self._serving.here]

    def ring(self, _lane: str) -> None:
        """Look for tasks at once."""
        self._bell.set()

    async def weigh(self) -> None:
        """Work out this worker's share, and give back what is beyond it; its tasks in hand stay here."""
        if time.monotonic() - self._weighed_at < _WEIGHED_FOR:
            return
        self._weighed_at = time.monotonic()
        mine = list(self._serving.here)
        row = await self._connector.execute_query_one_async(_SHARE, queues=self.queues, mine=mine)
        self.share = math.ceil(row["lanes"] / max(row["workers"], 1))
        for _, leaving in zip(range(len(self._running) - self.share), self._running.values(), strict=False):
            leaving.set()

    async def run(self, provider: str, shard: int, lanes: int) -> None:
        """Have a lane's tasks claimed until it is given back, which raises GivenBack."""
        lane, leaving = (provider, shard, lanes), asyncio.Event()
        self._running[lane] = leaving
        self._bell.set()
        try:
            await leaving.wait()
        finally:
            del self._running[lane]
        raise GivenBack

    async def claim(self) -> None:
        """Claim tasks and have them driven, for ever."""
        while True:
            self._bell.clear()
            more = False
            for provider in {lane[0] for lane in self._running}:
                more |= await self._claim(provider)
            await asyncio.sleep(_PAUSE)
            if not more:
                await heard(self._bell, _LOOK_EVERY)

    async def _claim(self, provider: str) -> bool:
        """Claim some tasks of a provider; tell whether there may be more, and room for them."""
        limit = min(_MOST, self._slots - self._driver.in_hand)
        if limit <= 0:
            return False
        try:
            if self._unsure:
                await self._drive_what_is_held()
            self._unsure = True
            found = await asyncio.to_thread(self._claims.some, provider, self._buckets(provider), self._dead, limit)
            await self._driver.take(found)
            self._unsure = False
        except LedgerError as error:
            log.warning("The tasks of %s wait: %s", provider, clean(error))
            return False
        return len(found) == limit

    async def _drive_what_is_held(self) -> None:
        """Have tasks driven that were claimed when the server went away; those that are driven go on as before."""
        last = ""
        while found := await asyncio.to_thread(self._claims.mine, last):
            await self._driver.take(found)
            last = found[-1].id

    def _buckets(self, provider: str) -> list[int]:
        parts = [(shard, lanes) for name, shard, lanes in self._running if name == provider]
        return sorted({bucket for shard, lanes in parts for bucket in range(shard, BUCKETS, lanes)})


class LaneJobs(Jobs):
    """The jobs of lanes, of which a worker takes its share."""

    def __init__(self, connector: Connector, lanes: Lanes) -> None:
        super().__init__(connector, lambda: lanes.share - self.out)
        self._lanes = lanes

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Give a lane, unless this worker has its share."""
        await self._lanes.weigh()
        return await super().fetch_job(queues, worker_id)
