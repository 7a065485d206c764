"""Every reader there is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fuzz import adapters, cards, lines, media, texts
from fuzz.target import Target
from taskferry.ledger import open_ledger


@contextmanager
def every_target() -> Iterator[Sequence[Target]]:
    """Give all targets; files of theirs are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="taskferry-fuzz-") as name:
        folder = Path(name)
        with open_ledger(folder / "home") as ledger:
            yield [
                *adapters.targets(folder),
                *cards.targets(),
                *texts.targets(folder),
                *lines.targets(folder, ledger),
                *media.targets(folder),
            ]
