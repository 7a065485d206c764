"""Addresses that a card's provider gives in its replies, as paths of the stand-in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from taskferry.cards.expression import compile_expression
from taskferry.cards.model import CallSpec, Card, HopSpec
from taskferry.cards.samples import SampleReply, Samples
from taskferry.errors import CardError
from taskferry.reply import Reply
from taskferry.sandbox.card.problems import problem_in
from taskferry.status import Status

_PLACE = re.compile(r"\{\+?([A-Za-z_][A-Za-z0-9_]*)\}")
PROBE = "5a3d1c5e-0000-4000-8000-000000000000"
"""The id of a job that is made only to see what replies about it look like."""
BASE = "https://stand-in.example"


class Addresses:
    """Finds out which addresses a card's replies give, from the replies about one job."""

    def __init__(self, card: Card, prefix: str) -> None:
        self._card = card
        self._prefix = prefix
        self._samples = Samples(card, f"{BASE}{prefix}")

    def remote(self, operation: str, call: CallSpec) -> str | None:
        """Give the address of a call that the create reply names, with `{job_id}` in it; None for a path."""
        name = _PLACE.fullmatch(call.path)
        if name is None:
            return None
        remote = self._samples.remote(operation, PROBE)
        value = remote.get(name[1]) if isinstance(remote, Mapping) else None
        return self._checked(value, operation, name[1], "submit")

    def hop(self, operation: str, hop: int, then: HopSpec) -> str | None:
        """Give the address of a further read, with `{job_id}` in it; None for a path."""
        name = _PLACE.fullmatch(then.call.path)
        if name is None:
            return None
        if name[1] not in then.places:
            return self.remote(operation, then.call)
        reply = self._samples.status(operation, then.when, job_id=PROBE)
        value = compile_expression(then.places[name[1]]).of(_read(reply), reply.body)
        return self._checked(value, operation, name[1], f"fetch that is {Status(then.when)} (then[{hop}])")

    def _checked(self, value: object, operation: str, name: str, of: str) -> str:
        if isinstance(value, str) and value.startswith("/"):
            value = f"{BASE}{self._prefix}{value}"
        if isinstance(value, str) and value.startswith(BASE) and PROBE in value:
            return value.replace(PROBE, "{job_id}")
        what = (
            f"takes {{{name}}} as the address of a call, and the examples show {value!r}: add an example of {of} in "
            f"which it is an address on one of the provider's hosts that has the job's id in it"
        )
        raise CardError(self._card.source_name, [problem_in(self._card, f"operations.{operation}", what)])


def _read(sample: SampleReply) -> Reply:
    return Reply(sample.http, sample.content, sample.headers)
