"""Submits a job and says what became of it, whatever the wire or the adapter did."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from taskferry.adapter import Accepted, Adapter, Request
from taskferry.call import Purpose
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
from taskferry.exchange.billed import Billed, Journal
from taskferry.exchange.driving import close, run
from taskferry.exchange.observations import RAW_AT_MOST, completed
from taskferry.exchange.sound import check_remote, sound_cost
from taskferry.reply import Reply
from taskferry.text import clean
from taskferry.transport import Wire

log = logging.getLogger("taskferry")

_KINDS: Mapping[type[TaskferryError], FailureKind] = {
    NotSent: FailureKind.NOT_SENT,
    MalformedReply: FailureKind.MALFORMED,
    WireError: FailureKind.UNAVAILABLE,
    UsageError: FailureKind.VALIDATION,
    TaskferryError: FailureKind.MALFORMED,
}
"""What an error of ours means for a job; the first family that fits counts."""
_DOUBT = "No billed call came after a call that says it is free and was taken, so a job may exist."


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


async def submit(adapter: Adapter, request: Request, wire: Wire, journal: Journal) -> SubmitOutcome:
    """Submit a job and say which of the outcomes it had; raises nothing that a provider or an adapter can cause."""
    state = Billed(journal)
    try:
        accepted, _ = await run(adapter.submit(request), wire, adapter.failure, submit=state)
        _check_accepted(accepted)
        if not state.sent:
            raise await _never_billed(state, journal)
        if state.proven_unsent:
            raise AdapterError("The adapter says that a job was accepted although its create call was never received.")
    except TaskferryError as error:
        return _outcome(error, state, adapter.service.not_accepted)
    return _whole(accepted, state.reply, wire.base_url)


async def _never_billed(state: Billed, journal: Journal) -> AdapterError:
    """Count an accepted job without a billed call as sent, even where the journal says that it must not be."""
    state.sent = True
    broken = AdapterError("The adapter's submit ended without a billed call; it may have marked it as free.")
    try:
        await journal.sending()
    except TaskferryError as error:
        broken.__cause__ = error
    return broken


def _whole(accepted: Accepted, reply: Reply | None, base_url: str) -> Accepted:
    """Complete what the create reply already showed; where that cannot be, keep the handle alone: a look tells."""
    cost = sound_cost(accepted.cost)
    accepted = accepted if cost is accepted.cost else evolve(accepted, cost=cost)
    if accepted.observation is None or reply is None:
        return accepted
    try:
        return evolve(accepted, observation=completed(accepted.observation, reply, base_url))
    except Exception as error:  # noqa: BLE001 -- the job exists and is paid for, whatever an adapter says of it
        log.warning("what a create reply shows is not used: %s: %s", type(error).__name__, clean(error))
        return evolve(accepted, observation=None)


def _outcome(error: TaskferryError, state: Billed, not_accepted: Sequence[int]) -> SubmitOutcome:
    failure = _as_failure(error)
    if state.unproven:
        return Unconfirmed(failure=evolve(failure, message=f"{failure.message} {_DOUBT}"))
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
    check_remote(accepted.remote)


def pack(reply: Reply) -> bytes:
    """Turn the reply to a billed call into bytes for the ledger: the HTTP status, a line end, the body."""
    return b"%d\n" % reply.status + reply.content[:RAW_AT_MOST]


def replay(adapter: Adapter, request: Request, packed: bytes, base_url: str) -> Accepted | None:
    """Read a kept create reply once more, without the network; None where that cannot be done.

    This finds a job whose process died between the reply and the row. It works where the create is the first call: the
    replies to earlier calls, such as uploads, are gone.
    """
    status, _, content = packed.partition(b"\n")
    reply = Reply(int(status), content)
    exchange = adapter.submit(request)
    try:
        if next(exchange).purpose is not Purpose.CREATE or not reply.ok or adapter.failure(reply) is not None:
            close(exchange)
            return None
        exchange.send(reply)
    except StopIteration as stop:
        return _sound(stop.value, reply, base_url)
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- whatever an adapter raises, the task is then unconfirmed, never stuck
        log.warning("a kept create reply could not be read again: %s: %s", type(error).__name__, clean(error))
        return None
    close(exchange)
    return None


def _sound(accepted: object, reply: Reply, base_url: str) -> Accepted | None:
    try:
        _check_accepted(accepted)
    except AdapterError:
        return None
    assert isinstance(accepted, Accepted), "it was checked"
    return _whole(accepted, reply, base_url)
