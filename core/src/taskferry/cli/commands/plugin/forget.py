"""`taskferry plugin forget`: let go of a card that was trusted."""

from __future__ import annotations

from pathlib import Path

import click

from taskferry.cards import read_card
from taskferry.cards.trusted import FOLDER, copies, names, provider_name
from taskferry.cli import exits, options, output
from taskferry.cli.cards import card_text
from taskferry.cli.ledgers import is_there
from taskferry.errors import UnknownName, UsageError
from taskferry.ledger.choosing import open_ledger_for
from taskferry.registry import Registry
from taskferry.settings import home_folder


@click.command("forget", short_help="Let go of a card that was trusted.")
@click.argument("card", metavar="NAME|CARD")
@options.as_json
def forget(card: str, as_json: bool) -> int:
    """Let go of a card that was trusted once: it is asked about anew, and its kept copy goes.

    NAME is that of its provider. A card that unfinished tasks are followed with stays until they have ended.
    """
    home = home_folder()
    name = _name(home, card)
    known = names(home)
    if name not in known:
        raise UnknownName("trusted card", name, known, f"Trusted: {', '.join(known) or 'none'}.")
    _check_unused(home, name)
    gone = copies(home, name)
    for path in gone:
        path.unlink(missing_ok=True)
    if as_json:
        output.document({"card": name, "removed": [str(path) for path in gone]})
    else:
        output.say(f"The card of {name} is not trusted any more, and its copy is removed.")
    return exits.DONE


def _name(home: Path, text: str) -> str:
    """Give the provider that a card is of, named by itself or by a file."""
    if not text.endswith(".toml"):
        return text
    path = Path(text).expanduser()
    if path.resolve().parent == (home / FOLDER).resolve():
        return provider_name(path)
    return read_card(card_text(path), path.name).name


def _check_unused(home: Path, name: str) -> None:
    """Raise UsageError where tasks need the card; an installed provider of its name has taken them over."""
    if name in Registry(cards=()).providers or not is_there(home):
        return
    with open_ledger_for(home, readonly=True) as ledger:
        waiting = [record.id for record in ledger.unfinished() if record.job.provider == name]
    if waiting:
        many = f"{len(waiting)} unfinished task{'s' if len(waiting) > 1 else ''}"
        raise UsageError(
            f"The card of {name} is needed for {many}, such as {waiting[0]}; nothing was removed. Once they have ended "
            f"(`taskferry list --provider {name}` shows them) it can go."
        )
