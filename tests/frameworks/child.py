"""One part of an agent's run, in a process of its own: FRAMEWORK start|resume PLAY FOLDER."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from frameworks.desk import SPEED, driver
from frameworks.plays import PLAYS
from taskferry import Ferry
from taskferry.tools import Toolbox


async def main(framework: str, part: str, play: str, place: str) -> None:
    """Print what came of it as the last line."""
    folder, runs = Path(place), driver(framework)
    async with Ferry(home=folder / "home", speed=SPEED) as ferry:
        toolbox = Toolbox(ferry, working=folder, longest_wait=0.2 if part == "start" else 20.0)
        work = runs.start if part == "start" else runs.resume
        print(json.dumps(await work(toolbox, PLAYS[play], folder)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
