"""Cases about purity: no input or output, no clock, no chance, and nothing kept from one exchange to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import GeneratorType
from typing import Any

from taskferry.adapter import Adapter, Exchange
from taskferry.errors import AdapterError
from taskferry.exchange.driving import close
from taskferry.reply import Reply
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import fresh, json_of, replaced, with_body
from taskferry.testing.contract.driving import Driven, drive, in_turn
from taskferry.testing.contract.remembering import changes, state_of
from taskferry.testing.contract.requiring import require, shown
from taskferry.testing.contract.samples import Look, OperationSamples
from taskferry.testing.contract.watching import CHANCE, CLOCK, ENVIRONMENT, INPUT_OUTPUT, Watch, watched


class PurityCases(Contract):
    """What an adapter does beside yielding calls: nothing."""

    def test_no_input_or_output(self) -> None:
        """An adapter opens no file and no connection, starts nothing, and reads no environment."""
        watch = self._watched()
        for sort, advice in (
            (INPUT_OUTPUT, "yield a Call, or give a FilePart; files and connections are the driver's"),
            (ENVIRONMENT, "take no settings from variables; keys and base URLs are the driver's"),
        ):
            called = watch.of(sort)
            require(not called, f"purity: the adapter reaches for {sort}: {', '.join(called[:4])}; {advice}")

    def test_no_clock(self) -> None:
        """An adapter reads no clock: what it gives follows from the reply."""
        called = self._watched().of(CLOCK)
        require(
            not called,
            f"purity: the adapter reads a clock: {', '.join(called[:4])}; give what the reply says (retry_after, eta, "
            "expires_at), signing is the driver's",
        )

    def test_same_in_same_out(self) -> None:
        """The same job gives the same calls and the same results, by another adapter as well."""
        called = self._watched().of(CHANCE)
        require(
            not called,
            f"purity: the adapter throws dice: {', '.join(called[:4])}; use request.task_id, which is different for "
            "each job and the same when it is tried again",
        )
        for of in self.subject.operations:
            runs = [[_written(one) for one in self._everything(of, adapter)] for adapter in self._three()]
            require(
                runs[0] == runs[1] == runs[2],
                f"purity: {of.operation.name}: the same job gave other calls or results the second time: "
                f"{_difference(runs)}; nothing may change from one exchange to the next",
            )

    def test_no_state_between_exchanges(self) -> None:
        """Two jobs whose exchanges run side by side do not disturb each other."""
        for of in self.subject.operations:
            looks = list(of.looks.values())
            pairs = [(looks[0], looks[-1]), (looks[-1], looks[0])]
            for one, other in pairs:
                adapter, remote = self.subject.make(), self.subject.remote(of)
                alone = [self.subject.fetch(remote, look, adapter=self.subject.make()) for look in (one, other)]
                together = _side_by_side(adapter, [adapter.fetch(remote), adapter.fetch(remote)], [one, other])
                self._same(of, alone, together, "looks")
            adapter = self.subject.make()
            created = [of.created, _others(of.created)]
            alone = [self.subject.submit(of, replies, adapter=self.subject.make()) for replies in created]
            answers = [self.subject.submit_answers(replies) for replies in created]
            exchanges = [adapter.submit(self.subject.request(of)) for _ in created]
            self._same(of, alone, _side_by_side(adapter, exchanges, answers), "submits")

    def test_nothing_is_kept(self) -> None:
        """Submitting and looking changes no value of the adapter, its class or its module."""
        adapter = self.subject.make()
        for of in self.subject.operations:
            self._everything(of, adapter)
        before = state_of(adapter)
        for of in self.subject.operations:
            other = self.subject.submit(of, _others(of.created), adapter=adapter)
            remote = other.result.remote if other.result is not None else self.subject.remote(of)
            for look in of.looks.values():
                self.subject.fetch(remote, look, adapter=adapter)
        changed = changes(before, state_of(adapter))
        require(
            not changed,
            f"purity: {', '.join(changed[:4])} changed while jobs were submitted and looked at; keep what is needed in "
            "`remote`",
        )

    def test_exchanges_can_be_left(self) -> None:
        """An exchange that is left at any call ends at once."""
        of = self.subject.first
        adapter, remote = self.subject.adapter, self.subject.remote(of)
        for begin in (lambda: adapter.submit(self.subject.request(of)), lambda: adapter.fetch(remote)):
            exchange = begin()
            require(
                isinstance(exchange, GeneratorType),
                f"leaving: {type(exchange).__name__} came instead of a generator; yield calls",
            )
            next(exchange)
            try:
                close(exchange)
            except AdapterError as error:
                raise AssertionError(
                    "leaving: the generator goes on after it was closed; catch taskferry's errors only, and no "
                    "GeneratorExit or BaseException"
                ) from error

    def _watched(self) -> Watch:
        """Watch everything that the adapter does with its samples, the second time: imports are over then."""
        adapter = self.subject.make()
        for of in self.subject.operations:
            self._everything(of, adapter)
        with watched() as watch:
            for of in self.subject.operations:
                self._everything(of, adapter)
        return watch

    def _everything(self, of: OperationSamples, adapter: Adapter) -> list[Driven]:
        remote = self.subject.remote(of)
        submitted = self.subject.submit(of, adapter=adapter)
        return [submitted, *(self.subject.fetch(remote, look, adapter=adapter) for look in of.looks.values())]

    def _three(self) -> Iterator[Adapter]:
        adapter = self.subject.make()
        yield from (adapter, adapter, self.subject.make())

    def _same(self, of: OperationSamples, alone: Sequence[Driven], together: Sequence[Driven], what: str) -> None:
        for one, other in zip(alone, together, strict=True):
            require(
                _written(one) == _written(other),
                f"interleaved: {of.operation.name}: two {what} side by side gave {shown(other.result)} where one alone "
                f"gives {shown(one.result)}; keep everything in local variables",
            )


def _side_by_side(
    adapter: Adapter, exchanges: Sequence[Exchange[Any]], looks: Sequence[Look | Callable[..., Any]]
) -> list[Driven]:
    """Drive two exchanges so that each begins before the other goes on."""
    first, second = exchanges
    asked: list[Driven] = []
    answer = _answers(looks[0])

    def between(place: int, call: Any) -> Any:
        if place == 0:  # the second runs to its end while the first waits for its first reply
            asked.append(drive(second, _answers(looks[1]), adapter.failure))
        return answer(place, call)

    done = drive(first, between, adapter.failure)
    return [done, *asked]


def _answers(look: Any) -> Any:
    return look if callable(look) else in_turn([fresh(reply) for reply in look])


def _others(created: Sequence[Reply]) -> list[Reply]:
    """Give the create reply of another job, if its texts tell them apart."""
    replies = []
    for reply in created:
        body = json_of(reply)
        if isinstance(body, dict):
            for name, value in body.items():
                if isinstance(value, str) and "id" in name.lower():
                    body = replaced(body, (name,), f"{value}9")
            replies.append(with_body(reply, body))
        else:
            replies.append(fresh(reply))
    return replies


def _written(driven: Driven) -> str:
    calls = [(call.method, call.path, call.params, call.json, call.headers, call.signed) for call in driven.calls]
    artifacts = getattr(driven.result, "artifacts", ())
    urls = [getattr(artifact, "url", None) for artifact in artifacts] if isinstance(artifacts, Sequence) else []
    return f"{calls} {driven.result!r} {urls} {type(driven.error).__name__}"


def _difference(runs: Sequence[Sequence[str]]) -> str:
    for each in zip(*runs, strict=True):
        if len(set(each)) > 1:
            return " and ".join(shown(one) for one in dict.fromkeys(each))
    return "other calls"
