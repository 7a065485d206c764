"""Judges what an adapter returned: whether each value is of the type and in the range that the contract says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from taskferry.cost import Amount, Cost
from taskferry.errors import Failure
from taskferry.status import Status
from taskferry.task import Artifact, Kind

_TEXTS = ("provider_status", "trace_id")
_NUMBERS = ("progress", "queue_position", "eta", "retry_after")
_AT_PROVIDER = frozenset(Status) - {Status.PREPARED, Status.SUBMITTING, Status.UNCONFIRMED, Status.REFUSED}
_LONGEST = 17
"""Digits that a number of a reply can have; more come of a float that was turned into a Decimal as it is."""
_MANY_SECONDS = (1e9, 1e11)
"""Epoch seconds of this century; smaller numbers are spans, larger ones milliseconds."""


def problems(seen: Any, *, addresses: bool = True) -> Iterator[str]:
    """Yield what is wrong with an observation, each with what to change.

    Without `addresses` any text will do for one: a reply that is wrong may have whatever text in its place.
    """
    for name in _TEXTS:
        if not isinstance(getattr(seen, name), str | None):
            yield f"{name} is {getattr(seen, name)!r}; it has to be text or None"
    for name in _NUMBERS:
        if not _is_number(getattr(seen, name)):
            yield f"{name} is {getattr(seen, name)!r}; it has to be a number or None: use reply.at(path, float)"
    if seen.status is not None and seen.status not in _AT_PROVIDER:
        yield f"status is {seen.status!r}; a look gives {', '.join(sorted(_AT_PROVIDER))} or None"
    if not isinstance(seen.failure, Failure | None):
        yield f"failure is {type(seen.failure).__name__}; it has to be a Failure or None"
    if not isinstance(seen.artifacts, Sequence):
        yield f"artifacts is {type(seen.artifacts).__name__}; it has to be a list or tuple"
    else:
        yield from of_artifacts(seen.artifacts, addresses=addresses)
    yield from of_cost(seen.cost)


def of_artifacts(artifacts: Sequence[Any], *, addresses: bool = True) -> Iterator[str]:
    """Yield what is wrong with the results of one job."""
    names = [artifact.name for artifact in artifacts if isinstance(artifact, Artifact)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"two artifacts are named {name!r}; number them: {name}-1, {name}-2"
    for artifact in artifacts:
        if not isinstance(artifact, Artifact):
            yield f"artifacts holds {type(artifact).__name__}; it holds Artifact objects"
            continue
        yield from (f"artifact {artifact.name!r}: {wrong}" for wrong in _of_artifact(artifact, addresses))


def _of_artifact(artifact: Any, addresses: bool) -> Iterator[str]:
    url = artifact.url
    if not isinstance(artifact.name, str) or not artifact.name or {"/", "\\"} & set(artifact.name):
        yield "its name has to be text without path separators"
    if not isinstance(artifact.kind, Kind):
        yield f"its kind is {artifact.kind!r}; it has to be one of {', '.join(Kind)}"
    if not isinstance(url, str) or not (url and (not addresses or _is_address(url))):
        yield f"its url is {url!r}; give an https address, a path below the base URL, or leave the artifact out"
    if (artifact.path, artifact.size, artifact.sha256) != (None, None, None):
        yield "it says that it is kept; path, size and sha256 are filled in when its file is"
    ends = artifact.expires_at
    if ends is not None and not (_is_number(ends) and _MANY_SECONDS[0] < ends < _MANY_SECONDS[1]):
        yield f"expires_at is {ends!r}; it has to be epoch seconds"


def of_cost(cost: Any) -> Iterator[str]:
    """Yield what is wrong with a cost."""
    if cost is None:
        return
    if not isinstance(cost, Cost):
        yield f"cost is {type(cost).__name__}; it has to be a Cost or None"
        return
    for name, value in (("estimated", cost.estimated), ("actual", cost.actual)):
        if value is not None:
            yield from (f"cost.{name} {wrong}" for wrong in of_amount(value))
    if (cost.estimated is not None or cost.actual is not None) and not cost.unit:
        yield "cost has no unit; an amount without one means nothing"


def of_amount(value: Any) -> Iterator[str]:
    """Yield what is wrong with an amount of money or credits."""
    if not isinstance(value, Decimal):
        yield f"is {value!r}, a {type(value).__name__}; read amounts with taskferry.decimal(), never as a float"
    elif not value.is_finite() or value < 0:
        yield f"is {value}; it has to be finite and not negative"
    elif len(value.as_tuple().digits) > _LONGEST:
        yield f"is {value}, which came of a float; read amounts with taskferry.decimal(), not Decimal(float)"


def of_price(price: object) -> Iterator[str]:
    """Yield what is wrong with a price from `estimate`, a balance or an operation."""
    if price is None:
        return
    if not isinstance(price, Amount):
        yield f"is {type(price).__name__}; it has to be an Amount, or None where it is not known"
        return
    yield from of_amount(price.value)
    if not price.unit:
        yield "has no unit"


def _is_address(url: str) -> bool:
    return url.startswith("/") or urlsplit(url).scheme in ("https", "http", "data")


def is_empty(value: Any) -> bool:
    """Tell whether a `remote` lacks something: None or an empty text anywhere in it."""
    if isinstance(value, Mapping):
        return not value or any(map(is_empty, value.values()))
    return any(map(is_empty, value)) if isinstance(value, list) else value is None or value == ""


def _is_number(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
