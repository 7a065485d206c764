"""Drives an adapter's generators: sends what they yield, and a billed call at most once."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from types import GeneratorType
from typing import Any, Protocol, TypeVar

from attrs import evolve, frozen

from taskferry.adapter import Accepted, Adapter, Exchange, FetchesMany, Request
from taskferry.call import Call, Purpose
from taskferry.errors import (
    AdapterError,
    CallForbidden,
    Failure,
    FailureKind,
    MalformedReply,
    NotSent,
    ProviderError,
    TaskferryError,
    UsageError,
    WireError,
)
from taskferry.reply import Reply
from taskferry.task import JSON, Artifact, Observation
from taskferry.text import clean
from taskferry.transport import Wire

T = TypeVar("T")
log = logging.getLogger("taskferry")

_CALLS_AT_MOST = 64
"""Calls of one exchange; a generator that wants more is going round in circles."""
_RAW_AT_MOST = 256 * 1024
"""Bytes kept of a raw reply."""


_KINDS: Mapping[type[TaskferryError], FailureKind] = {
    NotSent: FailureKind.NOT_SENT,
    MalformedReply: FailureKind.MALFORMED,
    WireError: FailureKind.UNAVAILABLE,
    UsageError: FailureKind.VALIDATION,
    TaskferryError: FailureKind.MALFORMED,
}
"""What an error of ours means for a job; the first family that fits counts."""


class Journal(Protocol):
    """Keeps what happened to a billed call, each step durable before the next one."""

    async def sending(self) -> None:
        """Keep that the billed call leaves now."""
        ...

    async def replied(self, reply: Reply) -> None:
        """Keep the raw reply to the billed call, before the adapter reads it."""
        ...


@frozen(kw_only=True)
class Refused:
    """The provider did not take the job: nothing exists there, nothing is billed."""

    failure: Failure


@frozen(kw_only=True)
class NotReceived:
    """The billed call was proven not to have been taken, so it may be sent again."""

    failure: Failure


@frozen(kw_only=True)
class Unconfirmed:
    """The billed call went out and nobody knows what became of it."""

    failure: Failure


SubmitOutcome = Accepted | Refused | NotReceived | Unconfirmed


async def run(
    exchange: Exchange[T], wire: Wire, failure: Callable[[Reply], Failure | None], *, submit: _Submit | None = None
) -> tuple[T, Reply | None]:
    """Drive one exchange to its end; give its result and the last reply.

    Raises WireError and ProviderError as they were thrown into the generator, and anything else as AdapterError.
    """
    if not isinstance(exchange, GeneratorType):
        raise AdapterError(f"An adapter method has to be a generator that yields calls, not {type(exchange).__name__}.")
    reply: Reply | None = None
    error: TaskferryError | None = None
    first = True
    try:
        for _ in range(_CALLS_AT_MOST):
            try:
                call = exchange.throw(error) if error else exchange.send(reply) if reply else next(exchange)
            except StopIteration as stop:
                return stop.value, reply
            error = None
            try:
                reply = await _answer(call, wire, failure, submit, first=first)
            except (WireError, ProviderError) as caught:
                error = caught
            first = False
        raise AdapterError(f"An exchange made more than {_CALLS_AT_MOST} calls.")
    except TaskferryError:
        raise
    except Exception as broken:
        raise AdapterError(f"The adapter raised {type(broken).__name__}: {clean(broken, 200)}") from broken
    finally:
        _close(exchange)


async def _answer(
    call: Any, wire: Wire, failure: Callable[[Reply], Failure | None], submit: _Submit | None, *, first: bool
) -> Reply:
    if not isinstance(call, Call):
        raise AdapterError(f"An adapter yields calls, not {type(call).__name__}.")
    wire.prepare(call)
    if submit is not None and call.method == "POST" and call.purpose is Purpose.READ:
        raise AdapterError(f"{call!r}: a POST of a submit is the billed call, or says that it is not by `free=True`.")
    if call.purpose is Purpose.CREATE:
        if submit is None:
            raise AdapterError(f"{call!r}: only a submit may make a billed call.")
        reply = await submit.create(call, wire)
    elif first and call.purpose is Purpose.READ:
        reply = await wire.look(call)
    else:
        reply = await wire.send(call)
    if 300 <= reply.status < 400:
        raise MalformedReply(f"{call!r} was answered with a redirect (HTTP {reply.status}), which is never followed.")
    failed = failure(reply)
    if failed is not None:
        denied = ProviderError(failed.bounded)
        if submit is not None and call.purpose is Purpose.CREATE:
            submit.denied = denied
        raise denied
    return reply


def _close(exchange: Exchange[Any]) -> None:
    try:
        exchange.close()
    except RuntimeError as error:
        raise AdapterError("An adapter generator went on after it was closed.") from error


class _Submit:
    """Remembers, for one submit, how far its billed call got."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.sent = False
        self.proven_unsent = False
        self.reply: Reply | None = None
        self.denied: ProviderError | None = None
        """What the reply to the billed call itself refused; a failure of a later call refuses nothing."""

    async def create(self, call: Call, wire: Wire) -> Reply:
        if self.sent:
            raise AdapterError(
                f"{call!r}: a submit makes exactly one billed call. Mark harmless ones with `free=True`."
            )
        await self._journal.sending()
        self.sent = True
        try:
            self.reply = await wire.send(call)
        except NotSent:
            self.proven_unsent = True
            raise
        await self._journal.replied(self.reply)
        return self.reply


