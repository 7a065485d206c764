"""fal-client 1.0.3, with its own `handle.get`; only the handle's addresses are ours."""

from __future__ import annotations

from dataclasses import replace

import fal_client

from benchmarks.looks.lives.waiting import wait_each


async def wait_for_all(port: int) -> None:
    """Wait with the vendor's client."""
    client = fal_client.AsyncClient(key="key")

    async def wait(task_id: str) -> object:
        address = f"http://127.0.0.1:{port}/queue/{task_id}"
        handle = await client.get_handle("bench/image", task_id)
        return await replace(handle, status_url=f"{address}/status", response_url=f"{address}/result").get()

    await wait_each(port, "fal", wait)
