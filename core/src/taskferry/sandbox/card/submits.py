"""The billed call of a card, read back into the parameters that the caller gave."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from taskferry.cards.model import OperationSpec, ParameterSpec
from taskferry.errors import InvalidParameters
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.reply import dig
from taskferry.sandbox.card.asked import SentFile
from taskferry.sandbox.card.inverse import Reading, places_of

_SOME_ADDRESS = "https://example.com/file"
"""Stands for whatever a file became on its way, where the schema is checked."""


@frozen(kw_only=True)
class Order:
    """One create as the provider understands it."""

    parameters: Mapping[str, Any]
    """By our names, as far as they were sent."""
    wrong: list[str]
    """Why it is refused, one sentence each."""

    @property
    def prompt(self) -> str:
        """Give the prompt, or whatever texts stand for one."""
        given = self.parameters.get("prompt")
        return given if isinstance(given, str) else " ".join(_texts(self.parameters))


def read_order(spec: OperationSpec, operation: Operation, reading: Reading, body: Any) -> Order:
    """Read the parameters of a create from its places, and what has none from below `under` in its body."""
    if spec.submit.python is not None:
        return Order(parameters=body if isinstance(body, Mapping) else {}, wrong=reading.wrong)
    call = spec.submit.call
    mentioned = places_of([call.path, dict(call.query), dict(call.headers), call.body])
    parameters = {}
    for name, parameter in spec.parameters.items():
        value = reading.values.get(name) if name in mentioned else _in_body(spec, parameter, body)
        if value is not None:
            parameters[name] = _ours(value, parameter, operation.parameters["properties"][name])
    return Order(parameters=parameters, wrong=[*reading.wrong, *_problems(operation, parameters)])


def _in_body(spec: OperationSpec, parameter: ParameterSpec, body: Any) -> Any:
    """Find a parameter that no place mentions; the fields of a form have flat names."""
    under = f"{spec.submit.under}.{parameter.to}" if spec.submit.under else parameter.to
    if isinstance(body, Mapping) and under in body:
        return body[under]
    return dig(body, under.replace("[", ".").replace("]", ""))


def _ours(value: Any, parameter: ParameterSpec, schema: Mapping[str, Any]) -> Any:
    """Give a parameter as the caller gave it: the inverse of words and text."""
    if isinstance(value, list):
        return [_ours(item, parameter, schema.get("items", {})) for item in value]
    words = [ours for ours, theirs in parameter.words.items() if theirs == value or str(theirs) == value]
    if words:
        return _typed(words[0], schema)
    if parameter.text is not None and isinstance(value, str):
        before, _, after = parameter.text.partition("{}")
        if value.startswith(before) and value.endswith(after):
            value = value[len(before) : len(value) - len(after)]
    return _typed(value, schema)


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """Give a text its type back, where it had to become one in a path, a query or among others."""
    if not isinstance(value, str) or "string" in _types(schema):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _types(schema: Mapping[str, Any]) -> set[str]:
    named = schema.get("type")
    if named is None:
        return {"string"} if any(isinstance(word, str) for word in schema.get("enum", ())) else set()
    return {named} if isinstance(named, str) else set(named)


def _problems(operation: Operation, parameters: Mapping[str, Any]) -> list[str]:
    known = operation.parameters["properties"]
    try:
        validate(operation, {name: _without_file(value, known[name]) for name, value in parameters.items()})
    except InvalidParameters as error:
        return [str(problem) for problem in error.problems]
    return []


def _without_file(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_without_file(item, schema.get("items", {})) for item in value]
    is_file = isinstance(value, SentFile) or (schema.get("format") == "media" and isinstance(value, str))
    return _SOME_ADDRESS if is_file else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str | SentFile):
        yield value if isinstance(value, str) else value.name
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
