"""Cards of the tests, and a driver that answers what their adapters ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taskferry import Adapter, Call, Exchange, ProviderError, Reply, Request
from taskferry.cards import Card, card_adapter, load_card, read_card

FOLDER = Path(__file__).parent / "cards"
SMALL = (FOLDER / "small.toml").read_text()


def card(name: str) -> Card:
    """Read a card of tests/cards."""
    return load_card(str(FOLDER / f"{name}.toml"))


def small(old: str = "", new: str = "", more: str = "") -> Adapter:
    """Compile the smallest card with one part changed and some tables more."""
    assert old in SMALL
    examples = SMALL.index("[[examples]]")
    changed = (SMALL[:examples] + more + "\n" + SMALL[examples:]).replace(old, new)
    return card_adapter(read_card(changed, "small.toml"), installed=True)


def request(adapter: Adapter, operation: str, **parameters: Any) -> Request:
    """Ask for a job of an operation, named without the provider."""
    found = next(one for one in adapter.operations if one.name.endswith(f"/{operation}"))
    return Request(task_id="t1", operation=found, parameters=parameters)


def answer(body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Make a reply with a JSON body, or with bytes as they are."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Reply(status, content, headers or {})


def drive(adapter: Adapter, exchange: Exchange[Any], *replies: Reply) -> tuple[list[Call], Any]:
    """Answer an exchange with replies, raising in it those that the adapter takes for failures."""
    calls = [next(exchange)]
    for reply in replies:
        failed = adapter.failure(reply)
        try:
            call = exchange.send(reply) if failed is None else exchange.throw(ProviderError(failed))
        except StopIteration as stop:
            return calls, stop.value
        calls.append(call)
    raise AssertionError(f"the exchange asks for more: {calls}")
