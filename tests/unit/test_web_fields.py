"""Forms made from schemas: which control a parameter gets, and how what is typed becomes its value."""

from __future__ import annotations

from typing import Any

import pytest

from taskferry import Operation, Registry, Typical
from taskferry.web.fields import fields_of, read_value

OFFERED = {operation.name: operation for operation in Registry(disabled="").operations()}


def an_operation(required: tuple[str, ...] = (), **properties: Any) -> Operation:
    """Make an operation with these parameters."""
    return Operation(
        name="acme/thing",
        title="Thing",
        description="A thing.",
        kind="image",
        parameters={"type": "object", "properties": properties, "required": list(required)},
        typical=Typical(median=1, slow=2),
    )


@pytest.mark.parametrize(
    ("schema", "control"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "select"),
        ({"type": "integer", "enum": [5, 10]}, "select"),
        ({"type": "boolean"}, "select"),
        ({"type": "integer", "minimum": 1}, "number"),
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 4000}, "prose"),
        ({"type": "string", "format": "media"}, "media"),
        ({"type": "array", "items": {"type": "string", "format": "media"}}, "medias"),
        ({"type": "array", "items": {"type": "string"}}, "lines"),
        ({"type": "array", "items": {"type": "object"}}, "json"),
        ({"type": "object"}, "json"),
        ({}, "json"),
    ],
    ids=str,
)
def test_a_parameter_gets_the_control_that_fits_it(schema: dict[str, Any], control: str) -> None:
    """Choices are chosen, numbers counted, files given."""
    [field] = fields_of(an_operation(thing=schema), {})

    assert field.control == control


def test_needed_parameters_come_first_with_their_limits() -> None:
    """In the words of HTML; the hint says the rest."""
    operation = an_operation(
        ("size",),
        seed={"type": "integer", "description": "Chance."},
        size={
            "type": "number",
            "minimum": 0.5,
            "maximum": 4,
            "multipleOf": 0.5,
            "description": "How big.",
            "default": 1,
        },
    )

    size, seed = fields_of(operation, {"size": 2}, {"size": "Too big."})

    assert (size.name, size.required, size.value, size.error) == ("size", True, "2", "Too big.")
    assert size.limits == {"min": "0.5", "max": "4", "step": "0.5"}
    assert size.hint == "How big. at least 0.5, at most 4, default 1"
    assert (seed.required, seed.limits) == (False, {"step": "1"})


def test_a_choice_says_what_happens_without_one() -> None:
    """The first entry leaves the parameter out, so that the provider's own default holds."""
    [field] = fields_of(an_operation(audio={"type": "boolean", "default": False}), {"audio": True})

    assert field.options == [("", "(default: no)"), ("true", "yes"), ("false", "no")]
    assert field.value == "true"


@pytest.mark.parametrize(
    ("schema", "typed", "value"),
    [
        ({"type": "string"}, "  ", None),
        ({"type": "string"}, "1", "1"),
        ({"type": "string"}, "two\r\nlines", "two\nlines"),
        ({"type": "integer"}, " 7 ", 7),
        ({"type": "number"}, "0.5", 0.5),
        ({"type": "integer"}, "seven", "seven"),
        ({"type": "boolean"}, "false", False),
        ({"type": "string", "enum": ["5", "10"]}, '"5"', "5"),
        ({"type": "integer", "enum": [5, 10]}, "5", 5),
        ({"type": "array", "items": {"type": "string"}}, "tail\r\n\r\n left ear ", ["tail", "left ear"]),
        ({"type": "array", "items": {"type": "number"}}, "1\n0.5", [1, 0.5]),
        ({"type": "array", "items": {"type": "object"}}, '[{"view": "front"}]', [{"view": "front"}]),
        ({"type": "object"}, "{broken", "{broken"),
        ({"type": "string", "format": "media"}, " https://acme.example/1.png ", "https://acme.example/1.png"),
    ],
    ids=str,
)
def test_what_is_typed_is_read_by_the_schema(schema: dict[str, Any], typed: str, value: object) -> None:
    """What cannot be read stays as it is, so that validation can name it."""
    assert read_value(schema, typed) == value


@pytest.mark.parametrize("name", OFFERED)
def test_every_example_survives_its_form(name: str) -> None:
    """A form filled with an operation's example asks for exactly that example."""
    operation = OFFERED[name]
    schemas = operation.parameters["properties"]

    fields = {field.name: field for field in fields_of(operation, operation.example)}
    read = {name: read_value(schema, fields[name].value) for name, schema in schemas.items()}

    assert {name: value for name, value in read.items() if value is not None} == dict(operation.example)
