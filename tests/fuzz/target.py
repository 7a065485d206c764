"""One reader of what others wrote, and what counts as a defect of it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from types import FrameType

from attrs import define, field, frozen

from fuzz.mutation import mutated
from taskferry import AdapterError, TaskferryError

SLOWEST = 1.0
"""Seconds of processor time that one body may take."""
HUNG = 20.0
"""Seconds after which a body is given up."""


class Unsound(Exception):
    """A reader let something through that nobody behind it expects; says what."""


class Hung(BaseException):
    """A reader does not come back; no handler for mere errors may take it."""


@frozen(kw_only=True)
class Target:
    """A reader that takes one body at a time."""

    name: str
    seeds: Sequence[bytes]
    read: Callable[[bytes], object]
    """Raises an error of `typed` for a body that is refused, and Unsound for a result that nobody expects."""
    head: int = 0
    """Random bytes before a body that pick what comes beside it, such as an HTTP status."""
    typed: tuple[type[Exception], ...] = (TaskferryError,)
    share: float = 1.0
    """How many of a run's bodies it gets, beside the others."""
    change: Callable[[Random, bytes], bytes] = mutated

    def body(self, random: Random) -> bytes:
        """Make one body."""
        return random.randbytes(self.head) + self.change(random, self.seeds[random.randrange(len(self.seeds))])

    def seeded(self) -> Sequence[bytes]:
        """Give the seeds as bodies, with a head that picks the usual case."""
        return [bytes(self.head) + seed for seed in self.seeds]


@define
class Tally:
    """What became of the bodies of one target."""

    bodies: int = 0
    typed: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    found: dict[str, bytes] = field(factory=dict)
    """The first body of each defect, by what happened."""

    def feed(self, target: Target, body: bytes) -> None:
        """Give a target one body and note what comes of it."""
        self.bodies += 1
        start = time.thread_time()
        try:
            with _given_up():
                target.read(body)
        except AdapterError as error:  # a reply made a plugin break its contract, which is the plugin's defect
            self.found.setdefault(f"{type(error).__name__}: {error}"[:160], body)
        except target.typed:
            self.typed += 1
        except (Exception, Hung) as error:  # noqa: BLE001 -- whatever else comes is what is looked for
            self.found.setdefault(_where(error), body)
        took = time.thread_time() - start
        self.seconds += took
        self.slowest = max(self.slowest, took)
        if took > SLOWEST:
            self.found.setdefault(f"slow: {took:.1f} s", body)


def _where(error: BaseException) -> str:
    at, step = "", error.__traceback__
    while step is not None:
        at, step = f"{step.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{step.tb_lineno}", step.tb_next
    return f"{type(error).__name__} at {at}: {error}"[:160]


@contextmanager
def _given_up() -> Iterator[None]:
    """Break off what does not come back; only where there are alarms."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, _hung)
    signal.setitimer(signal.ITIMER_REAL, HUNG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _hung(number: int, frame: FrameType | None) -> None:
    raise Hung(f"not back after {HUNG:.0f} s")
