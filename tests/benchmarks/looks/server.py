"""A server whose tasks are running for ever; its 1 KB bodies have the shape of a real provider's.

Run as `python -m benchmarks.looks.server TALLY BODIES [PAUSE]`: it prints its port. BODIES is `constant`, or `changing`
for bodies of which no two in a row are alike, although nothing in them is news. PAUSE is what Retry-After asks for.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from pathlib import Path

from benchmarks.looks.cores import SERVER, pin
from benchmarks.looks.http_session import Answer, serve
from benchmarks.looks.tally import Tally

BATCH = "/v3/tasks/list"
"""Where a POST with `{"task_ids": [...]}` shows many tasks in one reply."""
COST = "0.1800"
PROMPT = "A small red fox asleep in fresh snow, soft morning light, shallow depth of field, 85 mm. "


def task_body(task_id: str, version: int) -> dict[str, object]:
    """Give one task as the server shows it."""
    return {
        "task_id": task_id,
        "type": "image",
        "status": "executing",
        "estimated_cost": COST,
        "created_at": "2026-11-21T09:00:00Z",
        "updated_at": f"2026-11-21T09:{version // 60 % 60:02}:{version % 60:02}Z",
        "params": {"description": PROMPT * 8, "aspect_ratio": "16:9", "quality": "high"},
        "result": None,
    }


def answers(tally: Tally, *, changing: bool) -> Answer:
    """Give what answers requests and counts the looks."""
    versions = itertools.cycle(range(997 if changing else 1))
    bodies = [json.dumps(task_body("0" * 32, version)).encode() for version in range(997 if changing else 1)]

    def answer(method: str, path: str, body: bytes) -> bytes:
        version = next(versions)
        if method == "GET":
            tally.add(1)
            return bodies[version]
        ids = json.loads(body)["task_ids"]
        tally.add(len(ids))
        whole = bodies[version]
        return b'{"tasks":[' + b",".join([whole.replace(b"0" * 32, task.encode(), 1) for task in ids]) + b"]}"

    return answer


if __name__ == "__main__":
    pin(SERVER)
    asked = b"Retry-After: %b\r\n" % sys.argv[3].encode() if sys.argv[3:] else b""
    asyncio.run(serve(answers(Tally(Path(sys.argv[1])), changing=sys.argv[2] == "changing"), asked))
