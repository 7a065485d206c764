"""`taskferry plugin new`: the beginning of a plugin, with tests that are green before the first edit."""

from __future__ import annotations

from pathlib import Path

import click

from taskferry.cli import exits, options, output
from taskferry.cli.extras import install_line, need
from taskferry.cli.templates import checked_name, checked_title, render, template_named
from taskferry.registry import Registry

_EXTRA = "author"


@click.command("new", short_help="Make the beginning of a plugin, with green tests.")
@click.argument("name")
@click.option("--card/--code", default=True, help="As data (a card, the default), or in Python.")
@click.option("--title", metavar="TEXT", help="The provider's name as it writes it itself.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="Make taskferry-NAME below DIR instead of here.",
)
@click.option("--template", default="provider", metavar="NAME", help="Another of the installed templates.")
@options.as_json
def new(name: str, card: bool, title: str | None, out: Path, template: str, as_json: bool) -> int:
    """Make a distribution taskferry-NAME that brings the provider NAME.

    It has an entry point, contract tests that are green before the first edit, and a README; what it says of the
    provider is a placeholder. Nothing that exists is overwritten. It needs the extra `author`.
    """
    checked_name(name)
    need(_EXTRA)
    found = template_named(template, install_line(_EXTRA))
    folder = out / f"taskferry-{name}"
    told = {} if title is None else {"title": checked_title(title)}
    files = render(found, folder, {"name": name, "card": card, **told})
    if as_json:
        output.document({"plugin": {"name": name, "path": str(folder), "files": [str(path) for path in files]}})
        return exits.DONE
    for path in files:
        output.say(str(folder / path))
    output.note(f"\nNext: cd {folder} && pip install -e . --group test && pytest")
    if name in Registry(cards=()).providers:
        output.note(f"A provider {name} is installed already: while both are, neither is used.")
    return exits.DONE
