"""The billed call of one submit: sent at most once, each step of it durable before the next."""

from __future__ import annotations

from typing import Protocol

from taskferry.call import Call, Purpose
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
        self.unproven: list[Call] = []
        """Calls that say they are free and were taken, with neither the billed call nor a file after them yet.

        One of them may be a create that the adapter marks wrongly, so a submit that goes no further leaves it open
        whether a job exists. Where such a call itself failed, its word is taken for it: the submit is tried again.
        """

    async def create(self, call: Call, wire: Wire) -> Reply:
        """Send the billed call, once; raise NotSent where it is proven that nothing was received."""
        if self.sent:
            raise AdapterError(
                f"{call!r}: a submit makes exactly one billed call. Mark harmless ones with `free=True`."
            )
        self.unproven.clear()
        await self._journal.sending()
        self.sent = True
        try:
            self.reply = await wire.send(call)
        except NotSent:
            self.proven_unsent = True
            raise
        await self._journal.replied(self.reply)
        return self.reply

    async def other(self, call: Call, wire: Wire) -> Reply:
        """Send a call that is not the billed one."""
        file = bool(call.files) or call.body_file is not None
        if file:  # so what went before prepared it
            self.unproven.clear()
        reply = await wire.send(call)
        if call.purpose is Purpose.WRITE and call.signed and not file:
            self.unproven.append(call)
        return reply

    def refused(self, call: Call, error: ProviderError) -> None:
        """Remember a call that the provider's reply refused."""
        if call.purpose is Purpose.CREATE:
            self.denied = error
        elif call in self.unproven:
            self.unproven.remove(call)
