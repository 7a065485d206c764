"""A sample reply being written: values are set, read and taken out by the expressions that a card reads them with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry.cards.expression import HEADER, HTTP, Every, Expression, Step, compile_expression
from taskferry.reply import Reply


class Sheet:
    """A reply in the making; it owns its body."""

    def __init__(self, http: int, headers: Mapping[str, str], body: Any) -> None:
        self.http = http
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = copied(body)

    def read(self, text: str) -> Any:
        """Give what an expression finds."""
        return compile_expression(text).of(Reply(self.http, b"", self.headers), self.body)

    def set(self, text: str, value: Any) -> bool:
        """Write where an expression reads, in the type of what is there; tell whether that could be done."""
        expression = compile_expression(text)
        if expression.variable is not None:
            return self._set_variable(*expression.variable, value)
        if expression.steps is None:
            return self._replace_found(expression, value)
        self.body = placed(self.body, expression.steps, alike(value, self.read(text)))
        return True

    def drop(self, text: str) -> None:
        """Take out what an expression finds."""
        expression = compile_expression(text)
        if expression.variable is not None:
            self.headers.pop(expression.variable[1], None)
        elif expression.steps is not None:
            self.body = without(self.body, expression.steps)
        else:
            self._replace_found(expression, None)

    def _set_variable(self, name: str, member: str, value: Any) -> bool:
        if name == HTTP:
            self.http = int(value)
        elif name == HEADER:
            self.headers[member] = str(value)
        return name in (HTTP, HEADER)

    def _replace_found(self, expression: Expression, value: Any) -> bool:
        """Put a value in the place of the texts that an expression, which is no path, finds in the body."""
        found = expression.of(Reply(self.http, b"", self.headers), self.body)
        olds = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str) and one]
        news = value if isinstance(value, list) else [value] * len(olds)
        for old, new in zip(olds, [*news, *[None] * len(olds)], strict=False):
            self.body = replaced(self.body, old, new)
        return bool(olds) and self.read(expression.text) in (value, [value])


def copied(value: Any) -> Any:
    """Copy a document."""
    if isinstance(value, Mapping):
        return {name: copied(inner) for name, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list | tuple) else value


def replaced(value: Any, old: str, new: Any) -> Any:
    """Give a document in which every text that is `old` is `new`."""
    if isinstance(value, dict):
        return {name: replaced(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, old, new) for inner in value]
    return new if value == old and isinstance(value, str) else value


def placed(value: Any, steps: Sequence[Step], new: Any) -> Any:
    """Give a document with a value at the end of a path; for each item of a list, there is a list of values."""
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if step is Every.ITEM:
        first = value[0] if isinstance(value, list) and value else None
        return [placed(copied(first), rest, one) for one in (new if isinstance(new, list) else [new])]
    if isinstance(step, int):
        items = list(value) if isinstance(value, list) else []
        place = step if step >= 0 else max(len(items) + step, 0)
        items += [None] * (place + 1 - len(items))
        items[place] = placed(items[place], rest, new)
        return items
    table = value if isinstance(value, dict) else {}
    return {**table, str(step): placed(table.get(str(step)), rest, new)}


def without(value: Any, steps: Sequence[Step]) -> Any:
    """Give a document without what is at the end of a path."""
    if not steps:
        return None
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        if step is Every.ITEM:
            return [without(item, rest) for item in value] if rest else []
        if isinstance(step, int) and -len(value) <= step < len(value):
            kept = [*value]
            kept[step : (step + 1) or None] = [without(value[step], rest)] if rest else []
            return kept
    if isinstance(value, dict) and step in value:
        inner = {str(step): without(value[str(step)], rest)} if rest else {}
        return {name: inner.get(name, one) for name, one in value.items() if rest or name != step}
    return value


def alike(value: Any, old: Any) -> Any:
    """Give a value in the type of an older one, where it can be written so: numbers as texts, codes as numbers."""
    if isinstance(old, str) and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(old, bool) and value in ("true", "false"):
        return value == "true"
    if isinstance(old, int) and not isinstance(old, bool):
        if isinstance(value, str) and value.lstrip("-").isdecimal():
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
    return value
