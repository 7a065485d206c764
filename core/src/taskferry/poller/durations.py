"""How long jobs of one kind take: what the operation says, blended with what past jobs took."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from taskferry.operation import Typical
from taskferry.poller.calibration import calibrated
from taskferry.poller.density import Density, Schedule
from taskferry.poller.hints import by_eta, by_progress
from taskferry.poller.mixture import mixture
from taskferry.poller.regime import changes

KEPT = 200
"""Past jobs that count; older ones are forgotten."""
_RENEWED = 16
"""One job in so many must be new before the schedules are made anew; a surprising one counts for several."""
_QUEUE_END = 1 / 16
"""What noticing that a job has begun is worth, measured by noticing that it has ended."""
_KEPT_SCHEDULES = 512
"""Schedules by hint that are kept for the next task."""

Past = Sequence[tuple[float, float, float | None]]


class Durations:
    """What is known of how long jobs of one kind (provider, operation, model, size) take, for all its tasks."""

    typical: Typical
    """The usual durations as far as they are known by now."""

    def __init__(self, typical: Typical, past: Past = ()) -> None:
        """Take the operation's word and past jobs as (queue seconds, run seconds, half), the newest last.

        `half` is the fraction of the run at which progress was one half (`calibration.half_way`), None if unknown.
        A job that was never shown to begin has its whole duration in either of the two.
        """
        self._told = typical
        self._past = deque[tuple[float, float, float | None]](maxlen=KEPT)
        self.relearn(past)

    def learn(self, queue: float, run: float, half: float | None = None) -> None:
        """Take one more finished job; the schedules are renewed once enough are new to matter."""
        if not self._take(queue, run, half):
            return
        rank = self.density.below(math.log(max(run, 1e-3)))
        self._new += 1 if 0.02 < rank < 0.98 else len(self._past) / (2.5 * _RENEWED)
        if self._new * _RENEWED >= len(self._past):
            self._renew()

    def relearn(self, past: Past) -> None:
        """Take past jobs, the newest last, in the place of all that are known."""
        self._past.clear()
        for job in past:
            self._take(*job)
        self._renew()

    def _take(self, queue: float, run: float, half: float | None) -> bool:
        sound = math.isfinite(queue + run) and queue >= 0 and run >= 0 and queue + run > 0
        if sound:
            self._past.append((queue, run, half))
        return sound

    def _renew(self) -> None:
        self._new = 0.0
        self._hinted: dict[tuple[str, int, int], Schedule] = {}
        self._queued: Schedule | None = None
        self._calibration = calibrated([half for _, _, half in self._past if half is not None])
        told = self._told
        self.density = mixture(told.median, told.slow, [run for _, run, _ in self._past if run > 0])
        self.running = Schedule(self.density.ages(), self.density.masses)
        """Where looks at a running job fall that tells nothing."""
        self.typical = _blended(told, self._past)

    @property
    def queued(self) -> Schedule:
        """Give the looks at a job that waits: for its beginning, and for an end without one if none is shown."""
        if self._queued is None:
            told, past = self._told, self._past
            shown = (sum(queue > 0 and run > 0 for queue, run, _ in past) + 0.5) / (len(past) + 1.0)
            usual = max(told.queue, 1e-3 * told.median)
            waits = mixture(usual, 5 * usual, [queue for queue, run, _ in past if queue > 0 and run > 0])
            whole = mixture(told.median + told.queue, told.slow + told.queue, [queue + run for queue, run, _ in past])
            self._queued = _either(waits, whole, shown)
        return self._queued

    def by_progress(self, progress: float, age: float) -> tuple[Schedule, float]:
        """Give the looks at a job whose progress was first seen at an age, with the seconds that its 1.0 is."""
        level = max(1, min(int(progress * 200 + 0.5), 198))
        key = ("progress", level, _rung(age))
        schedule = self._hinted.get(key) or self._keep(
            key, by_progress(self.density, level / 200, _seconds(key[2]), self._calibration)
        )
        return schedule, age

    def by_eta(self, eta: float, age: float) -> tuple[Schedule, float]:
        """Give the looks at a job of which the server said at an age how many seconds are left, likewise."""
        eta = max(eta, 0.005 * age, 0.1)
        key = ("eta", _rung(eta), _rung(age))
        schedule = self._hinted.get(key) or self._keep(key, by_eta(self.density, _seconds(key[1]), _seconds(key[2])))
        return schedule, eta

    def _keep(self, key: tuple[str, int, int], schedule: Schedule) -> Schedule:
        if len(self._hinted) >= _KEPT_SCHEDULES:
            self._hinted.clear()
        self._hinted[key] = schedule
        return schedule


def _rung(seconds: float) -> int:
    """Round to one of the steps of 7 % for which schedules are made once for all tasks."""
    return round(15 * math.log(max(seconds, 1e-3)))


def _seconds(rung: int) -> float:
    return math.exp(rung / 15)


def _blended(told: Typical, past: Past) -> Typical:
    """Give the usual durations: those of past jobs once there are three, of the ones since the last change."""
    if len(past) < 3:
        return told
    moved = changes([math.log(max(run, 1e-3)) for _, run, _ in past])
    recent = list(past)[moved[-1][0] if moved else 0 :]
    runs, queues = sorted(run for _, run, _ in recent), sorted(queue for queue, _, _ in recent)
    slow = runs[min(len(runs) - 1, int(len(runs) * 0.95))]
    return Typical(median=runs[len(runs) // 2], slow=slow, queue=queues[len(queues) // 2])


def _either(waits: Density, whole: Density, shown: float) -> Schedule:
    """Blend the looks for a beginning with those for an end that nothing announces."""
    edges = sorted({*waits.ages(), *whole.ages()})
    logs = [math.log(edge) for edge in edges]
    begun = [shown * waits.below(value) for value in logs]
    ended = [(1 - shown) * whole.below(value) for value in logs]
    steps = range(len(edges) - 1)
    worth = [(begun[place + 1] - begun[place]) * _QUEUE_END + ended[place + 1] - ended[place] for place in steps]
    left = [max(begun[-1] + ended[-1] - begun[place] - ended[place], 0.0) for place in steps]
    return Schedule(edges, worth, left)
