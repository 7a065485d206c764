"""What a status read gives: results at all, under names of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.schema import Finding

Where = tuple[str | int, ...]


def result_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find status reads without results, and results of one name."""
    yield from _fetch(("fetch",), document["fetch"])
    for name, operation in document["operations"].items():
        if "fetch" in operation:
            yield from _fetch(("operations", name, "fetch"), operation["fetch"])


def _fetch(path: Where, fetch: Mapping[str, Any]) -> Iterator[Finding]:
    listed = list(_artifacts(path, fetch))
    if not listed and "python" not in fetch:
        yield Finding(
            (*path, "artifacts"), 'lacks "artifacts", so that a job would succeed without a result', about_table=True
        )
    names: set[str] = set()
    for where, artifact in listed:
        name = artifact["name"]
        if name in names:
            yield Finding((*where, "name"), f'is "{name}", which another result is called already')
        names.add(name)


def _artifacts(path: Where, fetch: Mapping[str, Any]) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    for place, artifact in enumerate(fetch.get("artifacts", ())):
        yield (*path, "artifacts", place), artifact
    for place, hop in enumerate(fetch.get("then", ())):
        yield from _artifacts((*path, "then", place), hop)
