"""Which jobs every client waits for: the same lengths, begun at the same moments."""

from __future__ import annotations

import json
import random
import urllib.request
from dataclasses import dataclass

KINDS = {"15 s": 15.0, "60 s": 60.0}
"""How long jobs of a kind take; each one's length is spread evenly over ten percent to either side."""
EACH = 20
"""Jobs of each kind, for each client."""
START_WITHIN = 5.0
"""Seconds over which a client begins its jobs."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One job of the plan."""

    kind: str
    seconds: float
    start: float
    """Seconds after the client's own start."""


def plan(seed: int = 4) -> list[Planned]:
    """Give the jobs; the same for every client."""
    chance = random.Random(seed)
    return [
        Planned(kind=kind, seconds=length(chance, middle), start=chance.uniform(0, START_WITHIN))
        for kind, middle in KINDS.items()
        for _ in range(EACH)
    ]


def length(chance: random.Random, middle: float) -> float:
    """Draw how long one job takes."""
    return middle * chance.uniform(0.9, 1.1)


def begin(port: int, client: str, planned: Planned) -> str:
    """Begin a job at the stand-in, without any client's own way of doing so; blocks."""
    body = json.dumps({"client": client, "kind": planned.kind, "seconds": planned.seconds}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/jobs", body) as reply:
        return str(json.load(reply)["id"])
