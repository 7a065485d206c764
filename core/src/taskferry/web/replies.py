"""A provider's raw reply as people may see it: cut, indented, and without the signatures that open its files."""

from __future__ import annotations

import json
import re
from typing import Any

from taskferry.text import harmless

SHOWN = 20_000
"""Characters."""
_QUERY = re.compile(r"(https?://[^\s\"'<>?\\]+)\?[^\s\"'<>]*")
_HIDDEN = "…"
_SECRET = re.compile(
    r"(^|[_-])(api_?)?(key|token|secret|password|signature|authorization|credential)s?$", re.IGNORECASE
)


def shown_reply(raw: bytes | None) -> str:
    """Give a reply as text; empty where there is none."""
    if not raw:
        return ""
    head, line, body = raw.partition(b"\n")  # the reply to the create begins with its HTTP status
    first, rest = (head + line, body) if head.isdigit() else (b"", raw)
    try:
        text = json.dumps(_without_secrets(json.loads(rest)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):  # no JSON: shown as it came
        text = rest[: 4 * SHOWN].decode("utf-8", "replace")
    text = first.decode() + harmless(_QUERY.sub(rf"\1?{_HIDDEN}", text))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n{_HIDDEN} {len(raw):,} bytes in all"


def _without_secrets(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {inner: _without_secrets(one, str(inner)) for inner, one in value.items()}
    if isinstance(value, list):
        return [_without_secrets(one, name) for one in value]
    return _HIDDEN if isinstance(value, str) and _SECRET.search(name) else value
