"""Texts about a production, made from its prompt."""

from __future__ import annotations

import json
import re

_TITLE = 70
_DESCRIPTION = 160
"""Characters that search engines show."""


def seo(caption: str) -> bytes:
    """Write title, description and keywords, as JSON."""
    words = re.findall(r"\w{4,}", caption.lower())
    document = {
        "title": caption[:_TITLE].strip().capitalize(),
        "description": f"{caption}: a film with music of its own."[:_DESCRIPTION],
        "keywords": list(dict.fromkeys(words))[:10],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", "replace")
