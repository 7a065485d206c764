"""Five hundred tasks at once through one ferry, against both stand-ins."""

from __future__ import annotations

import asyncio
import collections
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from taskferry import Ferry

TASKS = 500


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_five_hundred_tasks_all_end_and_none_is_lost_or_doubled(tmp_path: Path) -> None:
    """Every task ends with its files kept; the stand-ins counted as many jobs as there were submits."""
    process = subprocess.Popen(
        [sys.executable, "-m", "taskferry", "sandbox", "--port", "0", "--speed", "20", "--json", "--no-limits"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        servers = json.loads(process.stdout.readline())
        environ = {name: value for server in servers.values() for name, value in server["env"].items()}
        began, memory = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        async with Ferry(home=tmp_path, environ=environ, speed=20) as ferry:
            tasks = await asyncio.gather(
                *(
                    ferry.submit(("vap/image", "tripo/text-to-model")[n % 2], prompt=f"fox number {n}")
                    for n in range(TASKS)
                )
            )
            submitted = time.monotonic() - began
            await asyncio.gather(*(task.wait() for task in tasks))
        seconds = time.monotonic() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    finally:
        counts = {name: ask(server["base_url"]) for name, server in servers.items()}
        process.terminate()
        process.communicate(timeout=10)

    ends = collections.Counter(task.snapshot.status.value for task in tasks)
    print(f"\n{TASKS} tasks: submitted in {submitted:.1f} s, all done in {seconds:.1f} s on {os.cpu_count()} cores")
    print(f"memory grew by {grown / 1024:.0f} MiB ({grown * 1024 / TASKS / 1024:.0f} KiB a task, peak)")
    print(f"requests: { {name: dict(count) for name, count in counts.items()} }; ends: {dict(ends)}")
    assert ends == {"succeeded": TASKS}
    assert all(task.snapshot.kept for task in tasks)
    assert sum(count["create"] for count in counts.values()) == TASKS


def ask(base_url: str) -> collections.Counter[str]:
    """Count the requests of a stand-in by kind."""
    with urllib.request.urlopen(f"{base_url}/_sandbox/requests") as reply:
        return collections.Counter(request["kind"] for request in json.load(reply)["requests"])
