"""Commands and exit codes as Markdown, from what click and the command line's own tables know."""

from __future__ import annotations

from collections.abc import Iterator

import click

from taskferry.cli import exits
from taskferry.cli.group import SECTIONS, command_line

MEANINGS = {
    exits.DONE: "done",
    exits.UNSUCCESSFUL: "the task ended without success, or the command failed in a way that has no code of its own",
    exits.USAGE: "wrong usage, or parameters that do not fit; nothing was sent",
    exits.STILL_RUNNING: "still running; the job goes on",
    exits.REFUSED: "refused by the provider: key, funds, limits, parameters",
    exits.UNCONFIRMED: "unconfirmed: a paid job may exist, see `taskferry reconcile`",
    exits.NOT_KEPT: "succeeded, but a file could not be kept",
    exits.DEFECT: "a defect of taskferry or of a plugin; tasks are safe in the ledger",
    exits.INTERRUPTED: "interrupted; the job goes on, and the command to go on with is printed",
}


def commands() -> str:
    """Write every command with its arguments and options, by what people come for."""
    context = click.Context(command_line, info_name="taskferry")
    lines: list[str] = []
    for title, names in SECTIONS.items():
        lines += [f"### {title}", ""]
        for name in names:
            command = command_line.get_command(context, name)
            if command is not None and not command.hidden:
                lines += _command(command, context, name)
    return "\n".join(lines)


def exit_codes() -> str:
    """Write the table of exit codes."""
    codes = sorted(value for name, value in vars(exits).items() if name.isupper() and type(value) is int)
    rows = [f"| {code} | {MEANINGS[code]} |" for code in codes]
    statuses: dict[int, list[str]] = {}
    for status, code in exits.BY_STATUS.items():
        statuses.setdefault(code, []).append(f"`{status.value}`")
    said = "; ".join(f"{code} for {', '.join(found)}" for code, found in sorted(statuses.items()))
    return "\n".join(["| code | meaning |", "|---|---|", *rows, "", f"By a task's status: {said}."])


def _command(command: click.Command, parent: click.Context, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    arguments = " ".join(command.collect_usage_pieces(context)[1:])
    yield from (f"#### `{f'{context.command_path} {arguments}'.strip()}`", "", *_paragraphs(command.help or ""))
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        yield from ("| option | what it does |", "|---|---|", *(_row(one, context) for one in options), "")
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None and not found.hidden:
                yield from _command(found, context, inner)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.replace("\b", "").strip().split("\n\n"):
        yield from (" ".join(line.strip() for line in paragraph.strip().splitlines()), "")


def _row(option: click.Option, context: click.Context) -> str:
    names, text = option.get_help_record(context) or (", ".join(option.opts), option.help or "")
    default = option.get_default(context)
    shown = "" if option.is_flag or not isinstance(default, int | float) else f" {default:g} unless told."
    said = (option.help or text).strip()
    return f"| `{names}` | {said}{'' if 'unless told' in said else shown} |".replace("\n", " ")
