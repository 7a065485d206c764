"""Drives an adapter's generators by hand: replies in, calls and result out, no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from attrs import frozen

from taskferry.adapter import Accepted, Adapter, Exchange, Request
from taskferry.call import Call
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.reply import Reply

T = TypeVar("T")


@frozen
class Answered:
    """What an exchange came to, and the calls it made on the way."""

    result: Any
    calls: Sequence[Call]


def answered(exchange: Exchange[T], *replies: Reply | dict[str, Any] | Exception) -> Answered:
    """Feed replies to a generator: a dict is a JSON body under HTTP 200, an exception is raised at the `yield`."""
    calls: list[Call] = []
    waiting = list(replies)
    answer: Reply | Exception | None = None
    while True:
        try:
            if isinstance(answer, Exception):
                call = exchange.throw(answer)
            else:
                call = next(exchange) if answer is None else exchange.send(answer)
        except StopIteration as stop:
            return Answered(stop.value, calls)
        calls.append(call)
        if not waiting:
            raise AssertionError(f"The exchange wants another reply, to {call!r}, and none is left.")
        given = waiting.pop(0)
        answer = Reply(200, json.dumps(given).encode()) if isinstance(given, dict) else given


def submitted(
    adapter: Adapter, operation: Operation, *replies: Reply | dict[str, Any] | Exception, **parameters: Any
) -> tuple[Accepted, Sequence[Call]]:
    """Submit valid parameters by hand; give what was accepted and the calls."""
    request = Request(task_id="test", operation=operation, parameters=validate(operation, parameters))
    run = answered(adapter.submit(request), *replies)
    return run.result, run.calls
