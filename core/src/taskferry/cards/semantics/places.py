"""Places such as `{id}`: each has to be something that the call knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from taskferry.cards.reading.calls import METHODS
from taskferry.cards.schema import Finding, nearest

PLACE = re.compile(r"\{\+?([A-Za-z_][A-Za-z0-9_]*)\}")
FILE = ("file_name", "media_type")
"""What the calls of an upload know of the file."""
Where = tuple[str | int, ...]


def place_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find places that nothing fills."""
    operations = document["operations"]
    for name, operation in operations.items():
        path: Where = ("operations", name)
        yield from _submit((*path, "submit"), operation)
        if "fetch" in operation:
            yield from _fetch((*path, "fetch"), operation["fetch"], list(operation["submit"]["remote"]))
    sharing = [one for one in operations.values() if "fetch" not in one] or list(operations.values())
    yield from _fetch(("fetch",), document["fetch"], _common(sharing))
    tables = {"cancel": _common(list(operations.values())), "recent": ["task_id"], "balance": []}
    for table, known in tables.items():
        if table in document:
            yield from _unknown((table,), document[table], known)
    if "upload" in document:
        yield from _upload(document["upload"])
    yield from _remotes(document)


def mentioned(value: Any) -> set[str]:
    """Give the names of all places in a call's table, or in a part of it."""
    return {name for _, name in _places(value, ())}


def call_parts(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what places can be in: path, query, headers and body."""
    return {key: table[key] for key in (*METHODS, "query", "headers", "body") if key in table}


def _places(value: Any, path: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(value, str):
        yield from ((path, name) for name in PLACE.findall(value))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _places(inner, (*path, place))


def _unknown(path: Where, table: Mapping[str, Any], known: Collection[str]) -> Iterator[Finding]:
    for where, name in _places(call_parts(table), path):
        if name not in known:
            yield _nothing(where, name, known)


def _nothing(where: Where, name: str, known: Collection[str]) -> Finding:
    allowed = [f"{{{one}}}" for one in known]
    near = nearest(name, known)
    what = f"mentions {{{name}}}, which nothing fills"
    return Finding(where, what, allowed=allowed, nearest=None if near is None else f"{{{near}}}")


def _submit(path: Where, operation: Mapping[str, Any]) -> Iterator[Finding]:
    parameters, submit = operation.get("parameters", {}), operation["submit"]
    yield from _unknown(path, submit, [*parameters, "task_id"])
    if "python" in submit and "body" in submit:
        yield Finding((*path, "body"), "is made by python already; only one of them can be")
    for key in ("query", *METHODS):
        for where, name in _places(submit.get(key), (*path, key)):
            given = parameters.get(name)
            if given is not None and not given.get("required") and "default" not in given:
                yield Finding(where, f"needs {{{name}}}, which is neither required nor has a default")


def _fetch(path: Where, fetch: Mapping[str, Any], known: list[str]) -> Iterator[Finding]:
    yield from _unknown(path, fetch, known)
    yield from _artifacts(path, fetch, known)
    for place, hop in enumerate(fetch.get("then", ())):
        more = [*known, *hop.get("places", {})]
        yield from _unknown((*path, "then", place), hop, more)
        yield from _artifacts((*path, "then", place), hop, more)


def _artifacts(path: Where, table: Mapping[str, Any], known: list[str]) -> Iterator[Finding]:
    for place, artifact in enumerate(table.get("artifacts", ())):
        where = (*path, "artifacts", place, "path")
        yield from (
            _nothing(where, name, known) for name in PLACE.findall(artifact.get("path", "")) if name not in known
        )


def _upload(upload: Mapping[str, Any]) -> Iterator[Finding]:
    known = [*upload.get("places", {}), *FILE]
    yield from _unknown(("upload", "prepare"), upload.get("prepare", {}), FILE)
    yield from _unknown(("upload",), upload, known)
    yield from (
        _nothing(("upload", "result"), name, known) for name in PLACE.findall(upload["result"]) if name not in known
    )
    if "places" in upload and "prepare" not in upload:
        yield Finding(("upload", "places"), "reads the reply to prepare, which there is none of")


def _common(operations: list[Mapping[str, Any]]) -> list[str]:
    first, *others = (list(operation["submit"]["remote"]) for operation in operations)
    return [name for name in first if all(name in other for other in others)]


def _remotes(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare what finds a job again: a listed one must be found as a submitted one is."""
    listed = document.get("recent", {}).get("remote")
    signed = document.get("webhook", {}).get("remote", {})
    for name, operation in document["operations"].items():
        remote = operation["submit"]["remote"]
        if "operation" in remote:
            where = ("operations", name, "submit", "remote", "operation")
            yield Finding(where, "is a name that is kept for the operation's own")
        missing = [] if listed is None else [one for one in remote if one not in listed]
        if missing:
            yield Finding(("recent", "remote"), f'lacks "{missing[0]}", which finds the jobs of operations.{name}')
        for one in signed:
            if one not in remote:
                known = list(remote)
                what = f"is no member of the remote of operations.{name}"
                yield Finding(("webhook", "remote", one), what, allowed=known, nearest=nearest(one, known))
