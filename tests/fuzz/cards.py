"""Cards: the files themselves, and what their adapters read of providers' replies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import taskferry_providers
from fuzz import soundness
from fuzz.adapters import looked, submitted
from fuzz.mutation import noised
from fuzz.target import Target
from fuzz.wire import HEAD
from taskferry import Card, Request, card_adapter, check_card, read_card
from taskferry.cards.samples import Samples
from taskferry.parameters import validate

FOLDERS = (Path(taskferry_providers.__file__).parent, Path(__file__).parents[1] / "cards")


def targets() -> Iterator[Target]:
    """Give a target for the reading of cards, and two for each card there is."""
    files = [path for folder in FOLDERS for path in sorted(folder.glob("*.toml"))]
    yield Target(name="card", seeds=[path.read_bytes() for path in files], read=_read, share=0.1, change=noised)
    for path in files:
        card = read_card(path.read_text("utf-8"), path.name)
        adapter = card_adapter(card)
        requests = [
            Request(task_id="t" * 26, operation=one, parameters=validate(one, one.example))
            for one in adapter.operations
        ]
        samples = Samples(card)
        remotes = [samples.remote(name, "j-7") for name in card.operations]
        yield _target(f"card {card.name} look", _bodies(card, "fetch", "then", "error"), adapter, looked, remotes)
        yield _target(f"card {card.name} submit", _bodies(card, "submit", "error"), adapter, submitted, requests)


def _bodies(card: Card, *calls: str) -> Sequence[bytes]:
    return [json.dumps(one.body).encode() for one in card.examples if one.of in calls]


def _target(name: str, seeds: Sequence[bytes], adapter: Any, read: Any, given: Sequence[Any]) -> Target:
    def one(data: bytes) -> None:
        read(adapter, given[data[0] % len(given)] if data else given[0], data[1:])

    return Target(name=name, seeds=seeds, read=one, head=1 + HEAD, share=0.4)


def _read(data: bytes) -> None:
    """Read a card, and whatever can be read of it is checked."""
    problems = check_card(read_card(data.decode("utf-8", "replace"), "card.toml"))
    soundness.holds(all(problem.line >= 0 for problem in problems), "a problem is on no line")
