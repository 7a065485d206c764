"""What Tripo offers through taskferry: one capability for each creation call of API v3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskferry import Operation
from taskferry_tripo.operations.animations import ANIMATIONS
from taskferry_tripo.operations.capability import Capability
from taskferry_tripo.operations.generation import GENERATION
from taskferry_tripo.operations.mesh import MESH
from taskferry_tripo.operations.models import MODELS
from taskferry_tripo.operations.pictures import PICTURES

CAPABILITIES: Mapping[str, Capability] = {
    capability.operation.name: capability for capability in (*GENERATION, *PICTURES, *MODELS, *ANIMATIONS, *MESH)
}
"""By the operation's full name."""

OPERATIONS: Sequence[Operation] = tuple(capability.operation for capability in CAPABILITIES.values())

__all__ = ["CAPABILITIES", "OPERATIONS", "Capability"]
