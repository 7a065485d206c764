"""`taskferry mcp install`: put taskferry into the list of MCP servers of an agent's client."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from taskferry.cli import exits, options, output
from taskferry.errors import PluginError, UsageError
from taskferry.mcp.install import CLIENTS, Client, Plan, plan_for, write
from taskferry.mcp.install.clients import user_file
from taskferry.registry import Registry

_HOME = "TASKFERRY_HOME"


@click.command("install", short_help="Put taskferry into a client's list of MCP servers.")
@click.option("--client", "name", required=True, type=click.Choice(list(CLIENTS)), help="The client.")
@click.option(
    "--scope",
    type=click.Choice(["user", "project"]),
    default="user",
    show_default=True,
    help="Write the user's own file, or that of the project in the working folder.",
)
@click.option(
    "--env",
    "names",
    multiple=True,
    metavar="NAME",
    help="Have the client hand on this variable; without it, the keys' variables that are set now.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@options.as_json
def command(name: str, scope: str, names: tuple[str, ...], dry_run: bool, yes: bool, as_json: bool) -> int:
    """Put taskferry into a client's list of MCP servers; shows the change first and keeps the old file beside it.

    Only names of variables are written, never a key. What the file holds otherwise stays as it is; running it again
    changes nothing.
    """
    client = CLIENTS[name]
    variables = frozenset(names) or frozenset(_set_variables())
    plan = plan_for(client, _file(client, scope), _server(scope), variables)
    if not as_json:
        _show(plan)
    wanted = plan.changes and not dry_run
    if wanted and not yes:
        _ask(plan, as_json)
    backup = write(plan) if wanted else None
    _report(plan, backup, written=wanted, as_json=as_json)
    return exits.DONE


def _file(client: Client, scope: str) -> Path:
    if scope == "user":
        return user_file(client, sys.platform, os.environ, Path.home())
    if client.project is None:
        raise UsageError(f"{client.title} has no file for a project: use --scope user.")
    return Path.cwd() / client.project


def _server(scope: str) -> list[str]:
    """Give the command that starts the server: in a user's file this very installation, wherever the client starts."""
    if scope == "project":
        return ["taskferry", "mcp"]
    beside = shutil.which("taskferry", path=str(Path(sys.executable).parent))
    return [beside, "mcp"] if beside else [sys.executable, "-m", "taskferry", "mcp"]


def _set_variables() -> Iterator[str]:
    registry = Registry()
    for provider in registry.providers:
        try:
            service = registry.adapter(provider).service
        except PluginError as error:
            output.note(str(error))
            continue
        yield from (name for name in service.key_variables if os.environ.get(name))
    if os.environ.get(_HOME):
        yield _HOME


def _show(plan: Plan) -> None:
    output.say(plan.diff() if plan.changes else f"{plan.path} has taskferry already: nothing to change.")


def _ask(plan: Plan, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise UsageError("Nobody can be asked here: say --yes to write it, or --dry-run to see it.")
    click.confirm(f"Write this to {plan.path}?", abort=True, err=True)


def _report(plan: Plan, backup: Path | None, *, written: bool, as_json: bool) -> None:
    if as_json:
        document = {"path": str(plan.path), "changes": plan.changes, "written": written, "diff": plan.diff()}
        output.document({**document, "backup": None if backup is None else str(backup)})
    if not written:
        return
    kept = f" The old file is {backup}." if backup else ""
    output.note(f"{plan.client.title} has taskferry now; restart it.{kept}")
    if not (plan.client.reference or plan.client.forwarded):
        output.note(
            f"{plan.client.title} hands no variables on: keep the keys in the system's keyring or in the config file "
            "of the taskferry home; `taskferry doctor` shows what is found."
        )
