"""Where each client keeps its list of MCP servers, and how it writes one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

_OWN_TYPE: Mapping[str, Any] = MappingProxyType({"type": "stdio"})
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@frozen(kw_only=True)
class Client:
    """One client, as its own documentation has it; a path starts with a name of PLACES or is below the home folder."""

    title: str
    user: Mapping[str, str]
    """The user's file by `sys.platform`; the empty name stands for all others."""
    project: str | None = None
    """The file below a project's folder; None where the client has none."""
    servers: str = "mcpServers"
    """The key of the servers."""
    extra: Mapping[str, Any] = field(default=_NOTHING)
    """What an entry says beside its command."""
    reference: str | None = None
    """How a value names a variable of the environment, for `env`; None where the client cannot."""
    forwarded: str | None = None
    """The key that lists variables to hand on, where the client has one."""

    @property
    def is_toml(self) -> bool:
        """Tell whether the file is TOML; JSON otherwise."""
        return self.user[""].endswith(".toml")


PLACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "APPDATA": ("APPDATA", "AppData/Roaming"),
        "XDG_CONFIG_HOME": ("XDG_CONFIG_HOME", ".config"),
        "CODEX_HOME": ("CODEX_HOME", ".codex"),
    }
)
"""Variables that move a folder, each with where it is in the home folder otherwise."""

CLIENTS: Mapping[str, Client] = MappingProxyType(
    {
        "claude": Client(
            title="Claude Desktop",
            user={
                "darwin": "Library/Application Support/Claude/claude_desktop_config.json",
                "win32": "APPDATA/Claude/claude_desktop_config.json",
                "": "XDG_CONFIG_HOME/Claude/claude_desktop_config.json",
            },
        ),
        "claude-code": Client(
            title="Claude Code",
            user={"": ".claude.json"},
            project=".mcp.json",
            extra=_OWN_TYPE,
            reference="${{{name}}}",
        ),
        "cursor": Client(
            title="Cursor",
            user={"": ".cursor/mcp.json"},
            project=".cursor/mcp.json",
            reference="${{env:{name}}}",
        ),
        "vscode": Client(
            title="VS Code",
            user={
                "darwin": "Library/Application Support/Code/User/mcp.json",
                "win32": "APPDATA/Code/User/mcp.json",
                "": "XDG_CONFIG_HOME/Code/User/mcp.json",
            },
            project=".vscode/mcp.json",
            servers="servers",
            extra=_OWN_TYPE,
            reference="${{env:{name}}}",
        ),
        "windsurf": Client(
            title="Windsurf",
            user={"": ".codeium/windsurf/mcp_config.json"},
            reference="${{env:{name}}}",
        ),
        "codex": Client(
            title="Codex",
            user={"": "CODEX_HOME/config.toml"},
            project=".codex/config.toml",
            servers="mcp_servers",
            forwarded="env_vars",
        ),
        "gemini": Client(
            title="Gemini CLI",
            user={"": ".gemini/settings.json"},
            project=".gemini/settings.json",
            reference="${{{name}}}",
        ),
    }
)


def user_file(client: Client, platform: str, environ: Mapping[str, str], home: Path) -> Path:
    """Give the user's configuration file of a client on a platform, as `sys.platform` names it."""
    first, _, rest = client.user.get(platform, client.user[""]).partition("/")
    if first not in PLACES:
        return home / first / rest
    variable, usual = PLACES[first]
    return Path(environ.get(variable) or home / usual) / rest
