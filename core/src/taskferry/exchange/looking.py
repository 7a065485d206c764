"""Looks at jobs, one or many with one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import GeneratorType
from typing import Any

from attrs import evolve

from taskferry.adapter import Adapter, Exchange, FetchesMany
from taskferry.call import Call, Purpose
from taskferry.errors import AdapterError, Failure, ProviderError, TaskferryError, WireError
from taskferry.exchange.driving import broken, close, denied, run
from taskferry.exchange.observations import completed, observed
from taskferry.reply import Reply
from taskferry.task import JSON, Observation
from taskferry.transport import Wire

SHORT = (1 << 60) - 1
"""What is kept of a hash: a number of 60 bits takes 16 bytes less than one of 64, twice for each task in flight."""


class Sight:
    """What one look of the poller came to."""

    __slots__ = ("_base_url", "_reply", "mark", "retry_after", "seen")

    def __init__(self, seen: Observation | None, mark: int | None, reply: Reply | None, base_url: str) -> None:
        self.seen = seen
        """As the adapter gave it; None where nothing changed since the look that gave `mark`."""
        self.mark = mark
        """Stands for the reply, in this process; None where the observation does not follow from one reply alone."""
        hint = None if seen is None else seen.retry_after
        self.retry_after = reply.retry_after if hint is None and reply is not None else hint
        """Seconds that the provider asks to wait before the next look."""
        self._reply = reply
        self._base_url = base_url

    @property
    def observation(self) -> Observation | None:
        """Give what was seen, checked and with what the reply says by itself; raise AdapterError."""
        return None if self.seen is None else completed(self.seen, self._reply, self._base_url)


async def fetch(adapter: Adapter, remote: JSON, wire: Wire) -> Observation:
    """Look at one job; raise WireError, ProviderError or AdapterError."""
    seen, reply = await run(adapter.fetch(remote), wire, adapter.failure)
    return completed(seen, reply, wire.base_url)


async def look(adapter: Adapter, remote: JSON, wire: Wire, mark: int | None = None) -> Sight:
    """Look at one job, decoding only a reply other than the one that gave `mark`; raise as `fetch` does."""
    exchange = adapter.fetch(remote)
    begun = await _read(exchange, adapter, wire, mark) if isinstance(exchange, GeneratorType) else None
    if isinstance(begun, Sight):
        close(exchange)
        return begun
    seen, reply = await run(exchange, wire, adapter.failure, begun=begun)
    return Sight(observed(seen), None, reply, wire.base_url)


async def _read(
    exchange: Exchange[Observation], adapter: Adapter, wire: Wire, mark: int | None
) -> Sight | Call | WireError | ProviderError:
    """Do, without the ways of `run`, the one read that nearly every look is; give what `run` has to go on with."""
    reply: Reply | None = None
    try:
        call = next(exchange)
        if not isinstance(call, Call):
            raise AdapterError(f"An adapter yields calls, not {type(call).__name__}.")
        if call.purpose is not Purpose.READ:
            return call
        try:
            reply = await wire.look(call)
            known = hash((reply.status, reply.content)) & SHORT
            if known == mark:
                return Sight(None, mark, reply, wire.base_url)
            refused = denied(reply, call, adapter.failure)
        except WireError as error:
            return error
        return exchange.send(reply) if refused is None else refused
    except StopIteration as stop:
        pure = reply is not None and not reply.headers_read
        return Sight(observed(stop.value), known if pure else None, reply, wire.base_url)
    except TaskferryError:
        raise
    except (Exception, SystemExit) as raised:
        raise broken(raised) from raised


async def fetch_many(
    adapter: FetchesMany, failure: Callable[[Reply], Failure | None], remotes: Sequence[JSON], wire: Wire
) -> Sequence[Observation | None]:
    """Look at many jobs with one call; raise as `fetch` does."""
    seen: Any
    seen, reply = await run(adapter.fetch_many(remotes), wire, failure)
    if not isinstance(seen, Sequence) or len(seen) != len(remotes):
        raise AdapterError(f"fetch_many has to give one observation, or None, for each of {len(remotes)} jobs.")
    hint = None if reply is None else reply.retry_after
    whole = [None if one is None else completed(one, None, wire.base_url) for one in seen]
    if hint is None:
        return whole
    return [one if one is None or one.retry_after is not None else evolve(one, retry_after=hint) for one in whole]
