"""Cases about operations: their names, texts, times and the JSON Schema of their parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from taskferry.errors import InvalidParameters
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.task import Kind
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.requiring import require, shown

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
_TYPED = ("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const", "multipleOf")
_PYTHON: Mapping[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip


class SchemaCases(Contract):
    """What callers, command lines and agents are told of operations."""

    def test_operations_are_named(self) -> None:
        """Operations have names as provider/verb-or-kind, each once, a title, and a description that is a sentence."""
        operations = self.subject.adapter.operations
        names = [operation.name for operation in operations]
        require(operations, "operation: the adapter offers none")
        require(len(set(names)) == len(names), f"operation: a name is there twice: {sorted(names)}")
        require(len({operation.provider for operation in operations}) == 1, f"operation: of several providers: {names}")
        for one in operations:
            require(_NAME.fullmatch(one.name), f"operation: {one.name!r} is not named as provider/verb-or-kind")
            require(one.title.strip(), f"operation: {one.name} has no title")
            require(len(one.description.split()) >= 2, f"operation: {one.name} has no description; say what it makes")
            require(isinstance(one.kind, Kind), f"operation: {one.name} makes {one.kind!r}, which is no kind")

    def test_typical_durations(self) -> None:
        """Typical durations are seconds above 0, and the slow ones are not shorter than the usual."""
        for one in self.subject.adapter.operations:
            typical = one.typical
            require(
                0 < typical.median <= typical.slow and typical.queue >= 0,
                f"typical: {one.name}: {typical}; give seconds, with 0 < median <= slow",
            )

    def test_schemas_are_sound(self) -> None:
        """The parameters' schema is a valid JSON Schema 2020-12 of an object that takes nothing but its properties."""
        for one in self.subject.adapter.operations:
            schema = one.parameters
            try:
                jsonschema_rs.Draft202012Validator(json.loads(json.dumps(dict(schema))))
            except (ValueError, TypeError) as error:
                raise AssertionError(f"schema: {one.name}: this is no JSON Schema 2020-12: {error}") from error
            require(schema.get("type") == "object", f"schema: {one.name}: the type has to be object")
            require(schema.get("properties"), f"schema: {one.name}: there are no properties")
            missing = set(schema.get("required", ())) - set(schema["properties"])
            require(not missing, f"schema: {one.name}: {sorted(missing)} is required and not among the properties")

    def test_parameters_are_described(self) -> None:
        """Every parameter has a plain name, a type and a description."""
        for where, name, schema in self._parameters():
            require(_PARAMETER.fullmatch(name), f"parameter: {where}: names are small letters, digits and underscores")
            require(any(key in schema for key in _TYPED), f"parameter: {where} has no type; say what it takes")
            described = str(schema.get("description", "")).strip()
            require(len(described) >= 3, f"parameter: {where} has no description; say what it does, with its unit")

    def test_parameters_have_limits(self) -> None:
        """Numbers have bounds, lists a largest length and a schema of their items, enumerations no value twice."""
        for where, _, schema in self._parameters():
            types = schema.get("type", ())
            types = (types,) if isinstance(types, str) else tuple(types)
            if {"integer", "number"} & set(types):
                require(
                    any(key in schema for key in _BOUNDS),
                    f"limits: {where} takes any number; give minimum and maximum, as far as they are documented",
                )
            if "array" in types:
                require(
                    "items" in schema and ("maxItems" in schema or "minItems" in schema),
                    f"limits: {where} takes any list; give items, and maxItems as far as it is documented",
                )
            low, high = schema.get("minimum"), schema.get("maximum")
            require(
                low is None or high is None or low <= high, f"limits: {where} has minimum {low} above maximum {high}"
            )
            values = [json.dumps(value, sort_keys=True) for value in schema.get("enum", ())]
            require(len(set(values)) == len(values), f"limits: {where} has a value twice in its enum")

    def test_enums_and_defaults(self) -> None:
        """An enum's values are of the type beside it, and a default is one of the values that are allowed."""
        for where, name, schema in self._parameters():
            kinds = _PYTHON.get(str(schema.get("type")))
            for value in schema.get("enum", ()):
                fits = kinds is None or (isinstance(value, kinds) and (kinds is bool or not isinstance(value, bool)))
                require(
                    fits, f"enum: {where}: {value!r} is not of type {schema.get('type')}; correct the one or the other"
                )
            if "default" in schema:
                wrong = _wrong(schema, schema["default"])
                require(
                    wrong is None,
                    f"default: {where}: the default {schema['default']!r} of {name} is not allowed: {wrong}",
                )

    def test_examples_are_valid(self) -> None:
        """The operation's example is a valid job, and so is every example of a parameter."""
        for one in self.subject.adapter.operations:
            require(one.example or not one.required, f"example: {one.name} has none; give a small, valid job")
            added = next((of.given for of in self.subject.operations if of.operation is one), {})
            wrong = _problem(one, {**one.example, **added})
            require(wrong is None, f"example: {one.name}: the example is not valid: {wrong}")
        for where, _, schema in self._parameters():
            for example in schema.get("examples", ()):
                wrong = _wrong(schema, example)
                require(wrong is None, f"example: {where}: {example!r} is not allowed: {wrong}")

    def _parameters(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for one in self.subject.adapter.operations:
            for name, schema in one.parameters.get("properties", {}).items():
                require(isinstance(schema, Mapping), f"parameter: {one.name}: {name} has no schema: {shown(schema)}")
                yield f"{one.name}: {name}", name, schema


def _wrong(schema: Mapping[str, Any], value: Any) -> str | None:
    checked = jsonschema_rs.Draft202012Validator(json.loads(json.dumps(dict(schema))))
    return next((error.message for error in checked.iter_errors(value)), None)


def _problem(operation: Operation, parameters: Mapping[str, Any]) -> str | None:
    try:
        validate(operation, parameters)
    except InvalidParameters as error:
        return "; ".join(map(str, error.problems))
    return None
