"""Keeps to an account's limits together with all other processes of a ledger, without holding up the loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from attrs import frozen

from taskferry.clock import Clock
from taskferry.errors import LedgerError
from taskferry.ledger.sharing import Granted, SharesLimits
from taskferry.ledger.thread import LedgerThread
from taskferry.poller.own_limits import AccountLimits
from taskferry.poller.share import Share
from taskferry.poller.shared_limits import SharedBucket, SharedGate, TellingBucket

log = logging.getLogger("taskferry")

LOOKS, CREATES = "looks", "creates"
"""What a provider has no room for."""


@frozen
class SharedLimits(AccountLimits):
    """The limits of one account in all processes."""

    bucket: TellingBucket
    gate: SharedGate


class Sharing:
    """The limits of all accounts of a process whose ledger is shared."""

    def __init__(
        self,
        ledger: SharesLimits,
        thread: LedgerThread,
        clock: Clock,
        start: Callable[[Coroutine[Any, Any, None], str], None],
    ) -> None:
        self._ledger = ledger
        self._thread = thread
        self._clock = clock
        self._start = start
        self._limits: dict[str, SharedLimits] = {}
        self._failing = False

    def of(self, place: Sequence[str], per_minute: float | None) -> SharedLimits:
        """Give the limits of an account, which are the same for all generations of its API."""
        provider, _, base_url, fingerprint = place
        account = f"{provider} {base_url} {fingerprint}"
        if not self._limits:
            self._listen()
        if account not in self._limits:
            tell = partial(self._tell, account, LOOKS)
            bucket = TellingBucket(tell)
            if per_minute is not None:
                bucket = SharedBucket(per_minute, partial(self._ask, account), tell)
            self._limits[account] = SharedLimits(bucket, SharedGate(bucket, partial(self._tell, account, CREATES)))
        return self._limits[account]

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()

        def heard(account: str, what: str, seconds: float) -> None:
            try:
                loop.call_soon_threadsafe(self._heard, account, what, seconds)
            except RuntimeError as error:  # the loop was closed: nobody sends any more
                log.debug("nobody sends to %s any more: %s", account, error)

        self._ledger.tell_of_holds(heard)

    def _heard(self, account: str, what: str, seconds: float) -> None:
        limits = self._limits.get(account)
        now = self._clock.monotonic()
        if limits is None or seconds <= 0:
            return
        if what == CREATES:
            limits.gate.heard(now, seconds)
        else:
            limits.bucket.heard(now + seconds)

    def _ask(self, account: str, share: Share, wanted: int) -> None:
        self._start(self._lease(account, share, wanted), f"lease {account}")

    async def _lease(self, account: str, share: Share, wanted: int) -> None:
        clock = self._clock.monotonic

        def lease() -> tuple[float, Granted, float]:
            before = clock()
            given = self._ledger.lease_requests(account, rate=share.rate, burst=share.burst, wanted=wanted)
            return before, given, clock()

        try:
            before, given, after = await self._thread.call(lease)
        except LedgerError as error:
            log.log(logging.DEBUG if self._failing else logging.WARNING, "No requests could be leased: %s", error)
            self._failing = True
            share.failed(clock())
            return
        self._failing = False
        share.granted(given, before, after)
        self._heard(account, LOOKS, given.looks_closed)
        self._heard(account, CREATES, given.creates_closed)

    def _tell(self, account: str, what: str, until: float) -> None:
        self._start(self._hold_back(account, what, until), f"hold back {account}")

    async def _hold_back(self, account: str, what: str, until: float) -> None:
        seconds = until - self._clock.monotonic()
        try:
            await self._thread.call(self._ledger.hold_back, account, what, seconds)
        except LedgerError as error:
            log.warning("Other processes find out by themselves that there is no room for %s: %s", what, error)
