"""Webhooks: posted to this machine alone when a job has ended, tried again a few times, and each try noted."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

_WAITS = (0.0, 1.0, 4.0)
"""Seconds before each try, before the speed; no provider says its own."""
_TIMEOUT = 5.0
"""Seconds that a receiver has to answer; not made shorter by the speed."""
_LOOK = 0.1
"""Seconds between looks at the clock, which may not be that of this machine."""


@frozen(kw_only=True)
class Message:
    """One message as the provider signs it."""

    event: str
    task_id: str
    headers: Mapping[str, str]
    body: bytes


@frozen(kw_only=True)
class Delivery:
    """One try to deliver a message."""

    at: float
    """Epoch seconds."""
    url: str
    event: str
    task_id: str
    attempt: int
    """1 for the first."""
    status: int | None
    """HTTP status of the receiver's answer; None when there was none."""
    error: str | None
    """Why there was no answer."""

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {name: getattr(self, name) for name in ("at", "url", "event", "task_id", "attempt", "status", "error")}


class Webhooks:
    """The messages of one stand-in, sent from the loop of its server."""

    def __init__(self, clock: Callable[[], float], speed: float) -> None:
        self.registered: str | None = None
        """Where messages go that belong to the account and not to one job; posted to the admin endpoint."""
        self.deliveries: list[Delivery] = []
        """Every try, oldest first."""
        self._clock = clock
        self._speed = speed
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, url: str, *, at: float, compose: Callable[[float], Message]) -> None:
        """Post a message once the clock shows `at`; call it from a handler.

        `compose` makes it anew for each try, from the time of the try.
        """
        task = asyncio.get_running_loop().create_task(self._send(url, at, compose))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Send nothing more."""
        self._closed = True

    async def _send(self, url: str, at: float, compose: Callable[[float], Message]) -> None:
        for attempt, wait in enumerate(_WAITS, start=1):
            at += wait / self._speed
            await self._until(at)
            if self._closed:
                return
            message = compose(self._clock())
            status, error = await asyncio.to_thread(_post, url, message)
            self._note(url, message, attempt, status, error)
            if status is not None and status < 300:
                return

    async def _until(self, at: float) -> None:
        while not self._closed and (left := at - self._clock()) > 0:  # noqa: ASYNC110  # a clock sends no events
            await asyncio.sleep(min(left, _LOOK))

    def _note(self, url: str, message: Message, attempt: int, status: int | None, error: str | None) -> None:
        self.deliveries.append(
            Delivery(
                at=self._clock(),
                url=url,
                event=message.event,
                task_id=message.task_id,
                attempt=attempt,
                status=status,
                error=error,
            )
        )


def _post(url: str, message: Message) -> tuple[int | None, str | None]:
    try:
        target = urlsplit(url)
        host, port = target.hostname or "", target.port
    except ValueError as error:
        return None, f"not an address: {error}"
    if target.scheme != "http" or not _is_loopback(host):
        return None, "not sent: a stand-in posts to http addresses of this machine alone"
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    try:
        connection.request("POST", path, message.body, {"Content-Type": "application/json", **message.headers})
        return connection.getresponse().status, None
    except (OSError, http.client.HTTPException) as error:
        return None, f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
