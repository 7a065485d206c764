"""One round of a phase: children on one home are struck again and again, then the books are compared."""

from __future__ import annotations

import asyncio
import collections
import random
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import Factory, define, evolve, frozen

from chaos.audit import Findings, broken_files, broken_promises, compare, jobs_at, settle
from chaos.disk import lose_power
from chaos.nursery import Life, Place, Said, asked, born, end_all, tended
from chaos.seams import KINDS, Board
from chaos.strikes import Plan
from taskferry import Ferry, Registry


@frozen(kw_only=True)
class Phase:
    """One way in which children are struck."""

    name: str
    kinds: Sequence[str] = KINDS
    """Of seams; none for moments in time."""
    strike: str = "kill"
    also_killed: float = 0.0
    """The share of children that are killed at a random moment as well."""
    at_once: int = 8
    """How many children work side by side."""
    share: int = 2
    """Of a run's strikes, beside the other phases'."""
    jumps: bool = False
    power: bool = False


PHASES: Sequence[Phase] = (
    Phase(name="at any moment", kinds=()),
    Phase(name="between statements", kinds=("ledger",)),
    Phase(name="between network events", kinds=("network",)),
    Phase(name="between file steps", kinds=("file",)),
    Phase(name="power loss", at_once=1, share=1, power=True),
    Phase(name="stopped and continued", strike="stop", share=1, also_killed=0.5),
    Phase(name="clock jumps", jumps=True),
    Phase(name="disk full", strike="fill", share=1, also_killed=0.5),
)


@define
class Reach:
    """How many seams of each kind a child passes if nobody strikes it: what a strike's place is drawn from."""

    counts: dict[str, float] = Factory(lambda: {"ledger": 250.0, "network": 40.0, "file": 50.0})

    def learn(self, life: Life) -> None:
        """Take in a child that did all it wanted."""
        for kind, count in life.board.counts().items():
            self.counts[kind] += 0.2 * (count - self.counts[kind])

    def draw(self, kind: str, chance: random.Random) -> int:
        """Choose a seam."""
        return 1 + int(max(1.0, self.counts[kind]) * chance.random())


@define(kw_only=True)
class Result:
    """What a round showed."""

    figures: collections.Counter[str] = Factory(collections.Counter)
    seams: collections.Counter[str] = Factory(collections.Counter)
    """The last seam before each death."""
    problems: list[str] = Factory(list)


def play_round(
    phase: Phase, strikes: int, seed: str, home: Path, registry: Registry, servers: Mapping[str, Any], reach: Reach
) -> Result:
    """Strike so many times, then settle everything in a process of its own and compare."""
    chance = random.Random(seed)
    home.mkdir(parents=True)
    environ: dict[str, str] = {}
    for server in servers.values():
        environ |= server["env"]
        request = urllib.request.Request(f"{server['base_url']}/_sandbox/reset", method="POST")
        urllib.request.urlopen(request).close()  # it raises for a refusal, and loads no certificates as a client does
    said, result = Said(), Result()
    place = Place(home=home / "home", said=said, synced=home / "synced", registry=registry, environ=environ)
    try:
        _strike(phase, strikes, seed, place, chance, reach, result)
    finally:
        said.close()
    for figures, problems in asked(lambda: _audited(place, servers)):
        result.figures.update(figures)
        result.problems += problems
    for words in said.words:
        if "broke" in words:
            result.problems.append(words["broke"])
        if "refused" in words:
            result.figures["refused"] += 1
            result.seams[f"refused {words['refused'][:90]}"] += 1
    return result


def _strike(
    phase: Phase, strikes: int, seed: str, place: Place, chance: random.Random, reach: Reach, result: Result
) -> None:
    boards = [Board() for _ in range(phase.at_once)]
    lives: list[Life] = []
    number = 0
    try:
        while result.figures["strikes"] < strikes:
            while boards:
                number += 1
                lives.append(born(place, _plan(phase, chance, reach), f"{seed}.{number}", boards.pop()))
            ended = tended(lives, chance)
            place.said.hear()
            for life in ended:
                lives.remove(life)
                boards.append(life.board)
                _note(life, reach, result)
                if phase.power and life.end == "killed":
                    result.figures[lose_power(place.home, place.synced, chance)] += 1
                    result.problems += asked(lambda: asyncio.run(_kept_promises(place)))
    finally:
        end_all(lives)


def _plan(phase: Phase, chance: random.Random, reach: Reach) -> Plan:
    plan = Plan(strike=phase.strike, jumps=phase.jumps, syncs=phase.power)
    if not phase.kinds:
        return evolve(plan, after=chance.random() * 1.5)
    kind = chance.choice(phase.kinds)
    after = chance.random() * 3 if chance.random() < phase.also_killed else None
    return evolve(plan, kind=kind, number=reach.draw(kind, chance), after=after)


def _note(life: Life, reach: Reach, result: Result) -> None:
    result.figures["children"] += 1
    if life.end == "killed" or life.struck or life.plan.strike == "fill":
        result.figures["strikes"] += 1
        result.seams[life.board.last] += 1
    elif life.end == "done":
        reach.learn(life)
    if life.end not in ("killed", "done"):
        result.problems.append(f"child {life.label} {life.end}")
    for kind in KINDS:
        result.figures[f"{kind} seams"] += life.board.counts()[kind]


async def _kept_promises(place: Place) -> list[str]:
    """See, right after a power loss, whether everything that was promised is still there."""
    async with Ferry(home=place.home, registry=place.registry, environ=place.environ) as ferry:
        rows = await ferry.recent(100_000)
        problems = broken_promises(rows, place.said.words) + ferry.ledger.check()
        return [f"after a power loss: {problem}" for problem in problems]


def _audited(place: Place, servers: Mapping[str, Any]) -> list[Findings]:
    settled = asyncio.run(settle(place.home, place.registry, place.environ))
    rows = asyncio.run(_rows(place))
    jobs = {name: jobs_at(server["base_url"]) for name, server in servers.items()}
    others = broken_files(rows, place.home) + broken_promises(rows, place.said.words)
    return [settled, compare(rows, jobs), ({}, others)]


async def _rows(place: Place) -> list[Any]:
    async with Ferry(home=place.home, registry=place.registry, environ=place.environ) as ferry:
        return await ferry.recent(100_000)
