"""Plans the change of one client's configuration, so that it can be shown before anything is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from taskferry.errors import UsageError
from taskferry.mcp.install import json_text, toml_text
from taskferry.mcp.install.clients import Client
from taskferry.mcp.install.json_text import NotJson
from taskferry.mcp.install.toml_text import NotToml

SERVER = "taskferry"
_SECRET = re.compile(
    r"""(["']?[\w-]*(?:key|token|secret|password|authorization)[\w-]*["']?\s*[:=]\s*["'])(?!\$)[^"']+""", re.IGNORECASE
)


@frozen(kw_only=True)
class Plan:
    """What a file holds, and what it is to hold."""

    client: Client
    path: Path
    before: str | None
    """None where there is no file yet."""
    after: str

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to write."""
        return self.before != self.after

    def diff(self) -> str:
        """Give the lines that change and no others, which may hold keys; what looks like a key is left out."""
        old, new = (self.before or "").splitlines(), self.after.splitlines()
        lines = difflib.unified_diff(old, new, str(self.path), str(self.path), lineterm="", n=0)
        return "\n".join(_SECRET.sub(r"\1…", line) for line in lines)


def plan_for(client: Client, path: Path, command: Sequence[str], variables: Collection[str]) -> Plan:
    """Plan taskferry's entry in a client's file; what an entry that is there says beside its command stays.

    `variables` are names of the environment that the client is to hand on; their values are never read. Raises
    UsageError for a file that cannot be read or changed, with what to write by hand.
    """
    before = _read(path)
    edit, parse = (
        (toml_text.with_table, toml_text.parse) if client.is_toml else (json_text.with_member, json_text.parse)
    )
    fresh = entry(client, command, variables)
    try:
        servers = parse(before or "").get(client.servers) or {}
        present = servers.get(SERVER) or {}
        wanted = merged(present, fresh)
        after = (
            before if before is not None and wanted == present else edit(before or "", [client.servers, SERVER], wanted)
        )
    except (NotJson, NotToml, AttributeError, TypeError, RecursionError) as error:
        kind = "TOML" if client.is_toml else "JSON"
        raise UsageError(
            f"{path} is no {kind} that can be changed: {error}. Nothing was written. Correct it, or add by hand under "
            f"{client.servers!r}: {json_text.one_line({SERVER: fresh})}"
        ) from error
    return Plan(client=client, path=path, before=before, after=after)


def entry(client: Client, command: Sequence[str], variables: Collection[str]) -> dict[str, Any]:
    """Give the entry of a server as the client writes it."""
    made: dict[str, Any] = {**client.extra, "command": command[0], "args": list(command[1:])}
    if client.reference and variables:
        made["env"] = {name: client.reference.format(name=name) for name in sorted(variables)}
    if client.forwarded and variables:
        made[client.forwarded] = sorted(variables)
    return made


def merged(present: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Give an entry with a new command; whatever else its owner wrote there stays."""
    whole = {**present, **fresh}
    if "env" in present:
        whole["env"] = {**fresh.get("env", {}), **present["env"]}
    return whole


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Nothing was written.") from error
