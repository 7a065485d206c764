"""The billed call of one submit: sent at most once, each step of it durable before the next."""

from __future__ import annotations

from typing import Protocol

from taskferry.call import Call
from taskferry.errors import AdapterError, NotSent, ProviderError
from taskferry.reply import Reply
from taskferry.transport import Wire


class Journal(Protocol):
    """Keeps what happened to a billed call, each step durable before the next one."""

    async def sending(self) -> None:
        """Keep that the billed call leaves now."""
        ...

    async def replied(self, reply: Reply) -> None:
        """Keep the raw reply to the billed call, before the adapter reads it."""
        ...


class Billed:
    """Remembers, for one submit, how far its billed call got."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.sent = False
        self.proven_unsent = False
        self.reply: Reply | None = None
        self.denied: ProviderError | None = None
        """What the reply to the billed call itself refused; a failure of a later call refuses nothing."""

    async def create(self, call: Call, wire: Wire) -> Reply:
        """Send the billed call, once; raise NotSent where it is proven that nothing was received."""
        if self.sent:
            raise AdapterError(
                f"{call!r}: a submit makes exactly one billed call. Mark harmless ones with `free=True`."
            )
        await self._journal.sending()
        self.sent = True
        try:
            self.reply = await wire.send(call)
        except NotSent:
            self.proven_unsent = True
            raise
        await self._journal.replied(self.reply)
        return self.reply
