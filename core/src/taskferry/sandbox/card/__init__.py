"""Stand-ins of providers that are cards."""

from __future__ import annotations

from taskferry.sandbox.card.service import CardStandIn

__all__ = ["CardStandIn"]
