"""A task in flight: the little that its schedule needs, while its row rests in the ledger."""

from __future__ import annotations

import msgspec

from taskferry.exchange import SHORT
from taskferry.ledger.record import Record
from taskferry.poller.deadlines import Deadlines
from taskferry.poller.durations import Durations
from taskferry.status import Status
from taskferry.task import JSON, Observation, Snapshot

_SUBMIT = {Status.PREPARED, Status.SUBMITTING}
"""A create that is tried again and again goes to and fro between these, and that counts as one wait."""
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Flight:
    """What the poller keeps of a task between two looks; a hundred thousand of them fit a small process."""

    __slots__ = (
        "_remote",
        "asked_at", "attempts",
        "busy",
        "counted_from",
        "deadline", "deadlines", "digest", "due", "durations",
        "errors", "eta",
        "foreign",
        "handled",
        "id",
        "looks",
        "mark", "missing",
        "noted",
        "pause", "place", "plain", "progress", "progress_age",
        "queue_position",
        "sample_age", "sample_progress", "since", "status",
        "version",
        "written_at",
    )  # fmt: skip

    def __init__(
        self,
        record: Record,
        durations: Durations,
        deadlines: Deadlines,
        *,
        foreign: bool,
        now: float,
        age: float = 0.0,
    ) -> None:
        """Begin at a monotonic time, with a status that began so many seconds before it."""
        self.id = record.id
        self.durations = durations
        self.deadlines = deadlines
        self.foreign = foreign
        """Another live process holds it: we follow its row and ask the provider nothing."""
        self.place: tuple[str, ...] | None = None
        """Names the queue in which the looks of its account wait; None as long as its account is not known."""
        self._remote = b"null"
        self.busy = False
        """Whether a turn of it is under way or waits in the queue of its account."""
        self.handled = False
        """Whether this process has done something about it at least once."""
        self.attempts = 0
        """Tries of the present step: creates sent, or rounds of keeping files."""
        self.errors = 0
        """Failed looks in a row."""
        self.missing = 0
        """Looks in a row that the provider answered with 401, 403 or 404."""
        self.looks = 0
        self.due = 0
        """The slot of the schedule that counts; it is passed over in any other."""
        self.pause = 0.0
        """Seconds between its last turn and its next one."""
        self.asked_at = 0.0
        """Epoch seconds at which the last look that was answered had left."""
        self.written_at = record.snapshot.looked_at or 0.0
        self.mark: int | None = None
        """What the exchange knows the last reply by; None where it cannot tell that nothing changed."""
        self.digest: int | None = None
        """What the last observation that was applied is known by."""
        self.progress: float | None = None
        self.eta: float | None = None
        self.progress_age: float | None = None
        """Age in the present status at which the present progress and ETA were first seen; None without either."""
        self.sample_progress = 0.0
        """The progress of this run nearest to one half that was seen; it teaches how progress and time relate."""
        self.sample_age = 0.0
        """Age of the run at which that was."""
        self.counted_from = now
        """Monotonic time from which deadlines count: when the present status was first seen here."""
        self.since = now - max(age, 0.0)
        """Monotonic time at which the present status began, as far as looks can tell."""
        self.deadline = float("inf")
        """Monotonic time at which watching ends unless something changes."""
        self.status = record.snapshot.status
        self.take(record, now)

    @property
    def remote(self) -> JSON:
        """Give the provider's own handle."""
        remote: JSON = _decode(self._remote)
        return remote

    def take(self, record: Record, now: float, *, changed: bool = True) -> None:
        """Follow the row: what was written is what the schedule goes by; any change gives a stalled run new time."""
        snapshot = record.snapshot
        self.version = record.version
        self._remote = _encode(record.remote)
        if snapshot.status is not self.status:
            if not {self.status, snapshot.status} <= _SUBMIT:
                self.since, self.counted_from = self._began(snapshot.status, now), now
            self.status = snapshot.status
            self.progress_age = None
            self.sample_progress = self.sample_age = 0.0
            if self.status is Status.SUCCEEDED:
                self.attempts = 0
        self._follow(snapshot, now - self.since)
        if changed:
            self.deadline = self.deadlines.end(snapshot, self.counted_from, now)
        self.plain = snapshot.status.watched and not (self.foreign or snapshot.parked or snapshot.cancel_wanted)
        """Whether all there is to do is looking."""
        self.noted = snapshot.look_problem is not None
        self.written_at = max(self.written_at, snapshot.looked_at or 0.0)

    def _began(self, status: Status, now: float) -> float:
        """Give when the new status probably began: a run, somewhere between the look before and this one."""
        if status is not Status.RUNNING or self.status is not Status.QUEUED:
            return now
        expected = self.since + self.durations.typical.queue
        return max(now - self.pause, min(expected, now))

    def _follow(self, snapshot: Snapshot, age: float) -> None:
        progress = snapshot.progress
        if progress is None and snapshot.eta is None:
            self.progress_age = None
        elif self.progress_age is None or (progress, snapshot.eta) != (self.progress, self.eta):
            self.progress_age = age
        self.progress, self.eta = progress, snapshot.eta
        self.queue_position = snapshot.queue_position
        if progress is not None and 0 < progress < 1 and abs(progress - 0.5) < abs(self.sample_progress - 0.5):
            self.sample_progress, self.sample_age = progress, age


def digest_of(seen: Observation) -> int | None:
    """Give what tells an observation from another; None for one that has to be read in full."""
    if seen.artifacts or seen.failure is not None:
        return None
    told = (seen.status, seen.provider_status, seen.progress, seen.queue_position, seen.eta, seen.cost)
    return hash(told) & SHORT
