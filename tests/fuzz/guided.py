"""`python -m fuzz.guided NAME [-runs=N] [FOLDER...]`: lets atheris look for bodies by the branches that they reach.

It wants the package atheris, which is not among the pinned ones; everything else works without it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from random import Random

import atheris

with atheris.instrument_imports(include=["taskferry_vap", "taskferry_tripo", "taskferry"]):
    from fuzz.every import every_target
    from fuzz.target import Tally


def main(arguments: Sequence[str]) -> None:
    """Feed one target until its runs are over; the first defect ends it."""
    logging.disable()
    with every_target() as targets:
        target = next(one for one in targets if one.name == arguments[1])
        tally = Tally()

        def one(data: bytes) -> None:
            tally.feed(target, data)
            if tally.found:
                raise AssertionError(next(iter(tally.found)))

        def change(data: bytes, longest: int, seed: int) -> bytes:
            """Mix what libFuzzer does to bytes with what we do to values."""
            random = Random(seed)
            if random.random() < 0.5 and len(data) > target.head:
                return (data[: target.head] + target.change(random, data[target.head :]))[:longest]
            return bytes(atheris.Mutate(data, longest))

        for seed in target.seeded():
            one(seed)
        atheris.Setup([arguments[0], *arguments[2:]], one, custom_mutator=change)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
