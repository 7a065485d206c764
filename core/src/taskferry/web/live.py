"""Tells open pages what changes, whichever process changes it; the ledger is watched only while a page listens."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from taskferry.errors import TaskferryError, UnknownName
from taskferry.ferry import Ferry
from taskferry.ledger.following import Follower
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.record import Record
from taskferry.web.going_on import go_on_with
from taskferry.web.kinds import Kinds
from taskferry.web.views import event_document, task_view

log = logging.getLogger(__name__)

Event: TypeAlias = "tuple[str, dict[str, Any]]"
"""A name and its data."""

EVERY = 1.0
"""Seconds between two looks at the ledger's file."""
SILENCE = 15.0
"""Seconds after which a listener hears that the line is up."""
_TOGETHER = 200
"""Changes at once beyond which pages are told to load anew instead."""
_NEW_WITHIN = 10.0
"""Seconds of age up to which a task that was not told of before counts as new."""
_REMEMBERED = 1000


class _Listener:
    def __init__(self, task_id: str | None) -> None:
        self.task_id = task_id
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=4 * _TOGETHER)

    def tell(self, event: Event | None, task_id: str | None = None) -> None:
        """Hand over an event; one who does not come to listen hears of what was missed as of one thing."""
        if task_id is not None and self.task_id not in (None, task_id):
            return
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(("many", {"count": self.queue.maxsize}))
        self.queue.put_nowait(event)


class Live:
    """Hands every change to every listener."""

    def __init__(self, ferry: Ferry, kinds: Kinds, *, every: float = EVERY) -> None:
        self._ferry = ferry
        self._kinds = kinds
        self._every = every
        self._listeners: set[_Listener] = set()
        self._known_as_new: deque[str] = deque(maxlen=_REMEMBERED)
        self._name = secrets.token_hex(4)
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    async def listen(self, task_id: str | None = None) -> AsyncIterator[Event | None]:
        """Yield the changes of every task, or of one, from now on; None when there was none for a while."""
        listener = _Listener(task_id)
        self._listeners.add(listener)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            yield "hello", {"server": self._name}
            while not self._closed:
                try:
                    async with asyncio.timeout(SILENCE):
                        event = await listener.queue.get()
                except TimeoutError:
                    yield None
                else:
                    if event is None:
                        return
                    yield event
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let every listener go, so that the server can stop."""
        self._closed = True
        self._let_go()

    async def stop(self) -> None:
        """Look at the ledger no more; call it before the ferry is closed."""
        self.close()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})

    def _let_go(self) -> None:
        for listener in self._listeners:
            listener.tell(None)

    async def _watch(self) -> None:
        """Look at the ledger as long as somebody listens; after a failure they are let go, and come again."""
        follower: Follower | None = None
        try:
            follower = await asyncio.to_thread(self._ferry.ledger.follower)
            while self._listeners and not self._closed:
                named = {one.task_id for one in self._listeners if one.task_id}
                await self._tell(await asyncio.to_thread(follower.news, named))
                await asyncio.sleep(self._every)
        except TaskferryError as error:
            log.warning("Changes of tasks cannot be shown at the moment: %s", error)
        finally:
            self._watching = None  # whoever listens from now on begins anew
            self._let_go()
            if follower is not None:
                await asyncio.to_thread(follower.close)

    async def _tell(self, changed: Sequence[str]) -> None:
        if len(changed) > _TOGETHER:
            for listener in self._listeners:
                listener.tell(("many", {"count": len(changed)}))
            return
        now = self._ferry.engine.clock.now()
        for record in await self._ferry.engine.call(partial(_read, self._ferry.ledger, changed)):
            new = now - record.snapshot.created_at < _NEW_WITHIN and record.id not in self._known_as_new
            if new:
                self._known_as_new.append(record.id)
            view = task_view(record, self._kinds.of(record))
            for listener in self._listeners:
                listener.tell(("task", event_document(view, new=new)), record.id)
            await go_on_with(self._ferry, record)


def _read(ledger: LedgerProtocol, ids: Sequence[str]) -> list[Record]:
    found = []
    for task_id in ids:
        try:
            found.append(ledger.get(task_id))
        except UnknownName:  # an import was undone, or the file replaced
            log.info("%s is not in the ledger any more", task_id, extra={"task": task_id})
    return found
