"""Example command lines, made from what the installed operations declare, so that they can be pasted as they are."""

from __future__ import annotations

import click

from taskferry.cli import output
from taskferry.cli.example_line import example_line
from taskferry.cli.manual import manual
from taskferry.operation import Operation

_LINE = "taskferry.line"

PAIRS_HELP = """\
Parameters:
  key=value    text, number or yes/no, as the operation declares it
  key=@file    a local file; for a text parameter, what is written in it
  key:=json    any JSON value
An array takes its key several times, or values parted by commas.
`taskferry operations PROVIDER/OPERATION` shows every parameter."""


class CommandWithExamples(click.Command):
    """A command that submits jobs; its help ends with lines that work here, or is that of the operation on the line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the line: by the time that the help is written click has read nothing but `--help`."""
        ctx.meta[_LINE] = list(args)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help of the command, or of an operation that is on the line too."""
        operation = self._on_the_line(ctx)
        if operation is None:
            super().format_help(ctx, formatter)
            return
        formatter.write_usage(ctx.command_path, f"{operation.name} [OPTIONS] [KEY=VALUE]...")
        formatter.write(
            "\n" + "\n".join(manual(operation, output.width() or formatter.width, self.name or "run")) + "\n"
        )
        formatter.write(f"\n`{ctx.command_path} --help` shows the options.\n")

    def _on_the_line(self, ctx: click.Context) -> Operation | None:
        """Find the operation on the line; raise UnknownName with the nearest for one that there is not."""
        named = [
            one
            for one in ctx.meta.get(_LINE, ())
            if ("/" in one or ".toml" in one) and "=" not in one and one[0] != "-"
        ]
        if not named:
            return None
        from taskferry.cli.cards import is_card, operation_of_card
        from taskferry.cli.submitting import operation_named
        from taskferry.registry import Registry

        name = operation_of_card(named[0], trusting="--trust" in ctx.meta[_LINE]) if is_card(named[0]) else named[0]
        return operation_named(Registry(), name)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's
        """Write how parameters are given, and an example of each kind of media."""
        formatter.write(f"\n{PAIRS_HELP}\n")
        lines = [example_line(operation, self.name or "run") for operation in _one_of_each_kind()]
        if lines:
            formatter.write("\nExamples:\n" + "".join(f"  {line}\n" for line in lines))


def _one_of_each_kind() -> list[Operation]:
    from taskferry.registry import Registry  # reads the plugins: for help only

    found: dict[str, Operation] = {}
    for operation in Registry().operations():
        if operation.example:
            found.setdefault(operation.kind.value, operation)
    return list(found.values())
