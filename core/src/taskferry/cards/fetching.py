"""The look of a card or of one operation of it, with the reads that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from taskferry.adapter import Exchange
from taskferry.call import Call
from taskferry.cards.hopping import Hop
from taskferry.cards.looking import Look
from taskferry.cards.model import Card, FetchSpec
from taskferry.errors import PluginError
from taskferry.reply import Reply
from taskferry.task import Kind, Observation


class Fetch:
    """The look of a card or of one operation, with the reads that it leads to."""

    def __init__(self, card: Card, spec: FetchSpec, kind: Kind) -> None:
        self._look = Look(spec, card, kind)
        self._hops = [Hop(hop, card, kind) for hop in spec.then]
        self._own_read = None if spec.python is None else python_step(spec.python)

    def call(self, remote: Mapping[str, Any]) -> Call:
        """Give the first read of a look; raise AdapterError for a job that no read can be about."""
        return self._look.call(remote)

    def fetch(self, remote: Mapping[str, Any]) -> Exchange[Observation]:
        """Look at the job."""
        look = self._look
        reply = yield look.call(remote)
        seen = look.read(reply, remote) if self._own_read is None else self._own_read(reply, remote)
        for hop in self._hops:
            if seen.status is hop.when:
                seen = yield from hop.follow(seen, reply, look.document(reply), remote)
        return cast("Observation", seen)

    def at_once(self, reply: Reply, remote: Mapping[str, Any]) -> Observation | None:
        """Read a create's reply like a status reply; None where the result takes further reads."""
        seen = self._look.read(reply, remote) if self._own_read is None else self._own_read(reply, remote)
        return None if any(seen.status is hop.when for hop in self._hops) else cast("Observation", seen)


def python_step(place: str) -> Callable[..., Any]:
    """Load a card's own step, written as `module:function`; raise PluginError."""
    module, _, name = place.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PluginError(f"The card's step in Python {place!r} cannot be loaded: {error}.") from error
    return cast("Callable[..., Any]", found)
