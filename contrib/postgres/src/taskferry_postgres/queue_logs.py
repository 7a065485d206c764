"""Keeps what Procrastinate and its pool say about each job out of the logs; warnings come under our name."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = {"procrastinate": logging.WARNING, "psycopg.pool": logging.ERROR}
"""What is said at least; that the server is away is told once, by the connector."""

log = logging.getLogger("taskferry.queue")


class _Passing(logging.Handler):
    """Hands records on to our logger."""

    def emit(self, record: logging.LogRecord) -> None:
        log.log(record.levelno, "%s: %s", record.name, record.getMessage(), exc_info=record.exc_info)


@contextmanager
def quieted() -> Iterator[None]:
    """Have warnings alone, in our logger, for the length of the block; then leave all as it was."""
    passing = _Passing()
    before = []
    for name, level in _NAMES.items():
        logger = logging.getLogger(name)
        before.append((logger, logger.level, logger.propagate))
        logger.setLevel(level)
        logger.propagate = False
        logger.addHandler(passing)
    try:
        yield
    finally:
        for logger, level, propagate in before:
            logger.setLevel(level)
            logger.propagate = propagate
            logger.removeHandler(passing)
