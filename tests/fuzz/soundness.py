"""What readers may hand on: the promised types, and texts that are bounded, printable and storable."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fuzz.target import Unsound
from taskferry import (
    Accepted,
    Artifact,
    Balance,
    Candidate,
    Cost,
    Failure,
    FailureKind,
    Kind,
    Observation,
    Snapshot,
    Status,
    clean,
)
from taskferry.ledger import Job, Record
from taskferry.ledger.rows import artifact_columns, task_columns, to_record
from taskferry.machine import observe

_MESSAGE = 500
_WORD = 100


def holds(condition: object, what: str) -> None:
    """Raise Unsound unless something holds."""
    if not condition:
        raise Unsound(what)


def plain(text: object, limit: int, what: str) -> None:
    """Check one line of text that people and agents are shown."""
    holds(isinstance(text, str), f"{what} is {type(text).__name__}")
    holds(len(str(text)) <= limit, f"{what} has {len(str(text))} letters")
    holds(clean(text, limit) == text, f"{what} holds what cannot be shown: {text!r:.80}")


def storable(value: object, what: str) -> None:
    """Check that a text can be written as UTF-8, as the ledger and every wire write it."""
    try:
        str(value).encode()
    except UnicodeEncodeError as error:
        raise Unsound(f"{what} is no UTF-8: {value!r:.80}") from error


def finite(value: object, what: str) -> None:
    """Check a number that is counted with."""
    holds(type(value) in (int, float) and math.isfinite(value), f"{what} is {value!r:.80}")  # type: ignore[arg-type]  # checked just before


def failure(seen: Failure | None) -> None:
    """Check what is said about a failure."""
    if seen is None:
        return
    holds(isinstance(seen, Failure) and isinstance(seen.kind, FailureKind), "the failure is none")
    plain(seen.message, _MESSAGE, "failure.message")
    for name in ("code", "trace_id"):
        if (text := getattr(seen, name)) is not None:
            plain(text, _WORD, f"failure.{name}")
    if seen.suggestion is not None:
        plain(seen.suggestion, _MESSAGE, "failure.suggestion")
    if seen.retry_after is not None:
        finite(seen.retry_after, "failure.retry_after")
        holds(seen.retry_after >= 0, f"failure.retry_after is {seen.retry_after}")


def observation(seen: Any) -> None:
    """Check what a look showed, what the state machine makes of it, and that the ledger can keep that."""
    holds(isinstance(seen, Observation), f"the look gave {type(seen).__name__}")
    holds(seen.status is None or isinstance(seen.status, Status), f"status is {seen.status!r}")
    if seen.provider_status is not None:
        plain(seen.provider_status, _WORD, "provider_status")
    failure(seen.failure)
    cost(seen.cost)
    for one in seen.artifacts:
        artifact(one)
    names = [one.name for one in seen.artifacts]
    holds(len(set(names)) == len(names), f"two artifacts are named alike: {names!r:.80}")
    for name in ("retry_after", "eta", "queue_position"):
        if getattr(seen, name) is not None:
            finite(getattr(seen, name), name)
    if seen.trace_id is not None:
        plain(seen.trace_id, _WORD, "trace_id")
    holds(seen.raw is None or isinstance(seen.raw, bytes), "raw is no bytes")
    _kept(seen)


_JOB = Job(
    provider="acme",
    operation="acme/image",
    generation="v1",
    base_url="https://a",
    account="4f",
    parameters={},
    caller="cli",
)
_RUNNING = Snapshot(id="0" * 26, provider="acme", operation="acme/image", status=Status.RUNNING, created_at=1.0)


def _kept(seen: Observation) -> None:
    """Take the way of a look up to the ledger's columns and back."""
    after = observe(_RUNNING, seen, 2.0, 3.0)
    holds(after.progress is None or 0 <= after.progress <= 1, f"progress is {after.progress!r}")
    columns = {**task_columns(Record(job=_JOB, snapshot=after)), "raw": after.raw, "create_reply": None}
    listed = artifact_columns(after.id, after.artifacts)
    for row in (columns, *listed):
        for name, value in row.items():
            holds(value is None or type(value) in (str, int, float, bytes), f"{name} is {type(value).__name__}")
            holds(type(value) is not int or -(2**63) <= value < 2**63, f"{name} is more than 64 bits")  # type: ignore[operator]  # an int here
            if isinstance(value, str):
                storable(value, f"the column {name}")
    back = to_record(columns, listed).snapshot
    holds(back == after, "the ledger would not give back what it was given")


def artifact(seen: Any) -> None:
    """Check one result."""
    holds(isinstance(seen, Artifact) and isinstance(seen.kind, Kind), "an artifact is none")
    plain(seen.name, _WORD, "artifact.name")
    holds(seen.name and not set("/\\\0") & set(seen.name) and seen.name not in (".", ".."), f"name {seen.name!r:.80}")
    holds(seen.url is None or isinstance(seen.url, str), "artifact.url is no text")
    if seen.expires_at is not None:
        finite(seen.expires_at, "artifact.expires_at")


def cost(seen: Cost | None) -> None:
    """Check amounts."""
    for amount in (None, None) if seen is None else (seen.estimated, seen.actual):
        holds(
            amount is None or (isinstance(amount, Decimal) and amount.is_finite() and amount >= 0), f"cost {amount!r}"
        )


def remote(handle: Any) -> None:
    """Check a job's handle: JSON, not empty, and storable."""
    holds(handle, "the remote is empty")
    json.dumps(handle, allow_nan=False)


def accepted(seen: Any) -> None:
    """Check what a create reply came to."""
    holds(isinstance(seen, Accepted), f"the submit gave {type(seen).__name__}")
    remote(seen.remote)
    cost(seen.cost)
    if seen.observation is not None:
        observation(seen.observation)


def balance(seen: Any) -> None:
    """Check what an account has left."""
    holds(isinstance(seen, Balance), f"the balance is {type(seen).__name__}")
    for amount in (seen.available, seen.reserved):
        holds(amount is None or (isinstance(amount, Decimal) and amount.is_finite()), f"the amount is {amount!r:.80}")
    plain(seen.unit, _WORD, "balance.unit")


def candidates(seen: Any) -> None:
    """Check listed jobs."""
    holds(isinstance(seen, Sequence) and all(isinstance(one, Candidate) for one in seen), "these are no candidates")
    for one in seen:
        remote(one.remote)
        if one.created_at is not None:
            finite(one.created_at, "candidate.created_at")
        for name in ("prompt", "provider_type", "provider_status"):
            holds(getattr(one, name) is None or isinstance(getattr(one, name), str), f"candidate.{name} is no text")
