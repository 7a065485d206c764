"""Adapters that are careless with money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken
from contract.kit.sound import REPLIES, observation
from taskferry import Amount, Balance, Call, Cost, dig


class Costs(Broken):
    """Reads a cost in a way of its own."""

    def fetch(self, remote: Any) -> Any:
        reply = yield Call.get("/jobs/{id}", **remote)
        told = dig(reply.json, "cost")
        return observation(reply) if told is None else evolve(observation(reply), cost=self.cost(told))

    def cost(self, told: Any) -> Any:
        raise NotImplementedError


class FloatCost(Costs):
    """A cost is a float."""

    caught_by = "test_costs_are_decimal"

    def cost(self, told: Any) -> Any:
        return Cost(actual=float(told), unit="USD") if isinstance(told, str) and told[0].isdigit() else None


class NoUnit(Costs):
    """A cost has no unit."""

    caught_by = "test_costs_are_decimal"

    def cost(self, told: Any) -> Any:
        return Cost(actual=Decimal("0.36"))


class ThroughAFloat(Costs):
    """A cost goes through a float on its way."""

    caught_by = "test_costs_are_exact"
    given = {"replies": {**REPLIES, "done": {**REPLIES["done"], "cost": 0.5}}}  # noqa: RUF012 -- read only

    def cost(self, told: Any) -> Any:
        number = isinstance(told, int | float) and not isinstance(told, bool) and told >= 0
        return Cost(actual=Decimal(told), unit="USD") if number else None


class RoundedCost(Costs):
    """A cost is rounded to cents."""

    caught_by = "test_costs_are_exact"

    def cost(self, told: Any) -> Any:
        try:
            amount = Decimal(str(told))
        except ArithmeticError:
            return None
        return Cost(actual=round(amount, 2), unit="USD") if amount.is_finite() and amount >= 0 else None


class CostRaises(Costs):
    """A cost that is no amount is an error."""

    caught_by = "test_broken_costs_are_no_costs"

    def cost(self, told: Any) -> Any:
        return Cost(actual=Decimal(str(told)), unit="USD")


class FloatPrice(Broken):
    """An estimate is a float."""

    caught_by = "test_prices_are_exact"

    def estimate(self, request: Any) -> Any:
        return Amount(value=0.18 * request.parameters.get("count", 1), unit="USD")


class PriceRaises(Broken):
    """An estimate wants a parameter that was not given."""

    caught_by = "test_prices_are_exact"

    def estimate(self, request: Any) -> Any:
        return Amount(value=Decimal(request.parameters["size"]), unit="USD")


class FloatBalance(Broken):
    """A balance is a float."""

    caught_by = "test_balance"

    def balance(self) -> Any:
        reply = yield Call.get("/balance")
        return Balance(available=float(reply.at("left", str)), unit="USD")
