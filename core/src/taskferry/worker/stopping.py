"""SIGTERM and Ctrl-C as a worker takes them: the first has it hand its tasks over, a second ends it at once."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("taskferry")

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` at the first signal; from then on signals do to the process what they do by default."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    listening: list[signal.Signals] = []

    def heard(number: signal.Signals) -> None:
        stop.set()
        for one in listening:
            loop.remove_signal_handler(one)
            signal.signal(one, signal.SIG_DFL)
        listening.clear()
        log.info("%s: tasks are handed over and none is fetched any more; a second signal ends at once.", number.name)

    try:
        for number in _SIGNALS:
            loop.add_signal_handler(number, heard, number)
            listening.append(number)
    except (NotImplementedError, RuntimeError, ValueError):
        log.debug("signals are not listened to on this loop or thread")
    try:
        yield
    finally:
        for number in listening:
            loop.remove_signal_handler(number)
        if listening or stop.is_set():
            for number, handler in before.items():
                _restore(number, handler)


def _restore(number: signal.Signals, handler: object) -> None:
    try:
        signal.signal(number, handler)  # type: ignore[arg-type]  # what getsignal gave
    except (TypeError, ValueError):  # one that was not set from Python, or another thread than the main one
        log.debug("the former handler of %s cannot be restored", number.name)
