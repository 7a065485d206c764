"""Drives an adapter's generator to its end: sends what it yields, raises in it what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from types import GeneratorType
from typing import Any, TypeVar

from taskferry.adapter import Exchange
from taskferry.call import Call, Purpose
from taskferry.errors import AdapterError, Failure, MalformedReply, ProviderError, TaskferryError, WireError
from taskferry.exchange.billed import Billed
from taskferry.reply import Reply
from taskferry.text import clean
from taskferry.transport import Wire

T = TypeVar("T")
_CALLS_AT_MOST = 64
"""Calls of one exchange; a generator that wants more is going round in circles."""


async def run(
    exchange: Exchange[T],
    wire: Wire,
    failure: Callable[[Reply], Failure | None],
    *,
    submit: Billed | None = None,
    begun: Call | WireError | ProviderError | None = None,
) -> tuple[T, Reply | None]:
    """Drive one exchange to its end; give its result and the last reply.

    Raises WireError and ProviderError as they were thrown into the generator, and anything else as AdapterError.
    `begun` goes on with an exchange whose first read was made already: it names the second call, or what went wrong.
    """
    if not isinstance(exchange, GeneratorType):
        raise AdapterError(f"An adapter method has to be a generator that yields calls, not {type(exchange).__name__}.")
    reply: Reply | None = None
    call: Call | None = begun if isinstance(begun, Call) else None
    error: WireError | ProviderError | None = None if isinstance(begun, Call) else begun
    first = begun is None
    try:
        for _ in range(_CALLS_AT_MOST):
            try:
                call = call or (exchange.throw(error) if error else exchange.send(reply) if reply else next(exchange))
            except StopIteration as stop:
                return stop.value, reply
            error = None
            try:
                reply = await _answer(call, wire, failure, submit, first=first)
            except (WireError, ProviderError) as caught:
                error = caught
            first, call = False, None
        raise AdapterError(f"An exchange made more than {_CALLS_AT_MOST} calls.")
    except TaskferryError:
        raise
    except (Exception, SystemExit) as raised:
        raise broken(raised) from raised
    finally:
        close(exchange)


async def ask(
    exchange: Exchange[T],
    wire: Wire,
    failure: Callable[[Reply], Failure | None],
    wanted: type[object] | tuple[type[object], ...],
) -> T:
    """Drive an exchange whose result has to be of a type; raise AdapterError for another, and else as `run` does."""
    result, _ = await run(exchange, wire, failure)
    if not isinstance(result, wanted):
        name = wanted.__name__ if isinstance(wanted, type) else " or ".join(kind.__name__ for kind in wanted)
        raise AdapterError(f"An adapter method gave {clean(repr(result), 80)}, not a {name}.")
    return result


async def _answer(
    call: Any, wire: Wire, failure: Callable[[Reply], Failure | None], submit: Billed | None, *, first: bool
) -> Reply:
    if not isinstance(call, Call):
        raise AdapterError(f"An adapter yields calls, not {type(call).__name__}.")
    if submit is not None and call.method == "POST" and call.purpose is Purpose.READ:
        wire.prepare(call)
        raise AdapterError(f"{call!r}: a POST of a submit is the billed call, or says that it is not by `free=True`.")
    if call.purpose is Purpose.CREATE:
        wire.prepare(call)
        if submit is None:
            raise AdapterError(f"{call!r}: only a submit may make a billed call.")
        reply = await submit.create(call, wire)
    elif first and call.purpose is Purpose.READ:
        reply = await wire.look(call)
    else:
        reply = await (wire.send(call) if submit is None else submit.other(call, wire))
    refused = denied(reply, call, failure)
    if refused is None:
        return reply
    if submit is not None:
        submit.refused(call, refused)
    raise refused


def denied(reply: Reply, call: Call, failure: Callable[[Reply], Failure | None]) -> ProviderError | None:
    """Give the failure that a reply is, or None; raise MalformedReply for a redirect."""
    if 300 <= reply.status < 400:
        raise MalformedReply(f"{call!r} was answered with a redirect (HTTP {reply.status}), which is never followed.")
    failed = failure(reply)
    return None if failed is None else ProviderError(failed.bounded)


def broken(error: BaseException) -> AdapterError:
    """Give what an adapter raised by mistake, `sys.exit()` too, as an error of ours."""
    return AdapterError(f"The adapter raised {type(error).__name__}: {clean(error, 200)}")


def close(exchange: Exchange[Any]) -> None:
    """End a generator; raise AdapterError for one that goes on."""
    try:
        exchange.close()
    except RuntimeError as error:
        raise AdapterError("An adapter generator went on after it was closed.") from error
