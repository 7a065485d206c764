"""A provider in the kit's hands: what leaves on the wire is answered by samples, on a clock that jumps."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
import respx
from attrs import frozen

from taskferry import exchange
from taskferry.call import Call, Purpose
from taskferry.credentials import Secret
from taskferry.errors import InvalidParameters
from taskferry.exchange import SubmitOutcome
from taskferry.ferry import Ferry
from taskferry.reply import Reply
from taskferry.task import JSON, Kind, Observation
from taskferry.testing.clock import VirtualClock
from taskferry.testing.contract.media import FILES
from taskferry.testing.contract.samples import OperationSamples
from taskferry.testing.contract.standing import Announced, OneProvider
from taskferry.testing.contract.subject import Subject
from taskferry.transport import Transport, Wire

T = TypeVar("T")
KEY = "contract-id:contract-secret-0123456789"
SECRET = "contract-secret"  # noqa: S105 -- a key of nobody's, to be recognised wherever it should not be
Given = Reply | Exception
Story = Callable[[Ferry], Awaitable[T]]


@frozen
class Sent:
    """One request that left, and what for."""

    purpose: str
    request: httpx.Request


class World:
    """Answers the requests of one adapter; scripts are used up in turn, and their last entry stands for good."""

    def __init__(
        self,
        subject: Subject,
        of: OperationSamples,
        *,
        creates: Sequence[Given | Sequence[Given]] = (),
        looks: Sequence[Sequence[Given]] = (),
        files: Callable[[httpx.Request], httpx.Response | None] = lambda _: None,
    ) -> None:
        self.subject, self.of = subject, of
        self.sent: list[Sent] = []
        self._creates = deque(creates or [of.created])
        self._looks = deque(looks or [subject.done(of)])
        self._look: Sequence[Given] = ()
        self._files = files
        self._announced: tuple[str, int, Call] | None = None

    def count(self, purpose: str) -> int:
        """Tell how many requests left for a purpose: create, submit (its other calls), fetch, cancel, file."""
        return sum(sent.purpose == purpose for sent in self.sent)

    def announce(self, method: str, place: int, call: Call) -> None:
        """Hear from the adapter which call leaves next."""
        self._announced = (method, place, call)

    def adapter(self) -> Any:
        """Give an adapter as a new process has it."""
        return Announced(self.subject.make(), self.announce)

    def ferry(self, story: Story[T], home: Path | None = None) -> T:
        """Tell a story with a whole ferry on a virtual clock, in a home of its own or in a given one."""
        provider = self.of.operation.provider

        async def told(folder: str | Path) -> T:
            async with VirtualClock() as clock:
                registry = OneProvider(provider, self.adapter)
                keys = {provider: KEY}
                async with Ferry(home=folder, registry=registry, environ={}, keys=keys, clock=clock) as ferry:
                    return await story(ferry)

        with TemporaryDirectory() as fresh, self._mocked():
            try:
                return asyncio.run(told(home or fresh))
            except InvalidParameters as error:
                raise AssertionError(f"example: {error}; give the operation an example that is valid") from error

    def submit(self) -> SubmitOutcome:
        """Submit once through the driver; give what became of it."""
        return self._wired(lambda adapter, wire: exchange.submit(adapter, self.subject.request(self.of), wire, _Kept()))

    def fetch(self, remote: JSON) -> Observation:
        """Look once through the driver; raise what it raises."""
        return self._wired(lambda adapter, wire: exchange.fetch(adapter, remote, wire))

    def _wired(self, do: Callable[[Any, Wire], Awaitable[T]]) -> T:
        adapter = self.adapter()

        async def done() -> T:
            transport = Transport(now=lambda: 1_700_000_000.0)
            try:
                key = Secret(KEY, "the contract kit")
                return await do(adapter, Wire(transport, adapter.service, adapter.service.base_url, key))
            finally:
                await transport.aclose()

        with self._mocked():
            return asyncio.run(done())

    @contextmanager
    def _mocked(self) -> Iterator[None]:
        with respx.mock(using="taskferry", assert_all_called=False) as router:
            router.route().mock(side_effect=self._answer)
            yield

    def _answer(self, request: httpx.Request) -> httpx.Response:
        announced, self._announced = self._announced, None
        if announced is None:
            self.sent.append(Sent("file", request))
            return self._files(request) or self._file(request)
        method, place, call = announced
        purpose = "create" if call.purpose is Purpose.CREATE else method
        self.sent.append(Sent(purpose, request))
        given = self._given(purpose, place)
        if isinstance(given, Exception):
            raise given
        return httpx.Response(given.status, content=given.content, headers=dict(given.headers))

    def _given(self, purpose: str, place: int) -> Given:
        if purpose == "fetch":
            if place == 0:
                self._look = self._looks.popleft() if len(self._looks) > 1 else self._looks[0]
            return self._look[min(place, len(self._look) - 1)]
        if purpose == "create":
            given = self._creates.popleft() if len(self._creates) > 1 else self._creates[0]
            return given if isinstance(given, Reply | Exception) else given[min(place, len(given) - 1)]
        if purpose == "submit" and len(self.of.created) > 1:
            return self.of.created[min(place, len(self.of.created) - 1)]
        beside = self.subject.samples.cancelled if purpose == "cancel" else self.subject.samples.uploaded
        return beside[place % len(beside)] if beside else Reply(200, b"{}")

    def _file(self, request: httpx.Request) -> httpx.Response:
        """Serve a whole file of the kind that the artifact at this address is said to be."""
        media_type, content = FILES[self._kind_at(str(request.url))]
        return httpx.Response(200, content=content, headers={"content-type": media_type})

    def _kind_at(self, url: str) -> Kind:
        seen = self.subject.seen(self.of, self.subject.done(self.of))
        kinds = {str(artifact.url).partition("?")[0]: artifact.kind for artifact in seen.artifacts}
        plain = url.partition("?")[0]
        return next((kind for place, kind in kinds.items() if plain.endswith(place)), self.of.operation.kind)


class _Kept:
    """Keeps a billed call's steps nowhere."""

    async def sending(self) -> None:
        """Keep that the billed call leaves."""

    async def replied(self, reply: Reply) -> None:
        """Keep its reply."""
