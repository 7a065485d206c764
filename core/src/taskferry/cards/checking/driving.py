"""Drives a card's adapter with written replies instead of a provider."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from taskferry.adapter import Adapter, Exchange
from taskferry.call import Call
from taskferry.cards.model import Example
from taskferry.errors import AdapterError, CallForbidden, ProviderError
from taskferry.reply import Reply
from taskferry.signing import is_own_url


def reply_of(example: Example, adapter: Adapter) -> Reply:
    """Give an example as the reply that it shows."""
    content = b"" if example.body is None else json.dumps(example.body).encode()
    return Reply(example.http, content, example.headers, trace_headers=adapter.service.trace_headers)


def driven(exchange: Exchange[Any], adapter: Adapter, replies: Iterable[Reply]) -> Any:
    """Give an exchange's result, each of its calls answered by the next reply; one more call gets an empty document."""
    waiting = iter(replies)
    try:
        call = next(exchange)
        while True:
            _stays_home(call, adapter)
            reply = next(waiting, None) or Reply(200, b"{}", {})
            refused = adapter.failure(reply)
            if refused is None:
                call = exchange.send(reply)
            else:
                call = exchange.throw(ProviderError(refused))
    except StopIteration as stop:
        return stop.value
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise AdapterError(f"{type(error).__name__}: {error}") from error


def _stays_home(call: Call, adapter: Adapter) -> None:
    """Raise CallForbidden where the transport would, for an address that the provider gave."""
    service = adapter.service
    if call.signed and "://" in call.path and not is_own_url(call.path, service, service.base_url):
        address = call.path.partition("?")[0]
        raise CallForbidden(f"the key would go to {address}; name that host among [provider] hosts if it may have it.")
