"""The provider's status words: each means one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.reading.provider import word_text
from taskferry.cards.schema import Finding


def word_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find words that are in two lists."""
    table = document["status"]
    seen: dict[str, str] = {}
    if not table["succeeded"]:
        yield Finding(("status", "succeeded"), "names no word, so that no job would ever succeed")
    for name, words in table.items():
        for place, word in enumerate(words if isinstance(words, list) else ()):
            text = word_text(word).casefold() if table.get("any_case") else word_text(word)
            if seen.setdefault(text, name) != name:
                yield Finding(("status", name, place), f'is "{word_text(word)}", which is among {seen[text]} too')
