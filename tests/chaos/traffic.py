"""The requests under way, counted at the client: a clock that jumps does not see them by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import ParamSpec, TypeVar
from unittest import mock

from taskferry.transport import Transport, Wire

P = ParamSpec("P")
T = TypeVar("T")


class Traffic:
    """Counts calls, looks and downloads from before they leave until their last byte was read."""

    def __init__(self) -> None:
        self.under_way = 0
        self.most = 0
        """That were under way at a time."""

    def busy(self) -> bool:
        """Tell whether anything is under way, for `VirtualClock.notice`."""
        return self.under_way > 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what every wire and transport of this process does while this lasts."""
        with (
            mock.patch.object(Wire, "look", self._asked(Wire.look)),
            mock.patch.object(Wire, "send", self._asked(Wire.send)),
            mock.patch.object(Transport, "download", self._opened(Transport.download)),
        ):
            yield

    @contextmanager
    def _one(self) -> Iterator[None]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            yield
        finally:
            self.under_way -= 1

    def _asked(self, ask: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        async def asked(*args: P.args, **kwargs: P.kwargs) -> T:
            with self._one():
                return await ask(*args, **kwargs)

        return asked

    def _opened(
        self, download: Callable[P, AbstractAsyncContextManager[T]]
    ) -> Callable[P, AbstractAsyncContextManager[T]]:
        @asynccontextmanager
        async def opened(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
            with self._one():
                async with download(*args, **kwargs) as source:
                    yield source

        return opened
