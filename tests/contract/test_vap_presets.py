"""VAP's presets: several outputs in one task, as the map of the papers or the list of the PyPI client."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from taskferry import Kind, MalformedReply, Observation, Status
from taskferry.testing import answered, submitted
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.presets import FULL_PRODUCTION, STREAMING_CAMPAIGN

VAP = VapAdapter()
FILE = "https://files.example/"


def look(body: dict[str, Any]) -> Observation:
    seen: Observation = answered(VAP.fetch({"task_id": "t", "kind": "full_production"}), body).result
    return seen


def shown(seen: Observation) -> list[tuple[str, Kind, str | None]]:
    return [(artifact.name, artifact.kind, artifact.url) for artifact in seen.artifacts]


@pytest.mark.parametrize("operation", [STREAMING_CAMPAIGN, FULL_PRODUCTION], ids=lambda operation: operation.name)
def test_a_preset_is_one_create(operation: Any) -> None:
    """One prompt, one job, one price, several outputs."""
    preset = operation.name.removeprefix("vap/").replace("-", "_")

    accepted, calls = submitted(VAP, operation, {"task_id": "t", "status": "pending"}, prompt="a roastery")

    assert [(call.path, call.json) for call in calls] == [("/v3/execute", {"preset": preset, "prompt": "a roastery"})]
    assert accepted.remote == {"task_id": "t", "kind": preset}


@pytest.mark.parametrize(
    ("created", "path"),
    [
        ({"task_id": "t", "execution_id": "e"}, "/v3/tasks/t"),
        ({"execution_id": "e", "status": "reserved", "reserved_amount": "5.9000"}, "/v3/executions/e"),
    ],
)
def test_where_it_is_looked_at_follows_from_what_its_id_is_called(created: dict[str, Any], path: str) -> None:
    """No paper says where: a task's id leads to the tasks, an execution's to where the PyPI client looks."""
    accepted, _ = submitted(VAP, STREAMING_CAMPAIGN, created, prompt="a roastery")

    run = answered(VAP.fetch(accepted.remote), {"status": "processing"})

    assert [call.path for call in run.calls] == [path]
    assert run.result.status is Status.RUNNING


def test_a_preset_without_an_id_is_malformed() -> None:
    """It is the most expensive job of all, and must not pass for a refusal."""
    with pytest.raises(MalformedReply, match="task_id or execution_id"):
        submitted(VAP, STREAMING_CAMPAIGN, {"status": "pending"}, prompt="a roastery")


AS_MAP = {"video": FILE + "v", "music": FILE + "m", "thumbnail": FILE + "t"}
EXPECTED = [("video", Kind.VIDEO, FILE + "v"), ("music", Kind.AUDIO, FILE + "m"), ("thumbnail", Kind.IMAGE, FILE + "t")]


@pytest.mark.parametrize(
    "body",
    [
        {"outputs": AS_MAP},
        {"result": {"outputs": AS_MAP}},
        {"result": {f"{name}_url": url for name, url in AS_MAP.items()}},
        {"outputs": {name: {"url": url, "format": "x"} for name, url in AS_MAP.items()}},
        {"outputs": [{"type": name, "url": url, "size": 7} for name, url in AS_MAP.items()]},
        {"outputs": AS_MAP, "result": {"output_url": FILE + "elsewhere"}},
    ],
    ids=["map", "map in the result", "fields of the result", "map of objects", "list", "map beside a result"],
)
def test_every_output_is_an_artifact_of_its_own(body: dict[str, Any]) -> None:
    """By its name in a map, by its type in a list."""
    seen = look({"status": "completed", **body})

    assert (seen.status, shown(seen)) == (Status.SUCCEEDED, EXPECTED)


def test_several_outputs_of_a_type_are_numbered() -> None:
    """None is lost, none has another's name, and none comes twice."""
    outputs = [
        {"type": "image", "url": FILE + "1"},
        {"type": "image", "url": FILE + "2"},
        {"type": "image-2", "url": FILE + "3"},
        {"type": "image", "url": FILE + "1"},
        {"url": FILE + "4"},
        "noise",
        {"type": "audio"},
    ]

    seen = look({"status": "completed", "outputs": outputs})

    assert [(artifact.name, artifact.url) for artifact in seen.artifacts] == [
        ("image", FILE + "1"), ("image-2", FILE + "2"), ("image-2-2", FILE + "3"), ("output", FILE + "4"),
    ]  # fmt: skip


def test_texts_are_no_artifacts() -> None:
    """Metadata that is no address stays in the raw reply; one that is an address is a document."""
    outputs = {"video": FILE + "v", "metadata": {"title": "Sea"}, "seo": FILE + "seo.json", "tags": ["sea", "coffee"]}

    seen = look({"status": "completed", "outputs": outputs})

    assert shown(seen) == [("video", Kind.VIDEO, FILE + "v"), ("seo", Kind.DOCUMENT, FILE + "seo.json")]


def test_an_output_that_is_named_twice_goes_by_the_name_that_says_more() -> None:
    """`output_url` says nothing about what it holds."""
    seen = look({"status": "completed", "result": {"output_url": FILE + "v", "video_url": FILE + "v"}})

    assert shown(seen) == [("video", Kind.VIDEO, FILE + "v")]


def test_a_strange_name_is_made_fit_for_an_artifact() -> None:
    """It becomes a file name."""
    seen = look({"status": "completed", "outputs": {"../Social Clip!": FILE + "c", "***": FILE + "d"}})

    assert [artifact.name for artifact in seen.artifacts] == ["social-clip", "output"]


@pytest.mark.parametrize("outputs", [None, {}, [], "noise", {"video": None}, {"video": 7}, [{"url": 7}]])
def test_a_finished_preset_without_output_has_no_artifacts(outputs: Any) -> None:
    """The state machine makes a failure of it."""
    seen = look({"status": "completed", "outputs": outputs})

    assert (seen.status, tuple(seen.artifacts)) == (Status.SUCCEEDED, ())


def test_what_an_execution_took_is_its_cost() -> None:
    """The PyPI client's words for reserved and burned."""
    seen = look({"status": "completed", "cost": 5.9, "reserved_amount": "5.9000", "burned_amount": "5.4000"})

    assert seen.cost is not None
    assert (seen.cost.estimated, seen.cost.actual, seen.cost.unit) == (Decimal("5.9000"), Decimal("5.4000"), "USD")
