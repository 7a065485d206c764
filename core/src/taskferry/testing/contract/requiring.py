"""How a case says what is wrong: one line that begins with the rule and ends with what to change."""

from __future__ import annotations

from typing import NoReturn

import pytest

from taskferry.text import clean


def require(holds: object, message: str) -> None:
    """Raise AssertionError with a message such as `unknown-word: what happened; what to change`, unless it holds."""
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(message)


def skip(reason: str) -> NoReturn:
    """Leave a case out because it does not apply to this adapter or to the samples given."""
    pytest.skip(reason)


def shown(value: object) -> str:
    """Give a value for a message: short, on one line."""
    return clean(repr(value), 160)


def told(error: BaseException) -> str:
    """Give an error for a message: its type and the beginning of its text."""
    return f"{type(error).__name__} ({clean(error, 160)})"
