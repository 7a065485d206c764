"""Traces and metrics over OpenTelemetry's API, if that is installed; who collects them is the application's choice."""

from __future__ import annotations

from taskferry.telemetry.ids import traceparent
from taskferry.telemetry.telemetry import Telemetry, open_telemetry

__all__ = ["Telemetry", "open_telemetry", "traceparent"]
"""What others use of this room."""
