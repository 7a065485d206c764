"""Fault tokens of this stand-in alone: mostly switches between what the sources say differently."""

from __future__ import annotations

from collections.abc import Mapping

from taskferry.sandbox import TOKENS as COMMON
from taskferry.sandbox import Phase, Token

TOKENS: Mapping[str, Token] = {
    "moderated": Token(Phase.LIFE, COMMON["moderated"].description, "WORD", optional=True, choices=("banned",)),
    "expired": Token(Phase.LIFE, COMMON["expired"].description, "WORD", optional=True, choices=("expired",)),
    "refuse-as-200": Token(Phase.CREATE, "The create is refused with this code under HTTP 200.", "CODE"),
    "null-progress": Token(Phase.LIFE, "Progress is null while the task runs."),
    "queue-position": Token(Phase.LIFE, "The task tells its place in the queue and its time left, as v2 does."),
    "flat-views": Token(Phase.LIFE, "The URLs of the four views stand beside each other, not in an object."),
    "topology": Token(Phase.LIFE, "A rig check calls the skeleton `topology`, not `rig_type`."),
    "not-riggable": Token(Phase.LIFE, "A rig check says that the model cannot be rigged."),
}
