"""Watches what code does while it runs: input and output, clocks, chance; however it came by their functions."""

from __future__ import annotations

import builtins
import gc
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_CLOCKS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "sleep"}
_DATES = {"now", "utcnow", "today"}
_HARMLESS = {"fspath", "fsencode", "fsdecode", "register_at_fork", "lock", "RLock"}
_SYSTEM = {"posix", "nt", "_socket", "_ssl", "select", "_posixsubprocess", "_io", "io", "mmap"}
"""Modules in C whose functions all reach outside the process."""
_OUTSIDE = {
    "aiohttp", "asyncio", "ftplib", "http.client", "httpcore", "httpx", "multiprocessing", "requests", "shelve",
    "smtplib", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib.request", "urllib3",
}  # fmt: skip
"""Modules that an adapter has no use for."""
_MACHINERY = ("importlib", "_frozen_importlib", "logging", "warnings", "linecache", "zipimport", "encodings")
"""Modules that read files or clocks on behalf of an import, a log line or a warning, which is their own affair."""
_ENVIRONMENT = {function.__code__ for function in (type(os.environ).__getitem__, os.getenv, type(os.environ).__iter__)}

INPUT_OUTPUT, CLOCK, CHANCE, ENVIRONMENT = "input or output", "a clock", "chance", "the environment"


class Watch:
    """Collects what was done while it watched: pairs of what it is and what was called."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def of(self, sort: str) -> list[str]:
        """Give what was called of one sort, each once."""
        return list(dict.fromkeys(called for found, called in self.found if found == sort))

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        """Take one event of the interpreter's profiler."""
        found = _of_c(argument) if event == "c_call" else _of_python(frame) if event == "call" else None
        if found is not None and not _is_machinery(frame):
            self.found.append(found)


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch this thread for as long as the block runs."""
    watch, before = Watch(), sys.getprofile()
    gc.collect()  # else what others left behind may be finalised, loops closed and files with them, while it watches
    collecting = gc.isenabled()
    gc.disable()
    importing = builtins.__import__
    builtins.__import__ = _noticing(importing, watch)
    sys.setprofile(watch.note)
    try:
        yield watch
    finally:
        sys.setprofile(before)
        builtins.__import__ = importing
        if collecting:
            gc.enable()


def _of_c(function: Any) -> tuple[str, str] | None:
    name, module = getattr(function, "__name__", ""), getattr(function, "__module__", None) or ""
    owner = getattr(function, "__self__", None)
    if module == "time" and name in _CLOCKS:
        return CLOCK, f"time.{name}"
    if isinstance(owner, type) and name in _DATES and owner.__module__ == "datetime":
        return CLOCK, f"{owner.__name__}.{name}"
    if isinstance(owner, random.Random) or (module == "posix" and name in ("urandom", "getrandom")):
        return CHANCE, f"{'random' if isinstance(owner, random.Random) else 'os'}.{name}"
    where = module or type(owner).__module__
    if where in _SYSTEM and name not in _HARMLESS and not _in_memory(owner):
        return INPUT_OUTPUT, f"{'' if where in ('_io', 'io') else 'os.' if where == 'posix' else where + '.'}{name}"
    return None


def _in_memory(owner: Any) -> bool:
    return type(owner).__name__ in ("StringIO", "BytesIO")


def _of_python(frame: FrameType) -> tuple[str, str] | None:
    code = frame.f_code
    if code in _ENVIRONMENT:
        return ENVIRONMENT, "os.environ"
    module = str(frame.f_globals.get("__name__", ""))
    if module in _OUTSIDE or module.partition(".")[0] in _OUTSIDE:
        return INPUT_OUTPUT, f"{module}.{code.co_qualname}"
    return None


def _noticing(importing: Callable[..., Any], watch: Watch) -> Callable[..., Any]:
    """Give an import that also tells of modules that do input and output, already loaded or not."""

    def imported(name: str, *given: Any, **more: Any) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001 -- there is no public way to know who imports
        by_adapter = str(caller.f_globals.get("__name__", "")).partition(".")[0] not in _LIBRARY
        if by_adapter and (name in _OUTSIDE or name.partition(".")[0] in _OUTSIDE):
            watch.found.append((INPUT_OUTPUT, f"import {name}"))
        return importing(name, *given, **more)

    return imported


def _is_machinery(frame: FrameType | None) -> bool:
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith(_MACHINERY):
            return True
        frame = frame.f_back
    return False


_LIBRARY = frozenset({*sys.stdlib_module_names, "taskferry"})