async def submit(adapter: Adapter, request: Request, wire: Wire, journal: Journal) -> SubmitOutcome:
    """Submit a job and say which of the outcomes it had; raises nothing that a provider or an adapter can cause."""
    state = _Submit(journal)
    try:
        accepted, _ = await run(adapter.submit(request), wire, adapter.failure, submit=state)
        _check_accepted(accepted)
        if not state.sent:
            await journal.sending()
            state.sent = True
            raise AdapterError("The adapter's submit ended without a billed call; it may have marked it as free.")
        if state.proven_unsent:
            raise AdapterError("The adapter says that a job was accepted although its create call was never received.")
        if state.reply is not None and accepted.observation is not None:
            return evolve(accepted, observation=_completed(accepted.observation, state.reply, wire.base_url))
    except TaskferryError as error:
        return _outcome(error, state, adapter.service.not_accepted)
    return accepted


def _outcome(error: TaskferryError, state: _Submit, not_accepted: Sequence[int]) -> SubmitOutcome:
    failure = _as_failure(error)
    if not state.sent or state.proven_unsent:
        again = isinstance(error, WireError) and not isinstance(error, MalformedReply | CallForbidden)
        again = again or (isinstance(error, ProviderError) and failure.retryable)
        return NotReceived(failure=failure) if again else Refused(failure=failure)
    if state.reply is None or state.denied is None or not isinstance(error, ProviderError):
        return Unconfirmed(failure=failure)
    failure, status = state.denied.failure, state.reply.status
    if status in not_accepted or (200 <= status < 300 and failure.kind is FailureKind.RATE_LIMITED):
        return NotReceived(failure=failure) if failure.retryable else Refused(failure=failure)
    unclear = status < 400 and failure.kind is FailureKind.UNAVAILABLE
    if unclear or 300 <= status < 400 or status == 408 or status >= 500:
        return Unconfirmed(failure=failure)
    return Refused(failure=failure)


def _as_failure(error: TaskferryError) -> Failure:
    if isinstance(error, ProviderError):
        return error.failure
    kind = next(kind for family, kind in _KINDS.items() if isinstance(error, family))
    return Failure.of(kind, clean(error))


