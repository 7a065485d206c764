"""What tests of taskferry, of plugins and of embedding programs need: a clock that jumps, the wire at hand.

Importing this registers a respx mocker: `respx.mock(using="taskferry")` sees every call of taskferry, on either road,
where respx's own default sees only some.
"""

from __future__ import annotations

from taskferry.testing.clock import VirtualClock
from taskferry.testing.drive import answered, submitted
from taskferry.testing.wire import TaskferryMocker

__all__ = ["TaskferryMocker", "VirtualClock", "answered", "submitted"]
