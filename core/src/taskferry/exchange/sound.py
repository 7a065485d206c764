"""Whether what an adapter says can be gone by: of the right types, in whole amounts, small enough to keep."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence

from attrs import evolve

from taskferry.cost import Cost, decimal, is_amount
from taskferry.errors import AdapterError, Failure
from taskferry.status import Status
from taskferry.task import Artifact, Observation
from taskferry.text import clean

log = logging.getLogger("taskferry")

_NUMBER = (int, float)
_FIELDS: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    ("status", Status, "a Status"),
    ("provider_status", str, "a text"),
    ("progress", _NUMBER, "a number"),
    ("queue_position", _NUMBER, "a number"),
    ("eta", _NUMBER, "seconds"),
    ("retry_after", _NUMBER, "seconds"),
    ("failure", Failure, "a Failure"),
)
"""What the parts of an observation are, where they are not None."""
_REMOTE_AT_MOST = 64 * 1024
"""Bytes of JSON that say which job it is; names of jobs that are signed URLs take a few thousand."""
_LONGEST_UNIT = 40


def check_observation(seen: Observation) -> None:
    """Raise AdapterError, which names the part, for an observation that nothing can go by."""
    for name, kind, words in _FIELDS:
        value = getattr(seen, name)
        if value is not None and not isinstance(value, kind):
            raise _wrong(name, f"{words} or None", value)
    artifacts: object = seen.artifacts
    if artifacts == ():
        return
    if not isinstance(artifacts, Sequence) or not all(isinstance(artifact, Artifact) for artifact in artifacts):
        raise _wrong("artifacts", "a sequence of Artifacts", artifacts)
    for artifact in artifacts:
        name, url = artifact.name, artifact.url
        if not isinstance(name, str) or not (url is None or isinstance(url, str)):
            raise _wrong("artifacts", "named by texts, with texts for URLs", artifact)


def sound_cost(cost: object) -> Cost | None:
    """Give a cost with exact amounts alone: what is no amount is not known, and never a reason to lose a job."""
    if cost is None:
        return None
    if not isinstance(cost, Cost) or not (cost.unit is None or isinstance(cost.unit, str)):
        log.warning("a cost that an adapter gives is not used: %s", clean(repr(cost), 200))
        return None
    amounts = (cost.estimated, cost.actual)
    if all(value is None or is_amount(value) for value in amounts) and _is_unit(cost.unit):
        return cost
    log.warning("what is no amount in a cost that an adapter gives is not used: %s", clean(repr(cost), 200))
    estimated, actual = map(decimal, amounts)
    return Cost(estimated=estimated, actual=actual, unit=None if cost.unit is None else clean(cost.unit, _LONGEST_UNIT))


def _is_unit(unit: str | None) -> bool:
    return unit is None or (len(unit) <= _LONGEST_UNIT and unit.isprintable())


def check_remote(remote: object) -> None:
    """Raise AdapterError for a `remote` by which the job could not be found again."""
    if _is_empty(remote):
        raise AdapterError(f"The adapter's submit returned Accepted with an empty `remote`: {remote!r}.")
    try:
        size = len(json.dumps(remote, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise AdapterError(f"The adapter's `remote` is not JSON: {clean(error, 200)}.") from error
    if size > _REMOTE_AT_MOST:
        raise AdapterError(f"The adapter's `remote` takes {size} bytes; {_REMOTE_AT_MOST} are the most.")


def with_sound_cost(seen: Observation) -> Observation:
    """Give an observation whose cost can be counted."""
    cost = sound_cost(seen.cost)
    return seen if cost is seen.cost else evolve(seen, cost=cost)


def _is_empty(remote: object) -> bool:
    """Tell whether nothing in a `remote` says which job it is."""
    if isinstance(remote, Mapping):
        return all(_is_empty(value) for value in remote.values())
    return remote in (None, "", [])


def _wrong(name: str, wanted: str, value: object) -> AdapterError:
    return AdapterError(f"An observation's `{name}` has to be {wanted}, not {clean(repr(value), 80)}.")
