"""The replies that a provider documents, as an author gives them to the kit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import frozen

from taskferry.operation import Operation
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.testing.contract.bodies import Path as Place
from taskferry.testing.contract.bodies import fresh, json_of, leaves, word_of
from taskferry.testing.contract.requiring import require, shown
from taskferry.testing.contract.values import values_of

Look = tuple[Reply, ...]
"""The replies that one look gets in turn: one, or more where results are further reads away."""
UNDER_WAY = (Status.QUEUED, Status.RUNNING)
COMMON_WORDS: Mapping[str, Status] = MappingProxyType(
    {
        **dict.fromkeys(("queued", "pending", "waiting", "in_queue", "submitted"), Status.QUEUED),
        **dict.fromkeys(("running", "processing", "in_progress", "generating", "working"), Status.RUNNING),
        **dict.fromkeys(("succeeded", "success", "completed", "complete", "done", "finished"), Status.SUCCEEDED),
        **dict.fromkeys(("failed", "failure", "fail", "error"), Status.FAILED),
        **dict.fromkeys(("cancelled", "canceled"), Status.CANCELLED),
        "expired": Status.EXPIRED,
    }
)
"""What the field's usual words mean wherever they are used; others mean what the author says."""


@frozen(kw_only=True)
class OperationSamples:
    """What the provider answers about jobs of one operation."""

    operation: Operation
    created: Sequence[Reply]
    """Replies to the calls of a submit; one alone is the reply to the billed call."""
    looks: Mapping[str, Look]
    """By the provider's word."""
    given: Mapping[str, Any] = MappingProxyType({})
    """Parameters that the author adds to the operation's example."""

    @property
    def parameters(self) -> dict[str, Any]:
        """Give a job: the operation's example with what the author adds, and whatever else is needed."""
        known = self.operation.parameters.get("properties", {})
        needed = {name: next(values_of(known[name]), None) for name in self.operation.required if name in known}
        whole = {**needed, **self.operation.example, **self.given}
        return {name: value.as_uri() if isinstance(value, Path) else value for name, value in whole.items()}

    @property
    def patience(self) -> float:
        """Say how many seconds a job is waited for that should end: far longer than one takes, and not for ever."""
        return max(3600.0, 10 * self.operation.typical.slow)

    @property
    def word_paths(self) -> Sequence[Place]:
        """Say where in a status reply the word stands; empty where it is not in the body."""
        found = [
            {path for path, value in leaves(json_of(look[0])) if word_of(value) == word}
            for word, look in self.looks.items()
        ]
        counts = {path: sum(path in paths for paths in found) for paths in found for path in paths}
        most = max(counts.values(), default=0)
        return [path for path, count in counts.items() if count == most]


@frozen(kw_only=True)
class Samples:
    """Everything that a provider is known to answer."""

    operations: Sequence[OperationSamples]
    statuses: Mapping[str, Status]
    """What words mean, as far as the author says."""
    unknown: Status | None = None
    """What a word counts as that is in no table; None: it changes nothing."""
    refused: Sequence[Reply] = ()
    uploaded: Sequence[Reply] = ()
    cancelled: Look | None = None
    balance: Look | None = None
    recent: Look | None = None

    def status_of(self, word: str) -> Status | None:
        """Give what a word has to mean; None where nobody says."""
        return self.statuses.get(word, COMMON_WORDS.get(word.lower()))


def reply_of(given: Any) -> Reply:
    """Make a reply from a JSON body, from `(http, body)`, or from a Reply."""
    if isinstance(given, Reply):
        return fresh(given)
    http, body = given if isinstance(given, tuple) else (200, given)
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Reply(http, content, {"content-type": "application/json"})


def look_of(given: Any) -> Look:
    """Make a look from one reply, or from a list of them in turn."""
    return tuple(map(reply_of, given if isinstance(given, list) else [given]))


def samples_of(given: Mapping[str, Any], operations: Sequence[Operation]) -> Samples:
    """Read the samples that stand in a test class's attributes."""
    names = {operation.name.partition("/")[2]: operation for operation in operations}
    names |= {operation.name: operation for operation in operations}
    created, replies = given.get("created"), given.get("replies")
    require(created, "samples: give `created`, the reply to a create as the provider documents it")
    require(replies, "samples: give `replies`, a status reply for each of the provider's words")
    made = []
    for operation in operations:
        create, looks = _of(operation, created, names), _of(operation, replies, names)
        added = _of(operation, given.get("parameters"), names) or {}
        if create is not None and looks is not None:
            words = {str(word): look_of(reply) for word, reply in looks.items()}
            one = OperationSamples(operation=operation, created=look_of(create), looks=words, given=added)
            made.append(one)
    require(made, f"samples: `created` and `replies` have no operation in common; there are {', '.join(names)}")
    unknown = given.get("unknown")
    return Samples(
        operations=made,
        statuses={str(word): Status(status) for word, status in (given.get("statuses") or {}).items()},
        unknown=None if unknown is None else Status(unknown),
        refused=look_of(given["refused"]) if given.get("refused") is not None else (),
        uploaded=look_of(given["uploaded"]) if given.get("uploaded") is not None else (),
        **{name: look_of(given[name]) for name in ("cancelled", "balance", "recent") if given.get(name) is not None},
    )


def _of(operation: Operation, given: Any, names: Mapping[str, Operation]) -> Any:
    """Give an operation's own samples from a mapping by operation, or those that stand for all."""
    if not (isinstance(given, Mapping) and given and all(name in names for name in given)):
        return given
    own = [value for name, value in given.items() if names[name] is operation]
    require(len(own) < 2, f"samples: {operation.name} has two samples: {shown(own)}")
    return own[0] if own else None
