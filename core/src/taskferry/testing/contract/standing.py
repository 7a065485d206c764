"""What stands around an adapter under test: a registry of one provider, and a shell that announces its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from taskferry.adapter import Adapter, Cancels, Exchange, Request
from taskferry.call import Call
from taskferry.errors import Failure, TaskferryError
from taskferry.hookspecs import Provider
from taskferry.operation import Operation
from taskferry.registry import Registry
from taskferry.reply import Reply
from taskferry.task import JSON

Announce = Callable[[str, int, Call], None]
"""Told the adapter's method, the call's place in its exchange, and the call, just before it leaves."""


class OneProvider(Registry):
    """A registry that knows one provider alone, whatever is installed."""

    def __init__(self, name: str, make: Callable[[], Adapter]) -> None:
        super().__init__(entry_points=[], disabled="")
        self._one = Provider(name=name, title=name, adapters={"contract": "the adapter under test"})
        self._adapter = make()

    @property
    def providers(self) -> Mapping[str, Provider]:
        """Give the one."""
        return {self._one.name: self._one}

    def provider(self, name: str) -> Provider:  # noqa: ARG002 -- there is no other
        """Give the one."""
        return self._one

    def adapter(self, name: str, generation: str | None = None) -> Adapter:  # noqa: ARG002 -- there is no other
        """Give the adapter under test."""
        return self._adapter

    def operations(self, provider: str | None = None) -> Sequence[Operation]:  # noqa: ARG002 -- there is no other
        """List what the one offers."""
        return tuple(self._adapter.operations)


class Announced:
    """An adapter whose calls are announced; it has no optional ability but to cancel."""

    def __init__(self, inner: Adapter, announce: Announce) -> None:
        self.service = inner.service
        self.operations = inner.operations
        self._inner = inner
        self._announce = announce
        if isinstance(inner, Cancels):
            cancels = inner
            self.cancel = lambda remote: self._announced("cancel", cancels.cancel(remote))

    def submit(self, request: Request) -> Exchange[Any]:
        """Submit as the adapter does."""
        return self._announced("submit", self._inner.submit(request))

    def fetch(self, remote: JSON) -> Exchange[Any]:
        """Look as the adapter does."""
        return self._announced("fetch", self._inner.fetch(remote))

    def failure(self, reply: Reply) -> Failure | None:
        """Judge a reply as the adapter does."""
        return self._inner.failure(reply)

    def _announced(self, method: str, exchange: Exchange[Any]) -> Exchange[Any]:
        try:
            call = next(exchange)
            for place in range(100):
                if isinstance(call, Call):
                    self._announce(method, place, call)
                try:
                    reply = yield call
                except TaskferryError as error:
                    call = exchange.throw(error)
                else:
                    call = exchange.send(reply)
        except StopIteration as stop:
            return stop.value
        finally:
            exchange.close()
