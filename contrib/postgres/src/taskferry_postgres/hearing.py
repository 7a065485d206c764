"""Waits for a bell, but not for ever."""

from __future__ import annotations

import asyncio


async def heard(bell: asyncio.Event, seconds: float) -> None:
    """Wait for a bell, but no longer than some seconds."""
    ringing = asyncio.create_task(bell.wait())
    try:
        await asyncio.wait({ringing}, timeout=seconds)
    finally:
        ringing.cancel()
