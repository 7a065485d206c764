"""Cases about money: exact amounts with their unit, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from taskferry.adapter import Balance, Estimates, HasBalance
from taskferry.cost import Cost, decimal
from taskferry.task import Observation
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import json_of, leaves, name_of, replaced, with_body
from taskferry.testing.contract.driving import drive, in_turn
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.samples import OperationSamples
from taskferry.testing.contract.sound import of_amount, of_cost, of_price

_EXACT = "0.1234567890123"
"""An amount that a float still writes as it is, and a Decimal made of that float does not."""


_NO_AMOUNTS: tuple[Any, ...] = ("free", -1, None, [], "NaN", True)


class MoneyCases(Contract):
    """What jobs cost, and what is left."""

    def test_costs_are_decimal(self) -> None:
        """Costs are Decimal and have a unit, in the create's reply and in every look."""
        for of in self.subject.operations:
            costs = [("create", self.subject.accepted(of).cost)]
            costs += [(word, seen.cost) for word, _, seen in self.subject.statuses(of)]
            for where, cost in costs:
                wrong = next(of_cost(cost), None)
                require(wrong is None, f"cost: {of.operation.name}, {where!r}: {wrong}")

    def test_costs_are_exact(self) -> None:
        """A cost is what the reply says to the last digit, whether it is written as a number or as text."""
        tried = False
        for of in self.subject.operations:
            for where, read in self._costs(of):
                tried = True
                for written in (float(_EXACT), _EXACT):
                    cost = _read(read, written, f"exact-cost: {written!r} in {where!r}")
                    wrong = next(of_cost(cost), None) if cost is not None else None
                    require(wrong is None, f"exact-cost: {written!r} in {where!r}: {wrong}")
                    values = [] if cost is None else [cost.actual, cost.estimated]
                    exact = [
                        value for value in values if value is not None and _digits(value) == _digits(decimal(_EXACT))
                    ]
                    require(
                        exact or cost is None,
                        f"exact-cost: {written!r} in {where!r} is read as {values}; read amounts with "
                        "taskferry.decimal()",
                    )
        if not tried:
            skip("no sample has a cost")

    def test_broken_costs_are_no_costs(self) -> None:
        """A cost that is no amount is not known, which is neither an error nor free."""
        tried = False
        for of in self.subject.operations:
            for where, read in self._costs(of):
                tried = True
                for written in _NO_AMOUNTS:
                    cost = _read(read, written, f"broken-cost: {written!r} in {where!r}")
                    wrong = next(of_cost(cost), None) if cost is not None else None
                    require(wrong is None, f"broken-cost: {written!r} in {where!r}: {wrong}")
        if not tried:
            skip("no sample has a cost")

    def test_prices_are_exact(self) -> None:
        """`estimate` and an operation's `price` give an Amount, or None where the price is not known."""
        adapter = self.subject.adapter
        for operation in adapter.operations:
            wrong = next(of_price(operation.price), None)
            require(wrong is None, f"price: the price of {operation.name} {wrong}")
        if not isinstance(adapter, Estimates):
            return
        for of in self.subject.operations:
            try:
                price = adapter.estimate(self.subject.request(of))
            except Exception as error:
                raise AssertionError(
                    f"price: estimate raised {told(error)}; give None for what is not known"
                ) from error
            wrong = next(of_price(price), None)
            require(wrong is None, f"price: the estimate of {of.operation.name} {wrong}")

    def test_balance(self) -> None:
        """A balance is a Decimal with a unit."""
        adapter, reply = self.subject.adapter, self.subject.samples.balance
        if not isinstance(adapter, HasBalance):
            skip("the adapter has no balance")
        if reply is None:
            skip("no sample of a balance; give `balance`")
        driven = drive(adapter.balance(), in_turn(reply), adapter.failure)
        balance = driven.result
        if not isinstance(balance, Balance):
            raise AssertionError(f"balance: it came to {told(driven.error) if driven.error else shown(balance)}")
        for amount in (balance.available, *([] if balance.reserved is None else [balance.reserved])):
            wrong = next(of_amount(amount), None)
            require(wrong is None, f"balance: an amount {wrong}")
        require(balance.unit, "balance: it has no unit")

    def _costs(self, of: OperationSamples) -> Iterator[tuple[str, Any]]:
        """Yield where the replies have a cost, each with a way to read another one from there."""
        remote = self.subject.remote(of)
        for _, look, seen in self.subject.statuses(of):
            for path, value in leaves(json_of(look[0])):
                if seen.cost is None or decimal(value) is None:
                    continue

                def read(written: Any, look: Any = look, path: Any = path) -> Cost | None:
                    changed = with_body(look[0], replaced(json_of(look[0]), path, written))
                    driven = self.subject.fetch(remote, (changed, *look[1:]))
                    if driven.error is not None:
                        raise driven.error
                    return driven.result.cost if isinstance(driven.result, Observation) else None

                if _counts(read, seen.cost):
                    yield name_of(path), read


def _read(read: Any, written: Any, what: str) -> Cost | None:
    try:
        cost: Cost | None = read(written)
    except Exception as error:
        raise AssertionError(
            f"{what} raised {told(error)}; read amounts with taskferry.decimal(), which takes numbers and texts, "
            "and gives "
            "None for what is no amount"
        ) from error
    return cost


def _counts(read: Any, usual: Cost) -> bool:
    """Tell whether a cost hangs on a place: another number there makes it another."""
    costs = []
    for written in (4321, "4321"):
        try:
            costs.append(read(written))
        except Exception:  # noqa: BLE001 -- a place that takes no such number or text may still be one of a cost
            costs.append(usual)
    return any(cost is not None and cost != usual for cost in costs)


def _digits(value: Decimal | None) -> tuple[int, ...]:
    return () if value is None else value.normalize().as_tuple().digits
