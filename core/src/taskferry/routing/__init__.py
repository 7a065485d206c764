"""Chooses among providers: `any/video` is made by whoever can, for the least money or in the least time."""

from __future__ import annotations

from taskferry.routing.asked import PROVIDER, is_route, route_operation, route_operations
from taskferry.routing.choosing import choose
from taskferry.routing.failover import attempt_key, may_fail_over
from taskferry.routing.route import NoProviderFits, Policy, Route, RouteRow

__all__ = [
    "PROVIDER",
    "NoProviderFits",
    "Policy",
    "Route",
    "RouteRow",
    "attempt_key",
    "choose",
    "is_route",
    "may_fail_over",
    "route_operation",
    "route_operations",
]
