"""The protocol's tasks extension over the ledger: a job that outlives call, connection and process."""

from __future__ import annotations

from taskferry.mcp.tasks.extension import TasksExtension
from taskferry.mcp.tasks.ledger import LedgerSource
from taskferry.mcp.tasks.work import Source, State, Word, Work

__all__ = ["LedgerSource", "Source", "State", "TasksExtension", "Word", "Work"]
