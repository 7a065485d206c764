"""How a broken adapter is written: the sound one with one thing changed, and the case that has to catch it."""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import evolve

from contract.kit.sound import IMAGE, Sound
from taskferry import Operation


class Broken(Sound):
    """An adapter with one fault; its docstring says which."""

    caught_by: ClassVar[str] = ""
    """The case that has to fail."""
    given: ClassVar[dict[str, Any]] = {}
    """What the author of such an adapter would give as samples instead of the usual."""


def parameter(name: str, **schema: Any) -> tuple[Operation, ...]:
    """Give the operations with another parameter, or with another schema of one."""
    properties = {**IMAGE.parameters["properties"], name: schema}
    return operation(parameters={**IMAGE.parameters, "properties": properties})


def operation(**changes: Any) -> tuple[Operation, ...]:
    """Give the operations with something else in them."""
    return (evolve(IMAGE, **changes),)
