"""Writes taskferry into the configuration of an agent's client."""

from __future__ import annotations

from taskferry.mcp.install.clients import CLIENTS, Client
from taskferry.mcp.install.plan import Plan, plan_for
from taskferry.mcp.install.writing import write

__all__ = ["CLIENTS", "Client", "Plan", "plan_for", "write"]
