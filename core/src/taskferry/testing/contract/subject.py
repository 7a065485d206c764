"""What is tested: an adapter, made anew whenever a case wants it, and the replies that it has to read."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from taskferry.adapter import Accepted, Adapter, Request
from taskferry.call import Call, Purpose
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import JSON, Observation
from taskferry.testing.contract.bodies import fresh
from taskferry.testing.contract.driving import Answer, Answers, Driven, drive, in_turn
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.samples import UNDER_WAY, Look, OperationSamples, Samples, samples_of

TASK_ID = "01contract0000000000000000"


class Subject:
    """An adapter and its samples, with the ways to drive one by the other."""

    def __init__(self, make: Callable[[], Adapter], samples: Callable[[Adapter], Samples]) -> None:
        self.make = make
        """Makes another adapter, as another process would."""
        self.adapter = make()
        self.samples = samples(self.adapter)

    @property
    def operations(self) -> Sequence[OperationSamples]:
        """Give the operations that there are samples of."""
        return self.samples.operations

    @property
    def first(self) -> OperationSamples:
        """Give the operation that stands for all where every one would take too long."""
        return self.operations[0]

    def request(self, of: OperationSamples, **parameters: Any) -> Request:
        """Give a job with the operation's example as its parameters."""
        given = {**of.parameters, **parameters}
        return Request(task_id=TASK_ID, operation=of.operation, parameters=given)

    def submit(
        self, of: OperationSamples, created: Sequence[Answer] | None = None, *, adapter: Adapter | None = None
    ) -> Driven:
        """Drive a submit of the operation's example by hand."""
        chosen = adapter or self.adapter
        answers = self.submit_answers(of.created if created is None else created)
        return drive(chosen.submit(self.request(of)), answers, chosen.failure)

    def submit_answers(self, created: Sequence[Answer]) -> Answers:
        """Answer the calls of a submit: the billed one by the create's reply, others by those of uploads."""
        uploads = self.samples.uploaded

        def answer(place: int, call: Call) -> Answer:
            if len(created) > 1:
                return _fresh(created[min(place, len(created) - 1)])
            if call.purpose is Purpose.CREATE:
                return _fresh(created[0])
            require(uploads, f"samples: a submit makes {call!r} beside its create; give `uploaded`, the reply to it")
            return _fresh(uploads[place % len(uploads)])

        return answer

    def accepted(self, of: OperationSamples, *, adapter: Adapter | None = None) -> Accepted:
        """Give what the documented create reply is read as; every case that needs a job begins here."""
        made = self.submit(of, adapter=adapter)
        error = "" if made.error is None else told(made.error)
        require(
            isinstance(made.result, Accepted),
            f"create: {of.operation.name}: submit did not take the documented create reply: "
            f"{error or type(made.result).__name__}; return Accepted(remote=...) for it",
        )
        accepted: Accepted = made.result
        return accepted

    def remote(self, of: OperationSamples) -> JSON:
        """Give the `remote` of the sample's job."""
        return self.accepted(of).remote

    def fetch(self, remote: JSON, look: Sequence[Answer], *, adapter: Adapter | None = None) -> Driven:
        """Drive a look by hand."""
        chosen = adapter or self.adapter
        return drive(chosen.fetch(remote), in_turn([_fresh(reply) for reply in look]), chosen.failure)

    def seen(self, of: OperationSamples, look: Look, remote: JSON | None = None) -> Observation:
        """Give what a documented status reply is read as."""
        made = self.fetch(self.remote(of) if remote is None else remote, look)
        problem = "" if made.error is None else told(made.error)
        require(
            isinstance(made.result, Observation),
            f"fetch: {of.operation.name}: a documented status reply was not read: "
            f"{problem or type(made.result).__name__}; return an Observation for it",
        )
        observation: Observation = made.result
        return observation

    def statuses(self, of: OperationSamples) -> Iterator[tuple[str, Look, Observation]]:
        """Yield every word with its look and what that is read as."""
        remote = self.remote(of)
        for word, look in of.looks.items():
            yield word, look, self.seen(of, look, remote)

    def look_of(self, of: OperationSamples, *statuses: Status) -> Look:
        """Give the first look that is read as one of the statuses; skip the case if no sample is."""
        found = [look for _, look, seen in self.statuses(of) if seen.status in statuses]
        return found[0] if found else skip(f"no sample of {of.operation.name} is {' or '.join(statuses)}")

    def done(self, of: OperationSamples) -> Look:
        """Give the look at a job that succeeded, without which little can be tested."""
        looks = [look for _, look, seen in self.statuses(of) if seen.status is Status.SUCCEEDED]
        require(
            looks,
            f"samples: none of {', '.join(of.looks)} is read as succeeded; give `replies` a finished job, or map "
            "its word",
        )
        return looks[0]

    def under_way(self, of: OperationSamples) -> Look:
        """Give the look at a job that has not ended."""
        return self.look_of(of, *reversed(UNDER_WAY))


def subject_of(given: type) -> Subject:
    """Make the subject of a test class from its attributes."""
    attributes = {name: inspect.getattr_static(given, name) for name in dir(given) if not name.startswith("_")}
    if attributes.get("card") is not None:
        return _card_subject(str(attributes["card"]), given)
    make = attributes.get("adapter")
    make = make.__func__ if isinstance(make, staticmethod) else make
    if not callable(make):
        raise AssertionError("samples: name what is tested: `adapter = AcmeAdapter`, or `card = 'acme.toml'`")
    return Subject(make, lambda adapter: samples_of(_own(attributes), adapter.operations))


def _own(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in attributes.items() if not callable(value)}


def _card_subject(place: str, given: type) -> Subject:
    from taskferry.cards import card_adapter, load_card  # only where a card is tested
    from taskferry.testing.contract.card_samples import samples_of_card

    path, _, region = place.partition("#")
    beside = Path(inspect.getfile(given)).parent / path
    card = load_card(str(beside) if beside.is_file() else path)
    return Subject(lambda: card_adapter(card, region or None), lambda adapter: samples_of_card(card, adapter))


def round_trip(remote: JSON) -> Any:
    """Give a `remote` as another process gets it."""
    try:
        return json.loads(json.dumps(remote, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise AssertionError(
            f"remote-json: {shown(remote)} is not JSON: {told(error)}; keep texts and numbers"
        ) from error


def _fresh(answer: Answer) -> Answer:
    return fresh(answer) if isinstance(answer, Reply) else answer
