"""End to end: other people's packages and ours wait for the same jobs, each in its own way."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from benchmarks.looks.lives.plan import EACH, KINDS
from benchmarks.looks.results import Goal, Result, Table, save
from benchmarks.looks.samples import PEERS, environment, serving

CLIENTS = {
    "tripo3d": "tripo3d 1.0.0",
    "fal": "fal-client 1.0.3",
    "genblaze": "genblaze-core 0.3.8",
    "taskferry": "ours, 200 past runs",
}
PEERS_ALONE = ("tripo3d", "fal", "genblaze")
PATIENCE = 170.0
"""Seconds after which every client must have seen all its jobs end."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ours_knows_sooner_with_fewer_polls_than_the_peers() -> None:
    """Polls and lateness are what the stand-in saw; nobody's own word is taken for it."""
    with serving("lives.server") as port:
        cpu = waited(port)
        lives = report(port)

    found = {
        (client, kind): [one for one in lives if (one["client"], one["kind"]) == (client, kind)]
        for client in CLIENTS
        for kind in KINDS
    }
    save("beside_peers", Result(goals=goals(found), tables=[table(found, cpu)]))
    assert all(one["late"] is not None for one in lives)
    assert all(len(taken) == EACH for taken in found.values())
    for kind in KINDS:
        assert late(found["taskferry", kind]) <= 0.55 * late(found["tripo3d", kind])
        assert effort(found["taskferry", kind]) <= min(effort(found[peer, kind]) for peer in PEERS_ALONE)


def waited(port: int) -> Mapping[str, float]:
    """Let every client wait at the same time, in processes of their own; give each one's CPU seconds."""
    running = {}
    for client in CLIENTS:
        python = sys.executable if client == "taskferry" else str(PEERS)
        command = [python, "-m", "benchmarks.looks.lives.child", client, str(port)]
        running[client] = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE)
    try:
        return {name: json.loads(process.communicate(timeout=PATIENCE)[0])["cpu"] for name, process in running.items()}
    finally:
        for process in running.values():
            process.kill()


def report(port: int) -> Sequence[Mapping[str, Any]]:
    """Give what the stand-in saw of every job."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/report") as reply:
        seen: Sequence[Mapping[str, Any]] = json.load(reply)
    return seen


def late(lives: Sequence[Mapping[str, Any]]) -> float:
    """Give the mean lateness in seconds."""
    return statistics.mean(one["late"] for one in lives)


def latest(lives: Sequence[Mapping[str, Any]]) -> float:
    """Give the lateness that 95 of a hundred jobs stay under."""
    return statistics.quantiles((one["late"] for one in lives), n=20, method="inclusive")[-1]


def polls(lives: Sequence[Mapping[str, Any]]) -> float:
    """Give the mean number of status reads for each job."""
    return statistics.mean(one["polls"] for one in lives)


def effort(lives: Sequence[Mapping[str, Any]]) -> float:
    """Multiply polls by mean lateness: asking twice as often at even pauses is half as late and gains nothing here."""
    return polls(lives) * late(lives)


def goals(found: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> list[Goal]:
    """Set ours beside the vendor's client, and beside the best of all for what it asks."""
    goals = []
    for kind in KINDS:
        ours, vendor = found["taskferry", kind], found["tripo3d", kind]
        share = late(ours) / late(vendor)
        spared = min(effort(found[peer, kind]) for peer in PEERS_ALONE) / effort(ours)
        goals += [
            Goal(
                measure=f"mean lateness ÷ that of tripo3d 1.0.0, jobs of {kind}, no progress shown",
                goal="≤ 0.55",
                reached=f"{share:.2f}, with {polls(ours):.1f} polls to its {polls(vendor):.1f}",
                met=share <= 0.55,
            ),
            Goal(
                measure=f"polls times mean lateness, best peer ÷ ours, jobs of {kind}",
                goal="> 1",
                reached=f"{spared:.1f}",
                met=spared > 1,
            ),
        ]
    return goals


def table(found: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]], cpu: Mapping[str, float]) -> Table:
    """Give every client beside the others."""
    columns = ["client"]
    for kind in KINDS:
        columns += [f"{kind}: polls", "late by, mean", "95 of 100", "polls times lateness ÷ ours"]
    rows = []
    for client, title in CLIENTS.items():
        row = [title]
        for kind in KINDS:
            lives, ours = found[client, kind], found["taskferry", kind]
            row += [f"{polls(lives):.1f}", f"{late(lives):.2f} s", f"{latest(lives):.2f} s"]
            row.append(f"{effort(lives) / effort(ours):.1f}")
        rows.append([*row, f"{cpu[client] / cpu['taskferry']:.1f}"])
    return Table(
        title="Beside the peers, on the same jobs",
        columns=[*columns, "CPU ÷ ours"],
        rows=rows,
        notes=(
            f"{EACH} jobs of each length, spread evenly over ten percent to either side, begun within seconds of each "
            "other; no progress and no hints from the server. A poll is a status read up to the first that shows the "
            "end; lateness runs from the end at the server to the arrival of that read there. Their product is what a "
            "schedule makes of its polls: asking twice as often at even pauses halves the lateness and leaves it as it "
            "is. CPU is of the whole process, ours with submitting, ledger and learning."
        ),
    )
