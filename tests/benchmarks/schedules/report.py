"""The simulation as a table: what waiting costs by our schedule, by others' and at best."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

import numpy as np

from benchmarks.schedules.bound import best_looks
from benchmarks.schedules.lives import LIVES, VIDEO, Life
from benchmarks.schedules.policies import BY_ETA, PEERS, Peer, fixed
from benchmarks.schedules.run import (
    NOTHING,
    RTT,
    Measured,
    Telling,
    at,
    follow,
    follow_peer,
    lived,
    measure,
    ours,
    ours_told,
    past_of,
    peer_sequence,
    sequence,
)
from taskferry.poller.durations import Durations
from taskferry.poller.next_look import Limits

WORTHS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.107, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)
GAPS = (0.26, 0.4, 0.6, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0)
PROGRESS, ETA = Telling(progress=0.35), Telling(eta=0.35)
TRIPO = PEERS[-1]


@cache
def pasts(life: Life, count: int = 200) -> tuple[Durations, ...]:
    """Give what several processes know that know as many past runs each."""
    return tuple(past_of(life, count, seed) for seed in range(8 if count else 1))


@cache
def lives(life: Life, telling: Telling = NOTHING) -> tuple[Durations, ...]:
    """Give what two processes learned by watching 200 tasks each."""
    return tuple(lived(life, 200, seed, telling) for seed in range(2))


@cache
def bound(life: Life) -> list[Measured]:
    """Sweep the best schedules there can be."""
    runs = life.durations(3000)
    return [measure([best_looks(life, worth, RTT)], runs) for worth in WORTHS]


@cache
def even(life: Life) -> list[Measured]:
    """Sweep fixed intervals, with every phase."""
    runs = life.durations(3000)
    phases = np.arange(8) / 8 - 0.4375
    until = float(runs[-1])
    return [measure([_even(gap, until) + phase * gap for phase in phases], runs) for gap in GAPS]


def _even(gap: float, until: float) -> np.ndarray:
    return peer_sequence(fixed(gap - RTT, immediate=False), until + gap, Random(1)) + RTT


@cache
def learned(life: Life, count: int = 200) -> list[Measured]:
    """Sweep our schedule over what a look is worth."""
    return [ours(life, pasts(life, count), worth) for worth in WORTHS]


@cache
def told(life: Life, telling: Telling) -> list[Measured]:
    """Sweep our schedule with progress or ETAs."""
    swept = WORTHS[4:-2]
    parts = [[ours_told(life, past, telling, worth, count=250) for past in lives(life, telling)] for worth in swept]
    return [
        Measured(*(float(np.mean([getattr(each, name) for each in found])) for name in ("looks", "late", "late95")))
        for found in parts
    ]


def shipped(life: Life, past: Sequence[Durations]) -> Measured:
    """Measure our schedule as it is shipped, at tasks that tell nothing."""
    runs, rng = life.durations(3000), Random(3)
    return measure([sequence(each, Limits(), float(runs[-1]), rng) for each in past for _ in range(4)], runs)


def shipped_told(life: Life, telling: Telling) -> Measured:
    """Measure our schedule as it is shipped, at tasks that tell progress or an ETA."""
    return ours_told(life, lives(life, telling)[0], telling, Limits().worth, count=600)


def of_peer(life: Life, peer: Peer) -> Measured:
    """Measure a peer at tasks that tell nothing."""
    runs, rng = life.durations(3000), Random(3)
    return measure([peer_sequence(peer, float(runs[-1]), rng) for _ in range(12)], runs)


def of_eta_peer(life: Life) -> Measured:
    """Measure the peer that sleeps half of what the server says is left."""
    rng = Random(3)
    results = [follow_peer(float(run), ETA, BY_ETA, rng) for run in life.durations(1000)]
    return Measured.of((looks for looks, _ in results), (late for _, late in results))


def over_bound(life: Life, count: int = 200, late: float = 1.0) -> float:
    """Give our looks over the fewest possible, at an equal mean lateness."""
    return at(learned(life, count), "late", late, "looks") / at(bound(life), "late", late, "looks")


def late95_over_even(life: Life, curve: Sequence[Measured]) -> float:
    """Give the worst ratio, over the sweep, of our p95 to that of a fixed interval with as many looks."""
    ratios = [point.late95 / at(even(life), "looks", point.looks, "late95") for point in curve]
    return max(ratio for ratio in ratios if not np.isnan(ratio))


def at_tripos_looks(life: Life, curve: Sequence[Measured]) -> float:
    """Give our mean lateness over that of tripo3d 1.0.0, at its own number of looks."""
    theirs = of_peer(life, TRIPO)
    looks = min(theirs.looks, max(point.looks for point in curve))
    return at(curve, "looks", looks, "late") / theirs.late


def after_change(factor: float, jobs: int = 40, life: Life = VIDEO, seeds: int = 4) -> list[Measured]:
    """Measure jobs, ten by ten, from the moment when all take so many times as long as the 200 before."""
    looks, late = np.zeros((seeds, jobs)), np.zeros((seeds, jobs))
    for seed in range(seeds):
        past, rng = past_of(life, 200, seed), Random(seed)
        for place, run in enumerate(life.drawn(jobs, np.random.default_rng(100 + seed)) * factor):
            looks[seed, place], late[seed, place], _ = follow(float(run), Telling(), past, Limits(), rng)
            past.learn(0.0, float(run))
    return [
        Measured.of(looks[:, begin : begin + 10].ravel(), late[:, begin : begin + 10].ravel())
        for begin in range(0, jobs, 10)
    ]


def table() -> str:
    """Give the whole simulation in Markdown."""
    names = [life.name for life in LIVES]
    rows = [
        f"Each cell: looks a task / mean lateness / lateness that 95 of 100 stay below; seconds, round trip {RTT:g} s.",
        "",
        _row(["Schedule", *names]),
        _row(["---"] * (len(names) + 1)),
    ]
    rows += [_row([peer.name, *(_cell(of_peer(life, peer)) for life in LIVES)]) for peer in PEERS]
    rows.append(_row(["tripo3d 0.4.2, ETA off by e^±0.35", *(_cell(of_eta_peer(life)) for life in LIVES)]))
    for label, count in (("no past run", 0), ("20 past runs", 20), ("200 past runs", 200)):
        cells = [_cell(shipped(life, pasts(life, count))) for life in LIVES]
        rows.append(_row([f"**taskferry, {label}**", *cells]))
    rows.append(_row(["**taskferry, 200 it watched itself**", *(_cell(shipped(life, lives(life))) for life in LIVES)]))
    for label, telling in (("progress, g = 0.35", PROGRESS), ("ETA off by e^±0.35", ETA)):
        rows.append(_row([f"**taskferry, 200, {label}**", *(_cell(shipped_told(life, telling)) for life in LIVES)]))
    rows += ["", *_ratios(names), "", *_changes()]
    return "\n".join(rows) + "\n"


def _ratios(names: Sequence[str]) -> list[str]:
    measures = {
        "looks over the exact optimum's, mean lateness 1 s": over_bound,
        "those looks with 20 past runs": lambda life: over_bound(life, 20),
        "looks over a fixed interval's, mean lateness 1 s": lambda life: (
            at(learned(life), "late", 1.0, "looks") / at(even(life), "late", 1.0, "looks")
        ),
        "worst p95 over a fixed interval's, equal looks": lambda life: late95_over_even(life, learned(life)),
        "that p95 with progress": lambda life: late95_over_even(life, told(life, PROGRESS)),
        "lateness over tripo3d 1.0.0's, at its looks": lambda life: at_tripos_looks(life, learned(life)),
        "that lateness with progress": lambda life: at_tripos_looks(life, told(life, PROGRESS)),
        "that lateness with an ETA": lambda life: at_tripos_looks(life, told(life, ETA)),
    }
    head = [_row(["Ratio, 200 past runs", *names]), _row(["---"] * (len(names) + 1))]
    return head + [_row([label, *(f"{ratio(life):.3f}" for life in LIVES)]) for label, ratio in measures.items()]


def _changes() -> list[str]:
    head = [
        _row([f"{VIDEO.name}, 200 past runs, then", "jobs 1-10", "11-20", "21-30", "31-40"]),
        _row(["---"] * 5),
    ]
    factors = {"3 times as long": 3.0, "a third as long": 1 / 3}
    return head + [_row([label, *map(_cell, after_change(factor))]) for label, factor in factors.items()]


def _cell(measured: Measured) -> str:
    return f"{measured.looks:.1f} / {measured.late:.2f} / {measured.late95:.1f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
