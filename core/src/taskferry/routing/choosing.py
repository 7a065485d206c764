"""Gathers what is known of everyone who could do a job, and ranks them."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from taskferry.adapter import Adapter
from taskferry.engine import Engine
from taskferry.errors import AdapterError, InvalidParameters, PluginError, UsageError
from taskferry.ledger.history import Duration, Endings, model_and_size
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.registry import Registry
from taskferry.routing.asked import route_operation, takes_part
from taskferry.routing.needs import lacks_picture
from taskferry.routing.ranking import compared, ranked
from taskferry.routing.route import Policy, Route, RouteRow
from taskferry.spend import Caps, Held, Reservation, check, price_of, quantity_of
from taskferry.text import clean

RECENT = 86_400.0
"""Seconds back to which failures count."""
_ENOUGH = 3
"""Past jobs from which on they say more than the provider does."""


@frozen(kw_only=True)
class Known:
    """What the ledger knows that concerns everyone."""

    caps: Caps
    held: Sequence[Held]
    endings: Mapping[str, Endings]
    day: str
    """Today in UTC, as caps count days."""


async def choose(
    engine: Engine,
    registry: Registry,
    asked: str,
    parameters: Mapping[str, Any],
    policy: Policy,
    caps: Caps,
    *,
    left_out: Collection[str] = (),
) -> Route:
    """Rank everyone who makes what is asked for; those named in `left_out` have refused the job already.

    Nothing is sent. Raise InvalidParameters for parameters that nobody could take.
    """
    operation = route_operation(asked)
    valid = validate(operation, parameters)
    known = await engine.call(_known, engine, caps)
    rows = []
    for offered, adapter in _offered(engine, registry, operation):
        if offered.name in left_out:
            rows.append(RouteRow(operation=offered.name, excluded="It has refused this job already."))
            continue
        past = await engine.call(engine.ledger.durations, offered.name, *model_and_size(valid))
        rows.append(_row(engine, offered, adapter, valid, known, past))
    return Route(asked=asked, policy=policy, rows=ranked(compared(rows, caps), policy))


def _known(engine: Engine, caps: Caps) -> Known:
    ledger = engine.ledger
    return Known(
        caps=caps, held=ledger.held(caps), endings=ledger.endings(engine.clock.now() - RECENT), day=ledger.today
    )


def _offered(engine: Engine, registry: Registry, asked: Operation) -> Iterator[tuple[Operation, Adapter]]:
    for provider in registry.providers:
        try:
            adapter = registry.adapter(provider, engine.accounts.generation(provider))
        except (PluginError, UsageError):
            continue  # `taskferry doctor` shows it, and it offers nothing
        yield from ((operation, adapter) for operation in adapter.operations if takes_part(operation, asked))


def _row(
    engine: Engine,
    operation: Operation,
    adapter: Adapter,
    parameters: Mapping[str, Any],
    known: Known,
    past: Sequence[Duration],
) -> RouteRow:
    typical = operation.typical.scaled(engine.speed)
    learned = [one.queue_seconds + one.run_seconds for one in past]
    ended = known.endings.get(operation.name, Endings())
    row = RouteRow(
        operation=operation.name,
        seconds=statistics.median(learned) if len(learned) >= _ENOUGH else typical.queue + typical.median,
        learned=len(learned) >= _ENOUGH,
        succeeded=ended.succeeded,
        failed=ended.failed,
    )
    if lacks_picture(operation, parameters):
        return evolve(row, excluded="It needs an image.")
    try:
        valid = validate(operation, parameters)
        row = evolve(row, price=price_of(adapter, operation, valid))
        engine.accounts.account(operation.provider)  # raises MissingKey
        asked = Reservation(caps=known.caps, quantity=quantity_of(operation, valid))
        check(operation.name, asked.held(operation.provider, row.price, known.day), known.caps, known.held)
    except InvalidParameters as error:
        return evolve(row, excluded="; ".join(clean(problem, 200) for problem in error.problems))
    except (UsageError, AdapterError) as error:
        return evolve(row, excluded=clean(str(error).replace("Nothing was sent.", ""), 300))
    return row