def _check_accepted(accepted: object) -> None:
    if not isinstance(accepted, Accepted):
        raise AdapterError(f"The adapter's submit returned {type(accepted).__name__}, not Accepted.")
    if accepted.remote in (None, "", {}, []):
        raise AdapterError("The adapter's submit returned Accepted with an empty `remote`.")
    try:
        json.dumps(accepted.remote, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AdapterError(f"The adapter's `remote` is not JSON: {error}.") from error


def pack(reply: Reply) -> bytes:
    """Turn the reply to a billed call into bytes for the ledger: the HTTP status, a line end, the body."""
    return b"%d\n" % reply.status + reply.content[:_RAW_AT_MOST]


def replay(adapter: Adapter, request: Request, packed: bytes) -> Accepted | None:
    """Read a kept create reply once more, without the network; None where that cannot be done.

    This finds a job whose process died between the reply and the row. It works where the create is the first call: the
    replies to earlier calls, such as uploads, are gone.
    """
    status, _, content = packed.partition(b"\n")
    reply = Reply(int(status), content)
    exchange = adapter.submit(request)
    try:
        if next(exchange).purpose is not Purpose.CREATE or not reply.ok or adapter.failure(reply) is not None:
            _close(exchange)
            return None
        exchange.send(reply)
    except StopIteration as stop:
        return _sound(stop.value)
    except Exception as error:  # noqa: BLE001 -- whatever an adapter raises, the task is then unconfirmed, never stuck
        log.warning("a kept create reply could not be read again: %s: %s", type(error).__name__, clean(error))
        return None
    _close(exchange)
    return None


def _sound(accepted: object) -> Accepted | None:
    try:
        _check_accepted(accepted)
    except AdapterError:
        return None
    return accepted if isinstance(accepted, Accepted) else None


async def fetch(adapter: Adapter, remote: JSON, wire: Wire) -> Observation:
    """Look at one job; raise WireError, ProviderError or AdapterError."""
    seen, reply = await run(adapter.fetch(remote), wire, adapter.failure)
    return _completed(seen, reply, wire.base_url)


async def fetch_many(
    adapter: FetchesMany, failure: Callable[[Reply], Failure | None], remotes: Sequence[JSON], wire: Wire
) -> Sequence[Observation | None]:
    """Look at many jobs with one call; raise as `fetch` does."""
    seen: Any
    seen, reply = await run(adapter.fetch_many(remotes), wire, failure)
    if not isinstance(seen, Sequence) or len(seen) != len(remotes):
        raise AdapterError(f"fetch_many has to give one observation, or None, for each of {len(remotes)} jobs.")
    hint = None if reply is None else reply.retry_after
    whole = [None if one is None else _completed(one, None, wire.base_url) for one in seen]
    return [one if one is None or one.retry_after is not None else evolve(one, retry_after=hint) for one in whole]


def _completed(seen: object, reply: Reply | None, base_url: str) -> Observation:
    """Check an observation and add what the reply says by itself; a result's path becomes a URL at the provider."""
    if not isinstance(seen, Observation):
        raise AdapterError(f"The adapter's fetch returned {type(seen).__name__}, not an Observation.")
    names = [artifact.name for artifact in seen.artifacts]
    if len(set(names)) != len(names):
        raise AdapterError(f"The adapter names two artifacts alike: {names}.")
    seen = evolve(
        seen,
        artifacts=tuple(_whole(artifact, base_url) for artifact in seen.artifacts),
        provider_status=None if seen.provider_status is None else clean(seen.provider_status, 80),
        failure=None if seen.failure is None else seen.failure.bounded,
    )
    if reply is None:
        return seen
    return evolve(
        seen,
        retry_after=reply.retry_after if seen.retry_after is None else seen.retry_after,
        trace_id=seen.trace_id or reply.trace_id,
        raw=seen.raw if seen.raw is not None else reply.content[:_RAW_AT_MOST],
    )


def _whole(artifact: Artifact, base_url: str) -> Artifact:
    url = artifact.url
    return evolve(artifact, url=base_url + url) if url is not None and url.startswith("/") else artifact
