"""`taskferry plugin check`: prove a card, or what is installed, against the adapter contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from taskferry.cards import Card, CardError, check_card, read_card
from taskferry.cards.checking.unproven import unproven
from taskferry.cli import exits, options, output, render
from taskferry.cli.cards import card_text


@click.command("check", short_help="Prove a card against its examples and the adapter contract.")
@click.argument("cards", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CARD...")
@options.as_json
def check(cards: tuple[Path, ...], as_json: bool) -> int:
    """Read cards, read their examples with them, and run the cases of the contract kit; nothing is sent.

    Exit code 1 if anything is wrong; what no example proves is a warning alone. The kit needs the extra `testing`;
    without it only the examples are read.
    """
    checked = [_checked(path) for path in cards]
    if as_json:
        output.document({"cards": checked})
    else:
        for one in checked:
            _say(one)
    return exits.DONE if all(one["ok"] for one in checked) else exits.UNSUCCESSFUL


def _checked(path: Path) -> dict[str, Any]:
    try:
        text = card_text(path)
        card = read_card(text, str(path))
    except CardError as error:
        problems = [f"{path}:{problem.line}: {problem}" for problem in error.problems]
        return {"card": str(path), "ok": False, "problems": problems, "warnings": [], "cases": [], "lines": 0}
    problems = [f"{path}:{problem.line}: {problem}" for problem in check_card(card)]
    warnings = [f"{path}:{warning.line}: {warning}" for warning in unproven(card)]
    cases = [] if problems else _cases(card)
    wrong = problems or any(one["outcome"] == "failed" for one in cases)
    found = {"card": str(path), "ok": not wrong, "provider": card.name, "lines": _lines(text)}
    return {**found, "problems": problems, "warnings": warnings, "cases": cases}


def _cases(card: Card) -> list[dict[str, str]]:
    try:
        from taskferry.testing.contract import run_cases  # with pytest, of the extra `testing`
    except ImportError:
        output.note("The contract kit was not run: it needs `pip install 'taskferry[testing]'`.")
        return []
    return [{"name": one.name, "outcome": one.outcome, "message": one.message} for one in run_cases(card)]


def _lines(text: str) -> int:
    """Count the lines that say something."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in text.splitlines())


def _say(one: dict[str, Any]) -> None:
    for problem in one["problems"]:
        output.say(problem)
    for warning in one["warnings"]:
        output.note(f"warning: {warning}")
    failed = [(case["name"], case["message"]) for case in one["cases"] if case["outcome"] == "failed"]
    for line in render.columns((), failed):
        output.say(line)
    passed = sum(case["outcome"] == "passed" for case in one["cases"])
    kit = f", {passed} cases of the contract passed" if one["cases"] else ""
    sound = f"{one['card']} is sound: {one['lines']} lines{kit}." if one["ok"] else f"{one['card']} is not sound."
    output.say(sound)
