"""Who could do a job, who was chosen, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from taskferry.cost import Amount
from taskferry.errors import UnknownName, UsageError

_WAYS = ("cheapest", "fastest")


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


@frozen(kw_only=True)
class Policy:
    """By what to choose."""

    by: Literal["cheapest", "fastest"] = "cheapest"
    prefer: tuple[str, ...] = field(default=(), converter=_texts)
    """Providers or operations that come before all others, the best first."""

    @classmethod
    def of(cls, by: str | None, prefer: Iterable[str], known: Iterable[str]) -> Policy:
        """Read what a caller gave; `known` are the providers there are. Raise UsageError."""
        if by not in (None, *_WAYS):
            raise UsageError(f"{by!r} is no policy to choose by; there are: {', '.join(_WAYS)}.")
        policy = cls(by="fastest" if by == "fastest" else "cheapest", prefer=prefer)
        providers = list(known)
        for name in policy.prefer:
            if name.partition("/")[0] not in providers:
                raise UnknownName("provider", name, providers, f"Installed: {', '.join(providers) or 'none'}.")
        return policy

    def __str__(self) -> str:
        return f"prefer {', '.join(self.prefer)}; {self.by}" if self.prefer else self.by


@frozen(kw_only=True)
class RouteRow:
    """One operation that makes what is asked for."""

    operation: str
    """Full name."""
    price: Amount | None = None
    """None where nobody knows it, which never means free."""
    comparable: Decimal | None = None
    """The price in the unit in which prices are compared; None where it is not known or no rate is set."""
    seconds: float = 0.0
    """How long it usually takes, from asking to the end."""
    learned: bool = False
    """Whether past jobs of the same model and size said so; else the provider did."""
    succeeded: int = 0
    """Of its recent jobs."""
    failed: int = 0
    excluded: str | None = None
    """Why it cannot do this job; None for one that can."""
    rank: int | None = None
    """1 for the one to take; None for one that is excluded."""

    @property
    def provider(self) -> str:
        """Give the part of the name before the slash."""
        return self.operation.partition("/")[0]

    @property
    def unreliable(self) -> bool:
        """Tell whether half of its recent jobs, and not only a few, failed."""
        return self.failed >= _FEW and self.failed >= self.succeeded


_FEW = 3


@frozen(kw_only=True)
class Route:
    """Every operation that makes what is asked for, the best first, and why."""

    asked: str
    """As `any/video`."""
    policy: Policy
    rows: tuple[RouteRow, ...]

    @property
    def fitting(self) -> Sequence[RouteRow]:
        """Give those that can do the job, the best first."""
        return [row for row in self.rows if row.rank is not None]

    @property
    def chosen(self) -> RouteRow:
        """Give the best; raise NoProviderFits if there is none."""
        if not self.fitting:
            raise NoProviderFits(self)
        return self.fitting[0]

    @property
    def priced(self) -> Sequence[RouteRow]:
        """Give those that can do the job and whose prices can be compared, the cheapest first."""
        known = [(row.comparable, row) for row in self.fitting if row.comparable is not None]
        return [row for _, row in sorted(known, key=lambda pair: pair[0])]

    @property
    def dearest(self) -> Amount | None:
        """Give the most that it may cost, whoever takes it; None where that is not known."""
        prices = {row.comparable: row.price for row in [self.chosen, *self.fitting[1:]]}
        return None if None in prices else prices[max(price for price in prices if price is not None)]

    @property
    def why(self) -> str:
        """Say in a sentence why the best is the best."""
        best, others = self.chosen, self.fitting[1:]
        if not others:
            return f"{best.operation} is the only one that fits."
        if any(name in (best.provider, best.operation) for name in self.policy.prefer):
            return f"{best.operation} is preferred."
        passed = [row.operation for row in others if row.unreliable and not best.unreliable]
        but = f", leaving aside {', '.join(passed)} whose recent jobs mostly failed" if passed else ""
        return f"{best.operation} is the {self.policy.by} of {len(self.fitting)} that fit{but}{self._doubt()}."

    def _doubt(self) -> str:
        unknown = [row.operation for row in self.fitting if row.comparable is None]
        if self.policy.by == "fastest" or not unknown:
            return ""
        if len(unknown) == len(self.fitting):
            return ", though no price can be compared: so the fastest"
        return f"; {', '.join(unknown)} cannot be compared by price"


class NoProviderFits(UsageError):
    """No operation can do the job; the message says which requirement excluded each."""

    def __init__(self, route: Route) -> None:
        self.route = route
        lines = [f"\n  {row.operation}: {row.excluded}" for row in route.rows]
        reasons = "".join(lines) or " no installed provider offers it; `taskferry providers` lists what is there."
        super().__init__(f"No provider fits {route.asked}, so nothing was sent:{reasons}")
