"""Fills a ledger for a later process: `python -m benchmarks.looks.rows_child SPEC` prints how many rows it wrote."""

from __future__ import annotations

import asyncio
import json
import sys

from benchmarks.looks.ferry_client import opened, write_rows
from benchmarks.looks.spec import Spec


async def fill(spec: Spec) -> None:
    """Write the rows and give them up, as a process does that ends."""
    async with opened(spec) as ferry:
        await write_rows(ferry, spec)
    print(json.dumps({"rows": spec.tasks}))


if __name__ == "__main__":
    asyncio.run(fill(Spec(**json.loads(sys.argv[1]))))
