"""A key that is looked for wherever it must not be."""

from __future__ import annotations

import base64
import gc
import logging
import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import attrs

MARK = "canary5f1c9a7e3b2d4806"
"""What every key of these tests has in it."""
KEYS = {"vap": f"vap_{MARK}", "tripo": f"tsk_{MARK}"}
"""Well-formed for each provider's stand-in."""
_LOGGERS = ("taskferry", "httpx", "httpcore", "mcp", "asyncio", "hpack", "respx", "pyreqwest")


def _spellings() -> tuple[bytes, ...]:
    """Give the mark as it is, and as base64 has it at each of the three places that it can start at."""
    packed = (base64.b64encode(b"x" * before + MARK.encode())[4:-4] for before in range(3))
    return (MARK.encode(), MARK.encode("utf-16-le"), MARK.encode().hex().encode(), MARK[::-1].encode(), *packed)


SPELLINGS = _spellings()


def holds(*things: object) -> bool:
    """Tell whether the key is in any of these texts or bytes, in capitals or not."""
    for thing in things:
        content = thing if isinstance(thing, bytes) else str(thing).encode("utf-8", "surrogatepass")
        if any(spelling in content or spelling.lower() in content.lower() for spelling in SPELLINGS):
            return True
    return False


def files_with_it(folder: Path) -> list[str]:
    """List the files below a folder that have the key in their bytes or in their name."""
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if holds(path.relative_to(folder)) or (path.is_file() and holds(path.read_bytes()))
    ]


def logs_with_it(records: list[logging.LogRecord]) -> list[str]:
    """List the lines of a log that have it, also where only the arguments or the traceback do."""
    formatter = logging.Formatter("%(name)s %(message)s")
    return [record.name for record in records if holds(formatter.format(record), repr(record.args), repr(vars(record)))]


def all_levels(caplog) -> None:  # type: ignore[no-untyped-def]  # pytest's fixture
    """Let every logger that may see a request say all it can."""
    caplog.set_level(logging.DEBUG)
    for name in _LOGGERS:
        caplog.set_level(logging.DEBUG, name)


def told(error: BaseException) -> str:
    """Give all that a crash report of an error shows, with the notes and causes that it has."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)


def objects_in_reach(*roots: object, at_most: int = 20_000) -> Iterator[object]:
    """Walk over what objects hold, as far as it is taskferry's own."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting and len(seen) < at_most:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | logging.Logger):
            continue
        seen.add(id(one))
        own = type(one).__module__.partition(".")[0].startswith("taskferry")
        if own:
            yield one
        if own or isinstance(one, dict | list | tuple | set):
            waiting += gc.get_referents(one)


def shown(one: object) -> list[object]:
    """Give every way in which somebody may write an object down without meaning to tell a secret."""
    ways: list[object] = [repr(one), str(one), f"{one}"]
    if attrs.has(type(one)):
        ways += [repr(attrs.asdict(one)), repr(attrs.astuple(one))]  # type: ignore[arg-type]  # an attrs class, as was asked
    try:
        ways.append(pickle.dumps(one))
    except Exception as error:  # noqa: BLE001 -- whatever refuses to be pickled shows nothing but its reason
        ways.append(told(error))
    return ways
