"""What a provider offers: an operation, its parameters as JSON Schema, what it makes and how long that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from taskferry.cost import Amount
from taskferry.task import Kind


@frozen(kw_only=True)
class Typical:
    """How long jobs of an operation take, in seconds, as far as the provider or experience says."""

    median: float
    slow: float
    """95 of 100 jobs are done by then."""
    queue: float = 0.0
    """Usual wait before the provider begins."""

    def scaled(self, speed: float) -> Typical:
        """Give the durations at a provider that runs `speed` times faster."""
        return Typical(median=self.median / speed, slow=self.slow / speed, queue=self.queue / speed)


@frozen(kw_only=True)
class Operation:
    """One thing that a provider makes."""

    name: str
    """Full name, as `provider/verb-or-kind`."""
    title: str
    description: str
    kind: Kind = field(converter=Kind)
    """What it makes, first of all."""
    parameters: Mapping[str, Any]
    """JSON Schema 2020-12 of an object; each property has a type, a description and its limits. A property with
    `"format": "media"` takes an http(s) URL or a local file; `"x-accepts"` lists media types such as `image/png`."""
    typical: Typical
    price: Amount | None = None
    """A flat price, where there is one; an adapter with `estimate` knows better."""
    price_note: str | None = None
    """What the price depends on, and the date it was read."""
    needs_key: bool = True
    """Whether it is billed to an account; a trial without one is not."""
    example: Mapping[str, Any] = field(factory=dict)
    """Parameters of a small, valid job."""

    @property
    def provider(self) -> str:
        """Give the part of the name before the slash."""
        return self.name.partition("/")[0]

    @property
    def required(self) -> Sequence[str]:
        """Name the parameters that must be given."""
        return tuple(self.parameters.get("required", ()))
