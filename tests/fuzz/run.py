"""`python -m fuzz.run --bodies N [--seed S] [NAME...]`: feeds readers mutated bodies and prints what came of it."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from fuzz.every import every_target
from fuzz.target import Tally, Target

_LINE = "{:26} {:>9} {:>9} {:>8} {:>9} {:>11}"


def feed(targets: Sequence[Target], bodies: int, seed: int) -> Mapping[str, Tally]:
    """Share a number of bodies out among targets, the seeds first, and feed them."""
    whole = sum(target.share for target in targets)
    tallies = {}
    for target in targets:
        tally = tallies[target.name] = Tally()
        random = Random(f"{seed} {target.name}")
        wanted = max(1, round(bodies * target.share / whole))
        for body in target.seeded()[:wanted]:
            tally.feed(target, body)
        for _ in range(wanted - tally.bodies):
            tally.feed(target, target.body(random))
    return tallies


def told(tallies: Mapping[str, Tally]) -> str:
    """Write what became of all bodies as a table."""
    lines = [_LINE.format("decoder", "bodies", "typed", "untyped", "bodies/s", "slowest ms")]
    for name, tally in tallies.items():
        pace = round(tally.bodies / tally.seconds) if tally.seconds else 0
        slowest = f"{tally.slowest * 1000:.1f}"
        lines.append(_LINE.format(name, tally.bodies, tally.typed, len(tally.found), pace, slowest))
    bodies, typed = (sum(getattr(tally, name) for tally in tallies.values()) for name in ("bodies", "typed"))
    lines.append(_LINE.format("all", bodies, typed, sum(len(tally.found) for tally in tallies.values()), "", ""))
    return "\n".join(lines)


def defects(tallies: Mapping[str, Tally]) -> list[str]:
    """List what was found, each with the body that shows it."""
    return [
        f"{name}: {what}\n    {body[:300]!r}" for name, tally in tallies.items() for what, body in tally.found.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and give 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", help="only targets whose name holds one of these")
    parser.add_argument("--bodies", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--keep", type=Path, help="a folder for the whole bodies of what is found")
    chosen = parser.parse_args(arguments)
    logging.disable()  # what the readers warn of would be as long as what they are fed
    with every_target() as targets:
        some = [one for one in targets if not chosen.names or any(name in one.name for name in chosen.names)]
        start = time.perf_counter()
        tallies = feed(some, chosen.bodies, chosen.seed)
        took = time.perf_counter() - start
    bodies = sum(tally.bodies for tally in tallies.values())
    found = defects(tallies)
    print(told(tallies))
    print(f"{bodies} bodies in {took:.0f} s, {bodies / took:.0f}/s, making them included; seed {chosen.seed}")
    print("\n".join(found))
    if chosen.keep is not None:
        chosen.keep.mkdir(parents=True, exist_ok=True)
        for number, body in enumerate((body for tally in tallies.values() for body in tally.found.values()), 1):
            (chosen.keep / f"{number}.bin").write_bytes(body)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
