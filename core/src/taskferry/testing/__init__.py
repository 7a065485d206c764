"""What tests of taskferry, of plugins and of embedding programs need: a clock that jumps, the wire at hand.

Importing this registers a respx mocker: `respx.mock(using="taskferry")` sees every call of taskferry, on either road,
where respx's own default sees only some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from taskferry.testing.clock import VirtualClock
from taskferry.testing.drive import answered, submitted
from taskferry.testing.wire import TaskferryMocker

if TYPE_CHECKING:
    from taskferry.testing.contract import AdapterContract

__all__ = ["AdapterContract", "TaskferryMocker", "VirtualClock", "answered", "submitted"]


def __getattr__(name: str) -> Any:
    if name != "AdapterContract":
        raise AttributeError(f"module 'taskferry.testing' has no attribute {name!r}")
    from taskferry.testing.contract import AdapterContract  # with a whole ferry, which only contract tests need

    return AdapterContract
