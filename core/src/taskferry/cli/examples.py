"""Example command lines, made from what the installed operations declare, so that they can be pasted as they are."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import click

from taskferry.operation import Operation

_PLAIN = re.compile(r"[\w./:+-]+")

PAIRS_HELP = """\
Parameters:
  key=value    text, number or yes/no, as the operation declares it
  key=@file    a local file; for a text parameter, what is written in it
  key:=json    any JSON value
An array takes its key several times, or values parted by commas.
`taskferry operations PROVIDER/OPERATION` shows every parameter."""


class CommandWithExamples(click.Command):
    """A command that submits jobs; its help ends with lines that work here."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's
        """Write how parameters are given, and an example of each kind of media."""
        formatter.write(f"\n{PAIRS_HELP}\n")
        lines = [example_line(operation, self.name or "run") for operation in _one_of_each_kind()]
        if lines:
            formatter.write("\nExamples:\n" + "".join(f"  {line}\n" for line in lines))


def example_line(operation: Operation, verb: str = "run") -> str:
    """Give the command line of the operation's own small example."""
    return " ".join(["taskferry", verb, operation.name, *(_pair(*item) for item in operation.example.items())])


def _pair(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"{key}={'yes' if value else 'no'}"
    if isinstance(value, str):
        return f"{key}={value}" if _PLAIN.fullmatch(value) else f"{key}={_quoted(value)}"
    if isinstance(value, int | float):
        return f"{key}={value}"
    return f"{key}:={shlex.quote(json.dumps(value))}"


def _quoted(text: str) -> str:
    return shlex.quote(text) if re.search(r'["$`\\!]', text) else f'"{text}"'


def _one_of_each_kind() -> list[Operation]:
    from taskferry.registry import Registry  # reads the plugins: for help only

    found: dict[str, Operation] = {}
    for operation in Registry().operations():
        if operation.example:
            found.setdefault(operation.kind.value, operation)
    return list(found.values())
