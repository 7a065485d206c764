"""Reads the bodies in which VAP shows a job: pure, and tolerant, so that no paid result is lost over a detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import Cost, FailureKind, Observation, Status, clean, decimal
from taskferry_vap.errors import task_failure
from taskferry_vap.outputs import OUTPUTS, artifacts
from taskferry_vap.presets import PRESETS, preset_artifacts
from taskferry_vap.statuses import STATUSES, TYPES

_PRESET_KINDS = tuple(operation.name.partition("/")[2].replace("-", "_") for operation in PRESETS)
KINDS = (*OUTPUTS, *_PRESET_KINDS)
"""VAP's words for all that it makes."""


def observation(body: Mapping[str, Any], kind: str) -> Observation:
    """Read a job's body; what its URLs are follows from its kind, not from which of them is found."""
    word = body.get("status")
    word = word if isinstance(word, str) and word else None
    status = STATUSES.get(word or "")
    failure = task_failure(body) if status is Status.FAILED else None
    if failure is not None and failure.kind is FailureKind.MODERATED:
        status = Status.MODERATED
    return Observation(
        provider_status=clean(word, 80) if word and status is None else word,
        status=status,
        artifacts=preset_artifacts(body) if kind in _PRESET_KINDS else artifacts(body, kind),
        cost=cost(body),
        failure=failure,
    )


def cost(body: Mapping[str, Any]) -> Cost | None:
    """Read what a job costs, from numbers or numeric texts; None where the body does not say."""
    estimated = _amount(body, "estimated_cost", "reserved_amount", "cost")
    actual = _amount(body, "actual_cost", "burned_amount")
    if estimated is None and actual is None:
        return None
    return Cost(estimated=estimated, actual=actual, unit="USD")


def type_of(body: Mapping[str, Any]) -> str | None:
    """Give a task's type in its short spelling; None where the body has none that is known."""
    return next((TYPES[word] for word in type_words(body) if word in TYPES), None)


def type_words(body: Mapping[str, Any]) -> Sequence[str]:
    """Give the body's own words for what is made: V3 says `type`, its SDK `task_type`, v1 `kind`."""
    words = (body.get(name) for name in ("type", "task_type", "kind", "operation", "preset"))
    return [word for word in words if isinstance(word, str) and word]


def _amount(body: Mapping[str, Any], *names: str) -> Any:
    amounts = (decimal(body.get(name)) for name in names)
    return next((amount for amount in amounts if amount is not None), None)
