"""What a scripted model asks for next, by what the tools have answered: the same plays in every framework."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from attrs import frozen

Result: TypeAlias = dict[str, Any]


@frozen
class Move:
    """One call of a tool."""

    tool: str
    arguments: dict[str, Any]


Play: TypeAlias = Callable[[Sequence[Result]], "Move | str"]
"""Gives the next call, or the last words."""

PROMPT = "a small red fox"
LONG = f"{PROMPT} [[run:100]]"
"""Seconds at the provider; the stand-ins are faster, by `desk.SPEED`."""
JOB = {"operation": "vap/image", "parameters": {"prompt": PROMPT}}
LONG_JOB = {"operation": "vap/image", "parameters": {"prompt": LONG}}


def step_by_step(results: Sequence[Result]) -> Move | str:
    """Submit, wait until it is made, download."""
    if not results:
        return Move("submit_task", JOB)
    last = results[-1]
    if len(results) == 1 or last["status"] in ("queued", "running"):
        return Move("wait_task", {"task_id": last["task_id"]})
    if last["status"] == "succeeded" and "out" not in str(last["paths"]):
        return Move("download_task", {"task_id": last["task_id"], "folder": "out"})
    return words(last)


def long_job(results: Sequence[Result]) -> Move | str:
    """Submit something that takes a while, wait for it however often, say where it is."""
    if not results:
        return Move("submit_task", LONG_JOB)
    last = results[-1]
    if len(results) == 1 or last["status"] in ("queued", "running"):
        return Move("wait_task", {"task_id": last["task_id"]})
    return words(last)


def stuck(results: Sequence[Result]) -> Move | str:
    """Submit something that is never made, at a provider that can cancel, and wait for it."""
    if not results:
        return Move("submit_task", {"operation": "acme/video", "parameters": {"prompt": "a fox [[stuck]]"}})
    return long_job(results)


def generate(results: Sequence[Result]) -> Move | str:
    """Make it in one call, and wait for it if that was too short."""
    return Move("generate", LONG_JOB) if not results else long_job([{}, *results])


def wrong(results: Sequence[Result]) -> Move | str:
    """Ask with a parameter that is not there."""
    return words(results[-1]) if results else Move("generate", {"operation": "vap/image", "parameters": {"promt": "x"}})


def twice(results: Sequence[Result]) -> Move | str:
    """Ask for the same thing again, in a call of its own."""
    return Move("generate", JOB) if len(results) < 2 else words(results[-1])


def words(result: Result) -> str:
    """End with what the last tool said."""
    return f"{result['status']}: {result.get('paths') or result['summary']}"


PLAYS: dict[str, Play] = {play.__name__: play for play in (step_by_step, long_job, generate, wrong, twice)}
