"""`python -m chaos.run --strikes N`: every phase, two at a time; a line of figures for each, and what went wrong."""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chaos.nursery import forked, warm
from chaos.providers import providers
from chaos.rounds import PHASES, Phase, Reach, Result, play_round
from taskferry import Registry

_PER_ROUND = 100
"""Strikes on one home, before the books are compared and a new one is taken."""
_SIDE_BY_SIDE = 2
"""Phases under way at a time, each at stand-ins of its own: most of a phase is waiting for jobs to end."""


def main() -> int:
    """Strike, compare, print; the exit code tells whether all was well."""
    options = _options()
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)  # its clients go away in the middle of a word
    chosen = [phase for phase in PHASES if not options.only or options.only in phase.name]
    registry = warm()
    with tempfile.TemporaryDirectory() as folder:
        rows = [chosen[first::_SIDE_BY_SIDE] for first in range(min(_SIDE_BY_SIDE, len(chosen)))]
        whole = sum(phase.share for phase in chosen)
        place = Path(options.keep or folder)
        processes = [forked(partial(_in_turn, row, whole, options, registry, place)) for row in rows]
        codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes]
    return 1 if any(codes) else 0


def _in_turn(phases: Sequence[Phase], whole: int, options: argparse.Namespace, registry: Registry, place: Path) -> int:
    """Play phases one after another, each with its share of the strikes; the exit code tells whether all was well."""
    well = True
    with providers() as servers:
        for phase in phases:
            began = time.monotonic()
            total = _played(phase, -(-options.strikes * phase.share // whole), options, registry, servers, place)
            _tell(phase, total, time.monotonic() - began, seams=options.seams)
            well = well and not total.problems
    return 0 if well else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strikes", type=int, default=200, help="how often to strike, over all phases")
    parser.add_argument("--seed", default=str(random.randrange(10**6)), help="repeats scripts and plans of a run")
    parser.add_argument("--only", help="phases whose names contain this")
    parser.add_argument("--keep", help="folder to leave the homes in")
    parser.add_argument("--seams", action="store_true", help="list where children died")
    return parser.parse_args()


def _played(
    phase: Phase, share: int, options: argparse.Namespace, registry: Registry, servers: Mapping[str, Any], place: Path
) -> Result:
    total, reach = Result(), Reach()
    while total.figures["strikes"] < share:
        seed = f"{options.seed} {phase.name} {total.figures['rounds']}"
        strikes = min(_PER_ROUND, share - total.figures["strikes"])
        result = play_round(phase, strikes, seed, place / seed.replace(" ", "-"), registry, servers, reach)
        total.figures.update({**result.figures, "rounds": 1})
        total.seams.update(result.seams)
        total.problems += [f"{seed}: {problem}" for problem in result.problems]
    return total


def _tell(phase: Phase, total: Result, seconds: float, *, seams: bool) -> None:
    shown = {name: total.figures[name] for name in ("lost", "doubled")} | dict(total.figures)
    figures = ", ".join(f"{name} {count}" for name, count in shown.items())
    lines = [f"{phase.name}: {figures}; {total.figures['strikes'] / seconds:.1f} strikes/s"]
    lines += [f"    {count:5} {name}" for name, count in total.seams.most_common()] if seams else []
    lines += [f"    PROBLEM {problem}" for problem in total.problems]
    print("\n".join(lines), flush=True)  # at once: other phases tell theirs as well


if __name__ == "__main__":
    sys.exit(main())
