"""What this plugin registers with taskferry."""

from __future__ import annotations

from collections.abc import Callable

from taskferry import Provider, hookimpl


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register Tripo."""
    register(
        Provider(
            name="tripo",
            title="Tripo 3D",
            adapters={"v3": "taskferry_tripo.adapter:TripoAdapter", "v2": "taskferry_tripo.v2:TripoV2Adapter"},
            stand_in="taskferry_tripo.sandbox:stand_in",
            demo="taskferry_tripo.demo:JOBS",
            profile="taskferry_tripo.mcp:profile",
        )
    )
