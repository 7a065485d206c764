"""How fast, how strict and on whose clock a stand-in runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import field, frozen
from attrs.validators import gt


@frozen(kw_only=True)
class Settings:
    """What every stand-in is made with."""

    speed: float = field(default=1.0, validator=gt(0))
    """Every duration of the stand-in is divided by it."""
    limits: bool = True
    """Whether request rates, concurrency and spending limits are enforced; their headers are sent either way."""
    clock: Callable[[], float] = time.time
    """Tells the time in epoch seconds."""
