"""What befalls workers, one scenario after another; each gives its figures, and the books at the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from chaos.cluster.books import Books, compared, most_requests
from chaos.cluster.cluster import Cluster, Worker, until
from chaos.cluster.enqueue import enqueue
from postgres_server import Server
from taskferry.poller.pace import KEPT, pace_of
from taskferry.poller.share import LATE

ARRIVED = ("queued", "running")
OPEN = ("prepared", "submitting", *ARRIVED)
READS = 300
"""Looks a second that the provider asks for at most, so that this machine has time for what is tried here."""
_PATIENCE = 600.0
_JITTER = 0.25
"""Seconds by which requests may come closer to each other on their way, on a machine that is this busy."""


@frozen(kw_only=True)
class Told:
    """What a scenario showed."""

    figures: Mapping[str, float | int]
    books: Books

    def __str__(self) -> str:
        figures = [
            f"{name} {value:.1f}" if isinstance(value, float) else f"{name} {value}"
            for name, value in self.figures.items()
        ]
        return "; ".join([*figures, self.books.figures])


def left(cluster: Cluster, count: int, name: str = "fox", operation: str = "single/image") -> None:
    """Leave so many tasks to the workers, and come back when the rows are there."""
    asyncio.run(enqueue(cluster.folder / "home", cluster.environ, operation, count, name))


def two(cluster: Cluster, *arguments: str) -> tuple[Worker, Worker]:
    """Start two workers and wait until both are known to live; looks at all jobs together stay few."""
    cluster.provider.set(reads_per_second=READS)
    workers = cluster.worker(*arguments), cluster.worker(*arguments)
    for worker in workers:
        until(lambda worker=worker: cluster.lives(worker))
    return workers


def busiest_first(cluster: Cluster, workers: Sequence[Worker]) -> list[Worker]:
    """Sort workers by how many tasks they hold, most first."""
    held = cluster.holders()
    return sorted(workers, key=lambda worker: held.get(worker.pid, 0), reverse=True)


def arrived(cluster: Cluster, count: int) -> None:
    """Wait until the provider has so many jobs and the rows know it."""
    until(lambda: cluster.count(*ARRIVED, "succeeded") >= count, _PATIENCE, every=0.1)


def ended(cluster: Cluster, *, within: float = 2.0) -> float:
    """Have every job end, and wait until every row has; give the seconds that it took."""
    cluster.provider.set(seconds=within, end_in=within)
    return until(lambda: cluster.count(*OPEN) == 0, _PATIENCE, every=0.1)


def killed(cluster: Cluster, tasks: int) -> Told:
    """Kill one of two workers, which holds all the tasks."""
    cluster.provider.set(reads_per_second=READS)
    first = cluster.worker()
    left(cluster, tasks)
    arrived(cluster, tasks)
    second = cluster.worker()
    until(lambda: cluster.lives(second))
    held = cluster.holders().get(first.pid, 0)

    first.kill()
    took = until(lambda: cluster.holders().get(second.pid) == tasks)
    rest = ended(cluster)

    return Told(
        figures={"held by the killed one": held, "taken over after s": took, "ended after s": rest},
        books=compared(cluster),
    )


def stopped(cluster: Cluster, tasks: int, lease: float) -> Told:
    """Stop one of two workers amid its submits for longer than its lease, have everything end, and let it go on."""
    workers = two(cluster)
    cluster.provider.set(latency=0.1)
    left(cluster, tasks)
    until(lambda: cluster.count(*ARRIVED) > tasks // 4, _PATIENCE)
    first, _ = busiest_first(cluster, workers)

    first.stop()
    began = time.monotonic()
    until(lambda: cluster.holders().get(first.pid, 0) == 0, _PATIENCE)
    took = time.monotonic() - began
    ended(cluster)
    first.go_on()
    goes_on = cluster.count_steps()
    time.sleep(max(2.0, lease / 2))
    later = cluster.count_steps() - goes_on
    until(lambda: cluster.count(*OPEN) == 0, _PATIENCE)

    return Told(
        figures={"taken over after s": took, "steps after it went on": later, "still lives": int(cluster.lives(first))},
        books=compared(cluster),
    )


def restarted(cluster: Cluster, tasks: int, server: Server, *, away: float = 3.0) -> Told:
    """Crash PostgreSQL while two workers submit and watch; start it again."""
    two(cluster)
    left(cluster, tasks)
    until(lambda: cluster.count(*ARRIVED) > tasks // 2, _PATIENCE)

    server.crash()
    time.sleep(away)
    server.start()
    began = time.monotonic()
    arrived(cluster, tasks)
    back = time.monotonic() - began
    rest = ended(cluster)

    return Told(figures={"all going on after s": back, "ended after s": rest}, books=compared(cluster))


def struck(cluster: Cluster, tasks: int, strikes: int, seed: int) -> Told:
    """Kill one of two workers at a random moment while they submit, start another, again and again."""
    chance, workers = random.Random(seed), list(two(cluster))
    cluster.provider.set(seconds=3.0, latency=0.05)
    each = max(1, tasks // (strikes + 1))
    left(cluster, each, "fox 0")
    for number in range(1, strikes + 1):
        left(cluster, each, f"fox {number}")
        time.sleep(chance.random() * 1.5)
        workers.pop(chance.randrange(2)).kill()
        workers.append(cluster.worker())
    rest = ended(cluster)

    books = compared(cluster)
    return Told(
        figures={"strikes": strikes, "unconfirmed with a job": books.unconfirmed_with_a_job, "ended after s": rest},
        books=books,
    )


def drained(cluster: Cluster, tasks: int) -> Told:
    """Ask one of two workers to end while it submits and watches."""
    workers = two(cluster)
    left(cluster, tasks)
    until(lambda: cluster.count(*ARRIVED) > tasks // 4, _PATIENCE)
    first, second = busiest_first(cluster, workers)
    held = cluster.holders().get(first.pid, 0)

    began = time.monotonic()
    code = first.drain()
    drained = time.monotonic() - began
    arrived(cluster, tasks)
    until(lambda: cluster.holders().get(second.pid) == tasks)
    took = time.monotonic() - began
    rest = ended(cluster)

    assert code == 0, first.log.read_text()
    return Told(
        figures={"held": held, "drained in s": drained, "handed over after s": took, "ended after s": rest},
        books=compared(cluster),
    )


def limited(cluster: Cluster, tasks: int, per_second: int) -> Told:
    """Have two workers submit and watch below one limit, and kill one of them on the way."""
    workers = two(cluster)
    cluster.provider.set(seconds=2.0, pause=1.0)
    left(cluster, tasks)
    until(lambda: cluster.count(*ARRIVED, "succeeded") > tasks // 3, _PATIENCE)
    first, _ = busiest_first(cluster, workers)
    first.kill()
    cluster.worker()
    rest = ended(cluster)

    rate, burst = pace_of(60 * per_second, LATE)
    most = {seconds: most_requests(cluster, seconds) for seconds in (1, 10, 60)}
    beyond = [
        f"{count} requests within {seconds} s, with a limit of {60 * per_second} a minute"
        for seconds, count in most.items()
        if count > burst - 1 + rate * (seconds + LATE + KEPT + _JITTER)
    ]
    books = compared(cluster)
    figures = {f"most in {seconds} s": count for seconds, count in most.items()}
    return Told(figures={**figures, "ended after s": rest}, books=evolve(books, problems=[*books.problems, *beyond]))


def in_turn(cluster: Cluster, tasks: int, lease: float) -> Told:
    """Strike two workers in every way that takes little time: one after another is killed, stopped and drained."""
    workers = list(two(cluster))
    left(cluster, tasks - tasks // 2, "fox")
    arrived(cluster, tasks - tasks // 2)
    third = cluster.worker()
    cluster.provider.set(latency=0.05)
    left(cluster, tasks // 2, "hare")
    until(lambda: cluster.count(*ARRIVED) > tasks // 2)
    first, second = busiest_first(cluster, workers)
    first.kill()
    second.stop()
    until(lambda: cluster.lives(third))
    killed = until(lambda: cluster.holders().keys() <= {third.pid})
    cluster.provider.set(seconds=0.5, end_in=0.5)
    until(lambda: cluster.count("succeeded") > tasks // 4)
    second.go_on()
    code = third.drain()
    rest = until(lambda: cluster.count(*OPEN) == 0)

    assert code == 0, third.log.read_text()
    return Told(figures={"taken over after s": killed, "ended after s": rest}, books=compared(cluster))
