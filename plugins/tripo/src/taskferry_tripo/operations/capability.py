"""One creation call of API v3: the operation it is offered as, and how the operation's parameters become its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from taskferry import Amount, Kind, Operation, Typical

NAMES: Mapping[str, str] = {"image": "input", "images": "inputs", "source": "input", "seed": "model_seed"}
"""Tripo's names for what taskferry calls otherwise; a dot leads into an object."""

Body = dict[str, Any]


@frozen(kw_only=True)
class Capability:
    """One kind of task, as data."""

    operation: Operation
    path: str
    """After the base URL."""
    types: Sequence[str]
    """Tripo's words for such a task in its listings; sources guess most of them, so there can be several."""
    names: Mapping[str, str] = field(factory=dict)
    """Names on the wire that differ from `NAMES`."""
    always: Mapping[str, Any] = field(factory=dict)
    """Sent where the caller gives nothing, because Tripo refuses a job without it or sources differ on what it takes
    instead."""
    shape: Callable[[Body], Body] = dict
    """The last touch where names alone do not make the body."""
    price: Callable[[Mapping[str, Any]], Amount | None]
    """The price by the list of a job with this body; None where the list does not say."""

    def body(self, parameters: Mapping[str, Any]) -> Body:
        """Give the body of the create call; nothing but `always` is added to what was given."""
        body: Body = dict(self.always)
        names = {**NAMES, **self.names}
        for name, value in parameters.items():
            outer, dot, inner = names.get(name, name).partition(".")
            if dot:
                body.setdefault(outer, {})[inner] = value
            else:
                body[outer] = value
        return self.shape(body)


def operation(
    name: str, title: str, description: str, kind: Kind, parameters: Mapping[str, Any], typical: Typical, **more: Any
) -> Operation:
    """Make an operation of this plugin."""
    return Operation(
        name=f"tripo/{name}",
        title=title,
        description=description,
        kind=kind,
        parameters=parameters,
        typical=typical,
        **more,
    )
