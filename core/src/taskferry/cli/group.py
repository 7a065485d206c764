"""The top-level command: imports each command when it is called, and asks plugins for those it does not know."""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import CompletionItem

from taskferry.cli.output import note
from taskferry.cli.profiles import profile
from taskferry.errors import UnknownName, UsageError

SECTIONS = {
    "Make something": ("demo", "run", "submit", "batch", "estimate", "route"),
    "Follow it": ("status", "list", "wait", "watch", "resume", "reconcile", "cancel", "download", "open"),
    "Look around": ("providers", "operations", "balance", "spend", "doctor", "plugin", "ledger", "gc", "completion"),
    "Set it up": ("login", "logout", "config"),
    "Serve": ("ui", "mcp", "worker", "sandbox"),
}
"""The commands as `--help` lists them; each is `taskferry.cli.commands.NAME`."""

NAMES = tuple(name for names in SECTIONS.values() for name in names)
_FROM_PLUGINS = "From plugins"


class LazyGroup(click.Group):
    """A group whose commands are imported one by one, when they are needed."""

    _plugins_asked = False

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- as click calls it
        """Name all commands, in the order of the help."""
        self._ask_plugins()
        return [*NAMES, *sorted(name for name in self.commands if name not in NAMES)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's
        """Give one command; plugins are asked only for a name that is not ours."""
        if cmd_name in NAMES:
            found: click.Command = import_module(f"taskferry.cli.commands.{cmd_name}").command
            return found
        self._ask_plugins()
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a line; raise UnknownName with the nearest ones."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            raise UnknownName("command", args[0], self.list_commands(ctx), "`taskferry --help` lists all.")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name; neither commands nor plugins are imported for it."""
        names = [CompletionItem(name) for name in NAMES if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by what people come for."""
        others = tuple(name for name in self.list_commands(ctx) if name not in NAMES)
        width = max(len(name) for name in (*NAMES, *others))
        for title, names in {**SECTIONS, _FROM_PLUGINS: others}.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            rows = [
                (name.ljust(width), command.get_short_help_str(formatter.width - width - 6))
                for name, command in found
                if command is not None and not command.hidden
            ]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _ask_plugins(self) -> None:
        if self._plugins_asked:
            return
        self._plugins_asked = True
        from taskferry.registry import Registry  # imports every plugin's module: not for our own commands

        try:
            manager = Registry().manager
        except UsageError as error:  # of the config file: our own commands are there to mend it with
            note(f"No plugin's commands are known: {error}")
            return
        plugins = manager.get_plugins()
        for plugin in plugins:
            hook = manager.subset_hook_caller("taskferry_commands", plugins - {plugin})
            try:
                hook(group=self)
            except Exception as error:  # noqa: BLE001 -- a broken plugin must not take the command line with it
                note(f"The commands of the plugin {manager.get_name(plugin)} cannot be used: {error}")


@click.command(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog="Start with `taskferry demo`: it needs no key and costs nothing. Every command takes --json and --help.",
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
)
@click.option("--no-color", is_flag=True, expose_value=False, help="Draw nothing in colour, as NO_COLOR=1 does.")
@profile
@click.version_option(package_name="taskferry", message="%(prog)s %(version)s")
@click.pass_context
def command_line(ctx: click.Context) -> None:
    """Make images, video, music and 3D with any provider: no job is lost, none is paid twice."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
