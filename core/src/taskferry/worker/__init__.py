"""`taskferry worker`: drives the tasks of a shared ledger until it is told to stop."""

from __future__ import annotations

from taskferry.worker.logs import logging_to_stderr
from taskferry.worker.serving import Report, WorkerOptions, run_worker

__all__ = ["Report", "WorkerOptions", "logging_to_stderr", "run_worker"]
"""What the command line uses of this room."""
