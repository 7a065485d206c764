"""`taskferry completion`: the script that makes a shell complete taskferry's words."""

from __future__ import annotations

import click

from taskferry.cli import options, output
from taskferry.cli.choosing import Among
from taskferry.cli.completion import SHELLS, script

_HOW = {
    "bash": 'Add to ~/.bashrc: eval "$(taskferry completion bash)"',
    "zsh": 'Add to ~/.zshrc, after compinit: eval "$(taskferry completion zsh)"',
    "fish": "Keep it: taskferry completion fish > ~/.config/fish/completions/taskferry.fish",
}


@click.command("completion", short_help="Print the script that completes words in your shell.")
@click.argument("shell", type=Among("shell", SHELLS), metavar="bash|zsh|fish")
@options.as_json
def command(shell: str, as_json: bool) -> int:
    """Print the script that makes bash, zsh or fish complete commands, operations, parameters and task ids.

    \b
    bash: eval "$(taskferry completion bash)" in ~/.bashrc
    zsh:  eval "$(taskferry completion zsh)" in ~/.zshrc, after compinit
    fish: taskferry completion fish > ~/.config/fish/completions/taskferry.fish
    """
    if as_json:
        output.document({"shell": shell, "script": script(shell)})
        return 0
    output.say(script(shell).rstrip("\n"))
    if output.is_terminal():
        output.note(_HOW[shell])
    return 0
