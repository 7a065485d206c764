"""One process of the chaos run: submits jobs one after another and waits for them, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from taskferry import Ferry


async def main(home: Path, first: int) -> None:
    """Submit prompts numbered from `first`; say each number before it is submitted."""
    async with Ferry(home=home, speed=50) as ferry:
        number = first
        while True:
            print(number, flush=True)
            task = await ferry.submit("vap/image", prompt=f"picture {number}")
            await task.wait(timeout=0.05)
            number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
