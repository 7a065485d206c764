"""Parameters: schemas that fit their own defaults, and wire forms that fit their schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.example import example_parameters
from taskferry.cards.reading.operations import operation_schema, parameter_schema
from taskferry.cards.reading.provider import word_text
from taskferry.cards.schema import Finding, nearest
from taskferry.cards.semantics.destinations import destination_problems
from taskferry.text import clean

Where = tuple[str | int, ...]
_TAKEN = frozenset({"task_id"})
"""Places that mean something else in a submit."""


def parameter_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find what is wrong with parameters, their defaults and an operation's example."""
    for name, operation in document["operations"].items():
        path: Where = ("operations", name)
        parameters = operation.get("parameters", {})
        for one, table in parameters.items():
            yield from _parameter((*path, "parameters", one), one, table, document)
        yield from _example((*path, "example"), operation.get("example", {}), parameters)
        yield from destination_problems(path, operation)


def _parameter(path: Where, name: str, table: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Finding]:
    if name in _TAKEN:
        yield Finding(path, f'is called "{name}", which is a place of its own')
    schema = parameter_schema(table)
    refused = _refusals(schema, table["default"]) if "default" in table else _refusals(schema)
    for what in refused:
        yield Finding((*path, "default") if "default" in table else path, what)
    yield from _wire((*path, "wire"), table)
    yield from _send((*path, "send"), table, document)


def _refusals(schema: dict[str, Any], *values: Any) -> Iterator[str]:
    """Say what a schema finds wrong with a value, or that it is no schema."""
    import jsonschema_rs  # only where a card is read

    try:
        validator = jsonschema_rs.Draft202012Validator(schema)
        for value in values:
            for error in validator.iter_errors(value):
                yield f"is refused by its own schema: {clean(error.message, 200)}"
    except ValueError as error:
        yield f"is no JSON Schema: {clean(error, 200)}"


def _wire(path: Where, table: Mapping[str, Any]) -> Iterator[Finding]:
    wire = table.get("wire", {})
    text = wire if isinstance(wire, str) else wire.get("text")
    if text is not None and text.count("{}") != 1:
        where = path if isinstance(wire, str) else (*path, "text")
        yield Finding(where, f'is "{clean(text, 60)}", which needs {{}} once, for the value')
    if isinstance(wire, str):
        return
    if wire.get("always") and "default" not in table:
        yield Finding((*path, "always"), "sends the default, which there is none of")
    values = [word_text(value) for value in table.get("enum", ())]
    for word in wire.get("words", {}):
        if values and word not in values:
            yield Finding(
                (*path, "words", word), "is no value of the enum", allowed=values, nearest=nearest(word, values)
            )


def _send(path: Where, table: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Finding]:
    media = "media" in (table.get("format"), table.get("items", {}).get("format"))
    if "send" in table and not media:
        yield Finding(path, 'is for files; the parameter lacks format = "media"')
    if table.get("send") == "upload" and "upload" not in document:
        yield Finding(path, 'is "upload", and the card lacks the table [upload]')


def _example(path: Where, example: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Finding]:
    for name in example:
        if name not in parameters:
            known = list(parameters)
            yield Finding((*path, name), "is no parameter", allowed=known, nearest=nearest(name, known))
    schema = operation_schema(parameters)
    if not example:
        for what in _refusals(schema, example_parameters(schema, {})):
            yield Finding(path, f'lacks "example", and the one made from the schema {what}', about_table=True)
        return
    known_values = {name: value for name, value in example.items() if name in parameters}
    for what in _refusals(schema, known_values):
        yield Finding(path, what)
