"""The stand-in of Tripo: its tasks, accounts, uploads and files on loopback, in API v3 and as far as needed in v2."""

from __future__ import annotations

from taskferry_tripo.sandbox.service import TripoStandIn, stand_in

__all__ = ["TripoStandIn", "stand_in"]
