"""The clock of tests: it jumps to moments that somebody waits for, each or only whole multiples of its resolution."""

from __future__ import annotations

import asyncio

import pytest

from taskferry.testing import VirtualClock


async def moments(clock: VirtualClock, *waits: float) -> list[tuple[float, float]]:
    """Wait for all of these at once; give, in the order of their ends, each with the moment at which it ended."""
    ended: list[tuple[float, float]] = []

    async def one(seconds: float) -> None:
        await clock.wait(asyncio.Event(), seconds)
        ended.append((seconds, clock.monotonic()))

    await asyncio.gather(*map(one, waits))
    return ended


async def test_every_wait_ends_at_its_own_moment() -> None:
    """Without a resolution the clock stands at each due moment, however near to the last."""
    async with VirtualClock(idle=0) as clock:
        ended = await moments(clock, 7.3, 0.2, 0.21)

    assert ended == [(0.2, 0.2), (0.21, 0.21), (7.3, 7.3)]


async def test_with_a_resolution_near_waits_end_together_in_order() -> None:
    """None ends early, none later than the next multiple, and what was due first is first."""
    async with VirtualClock(idle=0, resolution=0.5) as clock:
        ended = await moments(clock, 7.3, 0.21, 0.2, 0.5, 0.51)

    assert ended == [(0.2, 0.5), (0.21, 0.5), (0.5, 0.5), (0.51, 1.0), (7.3, 7.5)]


@pytest.mark.parametrize("resolution", [0.1, 0.3, 1 / 3])
async def test_a_wait_of_one_step_takes_one_step(resolution: float) -> None:
    """Multiples that binary numbers only come near to are no reason to go one step too far, or to stand still."""
    async with VirtualClock(idle=0, resolution=resolution) as clock:
        for _ in range(100):
            await clock.wait(asyncio.Event(), resolution)

        passed = clock.monotonic()

    assert passed == pytest.approx(100 * resolution)


async def test_no_time_passes_while_something_says_that_it_works() -> None:
    """What `notice` was told of holds the clock for as long as it takes, and not a moment longer."""
    works, seen = 50, list[float]()
    async with VirtualClock(idle=0) as clock:

        def busy() -> bool:
            nonlocal works
            seen.append(clock.monotonic())
            works -= 1
            return works >= 0

        clock.notice(busy)
        ended = await moments(clock, 3)

    assert ended == [(3, 3.0)]
    assert set(seen[:50]) == {0.0}
