"""Drives an adapter's generators by hand as the real driver does, and keeps whatever came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import GeneratorType
from typing import Any

from attrs import frozen

from taskferry.adapter import Exchange
from taskferry.call import Call
from taskferry.errors import AdapterError, Failure, ProviderError, WireError
from taskferry.reply import Reply

Answer = Reply | WireError
"""What one call gets: a reply, or the error of a wire that brought none."""
Answers = Callable[[int, Call], Answer]
"""Gives the answer to the call at a place."""
_CALLS_AT_MOST = 64


@frozen(kw_only=True)
class Driven:
    """What an exchange came to."""

    result: Any = None
    error: Exception | None = None
    calls: Sequence[Call] = ()

    @property
    def typed(self) -> bool:
        """Tell whether it ended as the contract allows: with a result, or with an error that tells what to do."""
        return self.error is None or isinstance(self.error, WireError | ProviderError)


def drive(exchange: Exchange[Any], answers: Answers, failure: Callable[[Reply], Failure | None]) -> Driven:
    """Drive an exchange to its end; whatever the adapter raises becomes `error`."""
    calls: list[Call] = []
    if not isinstance(exchange, GeneratorType):
        wrong = f"an adapter method has to be a generator that yields calls, not {type(exchange).__name__}"
        return Driven(error=AdapterError(wrong))
    given: Reply | Exception | None = None
    try:
        while len(calls) < _CALLS_AT_MOST:
            call = _step(exchange, given)
            if not isinstance(call, Call):
                return Driven(error=AdapterError(f"an adapter yields calls, not {type(call).__name__}"), calls=calls)
            calls.append(call)
            answer = answers(len(calls) - 1, call)
            refused = failure(answer) if isinstance(answer, Reply) else None
            given = answer if refused is None else ProviderError(refused.bounded)
        return Driven(error=AdapterError(f"an exchange made more than {_CALLS_AT_MOST} calls"), calls=calls)
    except StopIteration as stop:
        return Driven(result=stop.value, calls=calls)
    except Exception as error:  # noqa: BLE001 -- whatever an adapter raises is what a case then judges
        return Driven(error=error, calls=calls)


def in_turn(answers: Sequence[Answer]) -> Answers:
    """Answer the calls one after the other; the last answer stands for all that follow."""
    return lambda place, _: answers[min(place, len(answers) - 1)]


def _step(exchange: GeneratorType[Any, Any, Any], given: Reply | Exception | None) -> Any:
    if isinstance(given, Exception):
        return exchange.throw(given)
    return next(exchange) if given is None else exchange.send(given)
