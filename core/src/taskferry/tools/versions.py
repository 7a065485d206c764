"""Says whether the framework that an integration was written for is there, in a version that it knows."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version


def require_version(distribution: str, at_least: str, below: str) -> None:
    """Raise ImportError unless a distribution is installed whose version lies between the two.

    Versions are compared by the numbers of their release: `2.0rc1` counts as 2.0.
    """
    remedy = f"Install one that fits: pip install '{distribution}>={at_least},<{below}'"
    try:
        found = version(distribution)
    except PackageNotFoundError as error:
        raise ImportError(f"{distribution} is not installed. {remedy}", name=distribution) from error
    if _release(found) < _release(at_least):
        raise ImportError(f"{distribution} {found} is too old, {at_least} is needed. {remedy}", name=distribution)
    if _release(found) >= _release(below):
        raise ImportError(f"{distribution} {found} is too new, below {below} is known. {remedy}", name=distribution)


def _release(text: str) -> tuple[int, ...]:
    """Give the numbers of a release without zeros at its end, so that 2 and 2.0.0 are one."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    numbers = [int(number) for number in found.group().split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
