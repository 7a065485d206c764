"""A dictionary as a tool's answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import Artifact, ProfileAnswer


def answer(document: Mapping[str, Any], *, artifacts: Sequence[Artifact] = (), is_error: bool = False) -> ProfileAnswer:
    """Give a dictionary as JSON text, which is what the vendor's server sends, and as structured content."""
    text = json.dumps(dict(document), indent=2, ensure_ascii=False)
    return ProfileAnswer(text=text, structured=document, artifacts=artifacts, is_error=is_error)
