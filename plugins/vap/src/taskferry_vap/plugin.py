"""What this plugin registers with taskferry."""

from __future__ import annotations

from collections.abc import Callable

from taskferry import Provider, hookimpl


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register VAP."""
    register(
        Provider(
            name="vap",
            title="VAP media generation",
            adapters={"v3": "taskferry_vap.adapter:VapAdapter", "v1": "taskferry_vap.v1:VapV1Adapter"},
            stand_in="taskferry_vap.sandbox:stand_in",
            demo="taskferry_vap.demo:JOBS",
            profile="taskferry_vap.mcp:profile",
        )
    )
