"""Fault tokens of this stand-in alone: mostly switches between what the sources say differently."""

from __future__ import annotations

from collections.abc import Mapping

from taskferry.sandbox import TOKENS as COMMON
from taskferry.sandbox import Phase, Token

TOKENS: Mapping[str, Token] = {
    "moderated": Token(Phase.LIFE, COMMON["moderated"].description, "WORD", optional=True, choices=("banned",)),
    "expired": Token(Phase.LIFE, COMMON["expired"].description, "WORD", optional=True, choices=("expired",)),
    "soft-error": Token(
        Phase.CREATE, "The create is refused with this code under HTTP 200; nothing is created.", "CODE"
    ),
    "bare-create": Token(Phase.LIFE, "The create's reply has a task_id and nothing else."),
    "null-progress": Token(Phase.LIFE, "The progress is null."),
    "flat-views": Token(Phase.LIFE, "The four views stand in the output itself, not in an object of their own."),
    "rig-key": Token(
        Phase.LIFE, "What a rig check calls the skeleton it found.", "WORD", choices=("rig_type", "topology")
    ),
    "not-riggable": Token(Phase.LIFE, "A rig check says no."),
    "usage-items": Token(Phase.READ, "The usage listing is an object with `items`; to be posted with a path."),
    "text-balance": Token(Phase.READ, "The balance is a text; to be posted with a path."),
    "upload-url": Token(Phase.READ, "A presign answers with `upload_url`; to be posted with a path."),
}
