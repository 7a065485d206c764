"""Replies made of fuzzed bodies, and a wire that brings nothing else."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from taskferry import AdapterError, Call, Reply, TaskferryError
from taskferry.transport.wire import _seconds

T = TypeVar("T")
HEAD = 2
"""Bytes before a reply's body: what picks the HTTP status, and what picks its headers."""
STATUSES = (
    200,
    200,
    200,
    200,
    200,
    201,
    204,
    302,
    400,
    401,
    402,
    403,
    404,
    409,
    410,
    422,
    429,
    451,
    500,
    502,
    503,
    599,
)
HEADERS: Sequence[dict[str, str]] = (
    {},
    {},
    {"Content-Type": "text/html; charset=utf-8"},
    {"Retry-After": "30", "X-Request-Id": "r-1"},
    {"Retry-After": "-1"},
    {"Retry-After": "1e999"},
    {"Retry-After": "Wed, 21 Oct 9999 07:28:00 GMT"},
    {"Retry-After": "Mon, 01 Jan 0001 00:00:00 +2359"},
    {"Retry-After": "9" * 5000},
    {"X-Tripo-Trace-Id": "\x1b[31m" + "x" * 5000, "X-Request-Id": "\u202eb"},
    {"X-RateLimit-Reset": "1e308", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"},
    {"X-RateLimit-Reset": "1767225600", "Date": "Fri, 31 Feb 99999 99:99:99 GMT"},
    {"X-RateLimit-Reset": "9" * 400, "Date": "x"},
    {"X-RateLimit-Reset": "0", "Date": "Mon, 01 Jan 0001 00:00:00 -0000"},
)


def reply(data: bytes) -> Reply:
    """Make a reply of fuzzed bytes."""
    head = (data + bytes(HEAD))[:HEAD]
    headers = HEADERS[head[1] % len(HEADERS)]
    after = headers.get("Retry-After")
    return Reply(
        STATUSES[head[0] % len(STATUSES)],
        data[HEAD:],
        headers,
        url="https://api.example/x",
        trace_headers=("x-tripo-trace-id", "x-request-id"),
        retry_after=None if after is None else _seconds(after, 1767225600.0),
    )


class OneReply:
    """A wire on which every call is answered alike."""

    base_url = "https://api.example"

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.calls: list[Call] = []

    async def look(self, call: Call) -> Reply:
        """Answer a read."""
        self.calls.append(call)
        return reply(self._data)

    send = look

    def prepare(self, call: Call) -> Call:
        """Let every call pass."""
        return call


class Journal:
    """Keeps nothing."""

    async def sending(self) -> None:
        """Come before the billed call."""

    async def replied(self, reply: Reply) -> None:
        """Come after it."""


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits, without an event loop; an error that a plugin did not mean counts as itself."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    except AdapterError as error:
        if error.__cause__ is not None and not isinstance(error.__cause__, TaskferryError):
            raise error.__cause__ from None
        raise
    finally:
        work.close()
    raise AssertionError("this waited for something")
