"""The trace of a task, worked out from its id, so that every process that ever works on it means the same one."""

from __future__ import annotations

import hashlib

from taskferry.errors import UsageError

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
"""The digits of a task's id: Crockford's base 32."""
_LENGTH = 26


def trace_id(task_id: str) -> int:
    """Give the 128 bits that a task's id is written from; raise UsageError for a text that is no whole id."""
    number = 0
    for letter in task_id:
        place = _DIGITS.find(letter)
        if place < 0:
            raise UsageError(f"{task_id!r} is no task's id.")
        number = number << 5 | place
    if len(task_id) != _LENGTH or not 0 < number < 2**128:
        raise UsageError(f"{task_id!r} is no task's id.")
    return number


def span_id(task_id: str) -> int:
    """Give the 64 bits that stand for the job itself, as the parent of all spans in its trace."""
    return int.from_bytes(hashlib.blake2b(task_id.encode(), digest_size=8).digest(), "big") or 1


def traceparent(task_id: str) -> str:
    """Give a task's trace as W3C's `traceparent` header has it, for spans of one's own in the same trace."""
    return f"00-{trace_id(task_id):032x}-{span_id(task_id):016x}-01"
