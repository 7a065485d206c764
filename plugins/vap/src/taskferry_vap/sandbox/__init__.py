"""The stand-in of VAP: both generations of its API, accounts, webhooks and files on loopback."""

from __future__ import annotations

from taskferry_vap.sandbox.service import VapStandIn, stand_in

__all__ = ["VapStandIn", "stand_in"]
