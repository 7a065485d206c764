"""Whatever a provider answers, a card's adapter gives a result or an error of ours."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_driving import FOLDER, card, request
from taskferry import Adapter, Exchange, Observation, ProviderError, Reply, TaskferryError
from taskferry.cards import Card, card_adapter, load_card

NAMES = ["acme", "small", *(f"strange/{path.stem}" for path in sorted((FOLDER / "strange").glob("*.toml")))]
CARDS = {name: card(name) for name in NAMES}
ADAPTERS = {name: card_adapter(made) for name, made in CARDS.items()}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.fixed_dictionaries(
    {}, optional={"x-wait": st.text(max_size=5), "openai-poll-after-ms": st.text(max_size=5)}
)


def bodies(made: Card) -> list[Any]:
    return [example.body for example in made.examples if example.body is not None]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Name every place in a document, its root among them."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@st.composite
def replies(draw: st.DrawFn, made: Card) -> Reply:
    """A documented body with one value of any kind in it, any JSON, or any bytes."""
    kind = draw(st.sampled_from(["mutated", "mutated", "json", "bytes"]))
    if kind == "mutated":
        body = draw(st.sampled_from(bodies(made)))
        body = changed(body, draw(st.sampled_from(places(body))), draw(JSON))
        content = json.dumps(body).encode("utf-8", "surrogatepass")
    else:
        content = draw(st.binary(max_size=40)) if kind == "bytes" else json.dumps(draw(JSON)).encode()
    return Reply(draw(st.sampled_from([200, 200, 200, 201, 202, 400, 404, 429, 500])), content, draw(HEADERS))


def end(adapter: Adapter, exchange: Exchange[Any], reply: Reply) -> Any:
    """Answer an exchange with the same reply until it ends; None where it ended with an error of ours."""
    try:
        next(exchange)
        for _ in range(5):
            failed = adapter.failure(reply)
            exchange.send(reply) if failed is None else exchange.throw(ProviderError(failed))
    except StopIteration as stop:
        return stop.value
    except TaskferryError:
        return None
    raise AssertionError("the exchange goes on for ever")


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=int(os.environ.get("CARD_BODIES", "40")), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_reply_to_any_call_gives_a_result_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    """Looks, submits, lists, balances and cancels alike."""
    adapter, reply = ADAPTERS[name], data.draw(replies(CARDS[name]))
    remote = {"id": "1", "task_id": "1", "path": "v1/x", "polling_url": "/x", "status_url": "/x", "operation": "model"}
    asked = [request(adapter, one.name.partition("/")[2], **one.example) for one in adapter.operations]

    seen = end(adapter, adapter.fetch(remote), reply)
    for one in asked:
        end(adapter, adapter.submit(one), reply)
    if hasattr(adapter, "recent"):
        end(adapter, adapter.recent(asked[0]), reply)
        end(adapter, adapter.balance(), reply)
        end(adapter, adapter.cancel(remote), reply)

    assert seen is None or (isinstance(seen, Observation) and all(isinstance(one.url, str) for one in seen.artifacts))
    assert seen is None or isinstance(seen.provider_status, str)


@pytest.mark.parametrize("depth", [100, 900, 5000, 100_000])
def test_a_body_that_is_nested_too_deeply_is_an_error_of_ours(depth: int) -> None:
    """Nobody's stack overflows."""
    adapter = ADAPTERS["acme"]
    deep = b'{"code": ' + b"[" * depth + b"]" * depth + b', "data": {"state": ' + b"[" * depth + b"]" * depth + b"}}"

    for status in (200, 400):
        assert end(adapter, adapter.fetch({"id": "1", "operation": "video"}), Reply(status, deep)) is None


def test_a_card_reads_the_same_whoever_read_before(tmp_path: Path) -> None:
    """An adapter keeps nothing between calls, and two of one card nothing between them."""
    first, second = ADAPTERS["acme"], card_adapter(load_card(str(FOLDER / "acme.toml")))
    reply = Reply(200, json.dumps({"data": {"state": "done", "outputs": [{"url": "/a"}]}}).encode())
    remote = {"id": "1", "operation": "video"}

    one = end(first, first.fetch(remote), reply)
    end(first, first.fetch(remote), Reply(200, b"{}"))
    again, other = end(first, first.fetch(remote), reply), end(second, second.fetch(remote), reply)

    assert one == again == other
