"""tripo3d 1.0.0, with its own `wait_for_task`."""

from __future__ import annotations

from tripo3d import TripoClient

from benchmarks.looks.lives.waiting import wait_each


async def wait_for_all(port: int) -> None:
    """Wait with the vendor's client."""
    async with TripoClient(api_key="tsk_bench", v3_base_url=f"http://127.0.0.1:{port}") as client:
        await wait_each(port, "tripo3d", client.wait_for_task)
