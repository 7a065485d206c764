"""JMESPath as functions: what cards use most is compiled, the rest is left to the library's own interpreter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Read = Callable[[Any], Any]
Node = Mapping[str, Any]


def jmespath_read(text: str) -> Read:
    """Make the function of a JMESPath expression; raise ValueError where it is none.

    A function of it that is handed a wrong type finds nothing, as a path that leads nowhere does.
    """
    from jmespath.parser import Parser  # plain paths do without it

    inner = _compiled(Parser().parse(text).parsed)

    def read(value: Any) -> Any:
        try:
            return inner(value)
        except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
            return None  # JMESPath's errors of type are ValueErrors, and some of its functions raise Python's own

    return read


def _compiled(node: Node) -> Read:
    make = _MAKERS.get(node["type"])
    return _interpreted(node) if make is None else make(node)


@cache
def _interpreter() -> Any:
    from jmespath.visitor import TreeInterpreter

    return TreeInterpreter()


def _interpreted(node: Node) -> Read:
    interpreter = _interpreter()
    return lambda value: interpreter.visit(node, value)


def _field(node: Node) -> Read:
    name = node["value"]
    return lambda value: value.get(name) if value.__class__ is dict else None


def _index(node: Node) -> Read:
    place = node["value"]
    return lambda value: value[place] if isinstance(value, list) and -len(value) <= place < len(value) else None


def _chain(node: Node) -> Read:
    reads = [_compiled(child) for child in node["children"]]

    def read(value: Any) -> Any:
        for step in reads:
            value = step(value)
        return value

    return read


def _itself(_: Node) -> Read:
    return lambda value: value


def _literal(node: Node) -> Read:
    constant = node["value"]
    return lambda _: constant


def _either(node: Node) -> Read:
    left, right = map(_compiled, node["children"])
    return lambda value: found if is_true(found := left(value)) else right(value)


def _both(node: Node) -> Read:
    left, right = map(_compiled, node["children"])
    return lambda value: right(value) if is_true(found := left(value)) else found


def _not(node: Node) -> Read:
    inner = _compiled(node["children"][0])
    return lambda value: not is_true(inner(value))


def _comparison(node: Node) -> Read:
    if node["value"] not in ("eq", "ne"):
        return _interpreted(node)
    left, right = map(_compiled, node["children"])
    wanted = node["value"] == "eq"

    def read(value: Any) -> bool:
        one, other = left(value), right(value)
        same = one == other and (one.__class__ is bool) == (other.__class__ is bool)  # true is not 1 in JSON
        return bool(same) is wanted

    return read


def is_true(value: Any) -> bool:
    """Tell what JMESPath takes for true: all but null, false and what is empty; so 0 is true."""
    return bool(value) or value.__class__ in (int, float)


_MAKERS: Mapping[str, Callable[[Node], Read]] = {
    "field": _field,
    "index": _index,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "identity": _itself,
    "current": _itself,
    "literal": _literal,
    "or_expression": _either,
    "and_expression": _both,
    "not_expression": _not,
    "comparator": _comparison,
}
"""By the library's names of nodes; index expressions within projections and all others go to its interpreter."""
