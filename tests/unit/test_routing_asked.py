"""What can be asked for without naming a provider, and whose operations take part."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from attrs import evolve

from taskferry import Amount, CostExceeded, Registry, UnknownName, UsageError
from taskferry.parameters import validate
from taskferry.routing import is_route, route_operation, route_operations
from taskferry.routing.asked import takes_part
from taskferry.routing.needs import lacks_picture
from taskferry.spend import Caps, Held, check
from taskferry.task import Kind


@pytest.mark.parametrize("asked", ["any/image", "any/video", "any/music", "any/model"])
def test_only_what_makes_just_that_takes_part(asked: str) -> None:
    """Of all the bundled operations: no upscaler, no campaign, no texture, no trial."""
    operation = route_operation(asked)
    taking_part = {one.name for one in Registry(disabled="").operations() if takes_part(one, operation)}
    shorts = {name.partition("/")[2] for name in taking_part}

    assert taking_part
    assert shorts <= {
        asked.partition("/")[2],
        *(f"{source}-to-{asked.partition('/')[2]}" for source in ("text", "image", "multiview")),
    }


def test_the_example_of_each_is_valid() -> None:
    """And each makes another kind of media."""
    kinds = {operation.kind for operation in route_operations()}

    assert all(validate(operation, operation.example) for operation in route_operations())
    assert kinds == {Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.MODEL}


@pytest.mark.parametrize(("name", "expected"), [("any/video", True), ("anyone/video", False), ("acme/any", False)])
def test_a_name_tells_whether_the_provider_is_open(name: str, expected: bool) -> None:
    """By what stands before the slash."""
    assert is_route(name) is expected


def test_a_misspelt_one_names_those_that_there_are() -> None:
    """As any unknown name."""
    with pytest.raises(UnknownName, match="any/video"):
        route_operation("any/vidoe")


def test_no_plugin_and_no_card_may_take_the_name() -> None:
    """It becomes a row with the reason."""
    registry = Registry(entry_points=[EntryPoint("greedy", "orchard:GREEDY", "taskferry")], disabled="")

    assert [row.problem for row in registry.rows] == [
        "ValueError: no provider may be named 'any': it stands for whichever provider fits"
    ]


REQUIRED: dict[str, tuple[dict[str, Any], bool]] = {
    "required": ({"required": ["image"]}, True),
    "either of two": ({"allOf": [{"oneOf": [{"required": ["image"]}, {"required": ["images"]}]}]}, True),
    "a picture or a prompt": ({"anyOf": [{"required": ["image"]}, {"required": ["prompt"]}]}, False),
    "a picture or nothing": ({"anyOf": [{"required": ["image"]}, {"minProperties": 1}]}, False),
    "only for one model": ({"allOf": [{"if": {"required": ["model"]}, "then": {"required": ["image"]}}]}, False),
    "a prompt": ({"required": ["prompt"]}, False),
}


@pytest.mark.parametrize(("rules", "lacking"), REQUIRED.values(), ids=REQUIRED)
def test_an_operation_that_starts_from_a_picture_is_known(rules: dict[str, Any], lacking: bool) -> None:
    """However the schema says so; a picture that was given is enough."""
    operation = evolve(route_operation("any/video"), parameters={"type": "object", **rules})

    assert lacks_picture(operation, {"prompt": "waves"}) is lacking
    assert not lacks_picture(operation, {"prompt": "waves", "image": "https://a.example/1.png"})


def test_several_caps_on_one_task_all_hold() -> None:
    """As a toolbox's and a model's do."""
    caps = Caps(rates={("acme", "credits"): Amount.parse("0.01 USD")}).with_task_caps("2 USD, 150 USD", "max_cost")

    assert [str(cap.limit) for cap in caps.caps] == ["2 USD", "150 USD"]
    with pytest.raises(CostExceeded, match="more than the cap of 2 USD"):
        check("acme/video", Held(day="", provider="acme", amount=Amount.parse("3 USD").value, unit="USD"), caps)
    with pytest.raises(UsageError, match="is not an amount"):
        caps.with_task_caps("2 USD,", "max_cost")
