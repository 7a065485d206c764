"""Every operation of both VAP generations: its schema, its body on the wire, and where it is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskferry import FailureKind, InvalidParameters, Kind, MalformedReply, Operation, Reply, Request, Status
from taskferry.parameters import validate
from taskferry.testing import answered, submitted
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.forms import FORMS, PLACES, V1_FORMS, V1_PLACES, form_of
from taskferry_vap.operations import OPERATIONS, V1_OPERATIONS
from taskferry_vap.outputs import OUTPUTS

VAP = VapAdapter()
BY_NAME = {operation.name.removeprefix("vap/"): operation for operation in OPERATIONS}
BOTH = [pytest.param(one, id=f"v3 {one.name}") for one in OPERATIONS]
BOTH += [pytest.param(one, id=f"v1 {one.name}") for one in V1_OPERATIONS]
FOX = "https://files.example/fox.png"
SEA = "https://files.example/sea.mp4"
CREATED = {"operation_id": "op-1", "status": "pending"}
LIMITS = {
    "string": {"enum", "pattern", "minLength", "maxLength"},
    "integer": {"enum", "minimum"},
    "number": {"minimum"},
    "boolean": {"type"},
    "array": {"minItems"},
}
"""What constrains a parameter, by its type."""


def request(name: str, **parameters: Any) -> Request:
    return Request(task_id="ours", operation=BY_NAME[name], parameters=parameters)


def media_parameters(operation: Operation) -> dict[str, bool]:
    """Name the parameters that take media, and tell whether each is a list."""
    properties = operation.parameters["properties"].items()
    return {
        name: schema["type"] == "array"
        for name, schema in properties
        if "media" in (schema.get("format"), schema.get("items", {}).get("format"))
    }


def test_v3_offers_all_that_its_papers_know() -> None:
    """Tasks, operations, presets and the trial."""
    assert list(BY_NAME) == [
        "image", "video", "music", "upscale", "background-remove", "inpaint", "ai-edit", "video-trim", "video-merge",
        "streaming-campaign", "full-production", "trial-image",
    ]  # fmt: skip


@pytest.mark.parametrize("operation", BOTH)
def test_every_parameter_is_typed_described_constrained_and_shown(operation: Operation) -> None:
    """Each of them, with examples that its own schema takes."""
    for name, schema in operation.parameters["properties"].items():
        assert {"type", "description", "examples"} <= schema.keys(), name
        assert schema.keys() & LIMITS[schema["type"]], name
        for example in schema["examples"]:
            given = {**operation.example, name: example}
            assert validate(operation, given) == given


@pytest.mark.parametrize("operation", BOTH)
def test_every_operation_has_an_example_job_that_can_be_sent(operation: Operation) -> None:
    """And says what it costs, or that nobody knows."""
    assert operation.example
    assert validate(operation, operation.example) == operation.example
    assert operation.price_note


@pytest.mark.parametrize(("operations", "forms"), [(OPERATIONS, FORMS), (V1_OPERATIONS, V1_FORMS)])
def test_every_operation_has_its_form_and_every_form_its_operation(operations: Any, forms: Any) -> None:
    """One row each, in both tables."""
    assert {form_of(forms, operation.name).path for operation in operations} == {form.path for form in forms.values()}
    assert len(operations) == len(forms)


@pytest.mark.parametrize(("forms", "places"), [(FORMS, PLACES), (V1_FORMS, V1_PLACES)])
def test_every_id_that_a_create_may_answer_with_has_its_place(forms: Any, places: Any) -> None:
    """A job that was paid for can be looked at."""
    assert {called for form in forms.values() for called in form.ids.values()} == set(places)


BODIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "upscale": (
        {"image": FOX, "scale": 4},
        {"operation": "upscale", "media_url": FOX, "options": {"scale": 4}},
    ),
    "background-remove": ({"image": FOX}, {"operation": "background_remove", "media_url": FOX}),
    "inpaint": (
        {"image": FOX, "prompt": "a scarf", "mask": FOX},
        {"operation": "inpaint", "media_url": FOX, "prompt": "a scarf", "mask_url": FOX},
    ),
    "ai-edit": (
        {"image": FOX, "prompt": "autumn", "images": [FOX]},
        {"operation": "ai_edit", "media_url": FOX, "prompt": "autumn", "additional_images": [FOX]},
    ),
    "video-trim": (
        {"video": SEA, "start_time": 1, "end_time": 2.5},
        {"operation": "video_trim", "media_url": SEA, "start_time": 1, "end_time": 2.5},
    ),
    "video-merge": ({"videos": [SEA, FOX]}, {"operation": "video_merge", "media_urls": [SEA, FOX]}),
}


@pytest.mark.parametrize("name", BODIES)
def test_an_edit_speaks_the_words_of_the_wire(name: str) -> None:
    """Our words become VAP's; what was not given is not sent."""
    given, body = BODIES[name]

    accepted, calls = submitted(VAP, BY_NAME[name], CREATED, **given)

    assert [(call.method, call.path, call.json) for call in calls] == [("POST", "/v3/operations", body)]
    assert accepted.remote == {"operation_id": "op-1", "kind": body["operation"]}
    assert accepted.observation is not None
    assert accepted.observation.status is Status.QUEUED


def test_an_edit_is_looked_at_among_the_operations() -> None:
    """By its own kind of id."""
    run = answered(VAP.fetch({"operation_id": "op-1", "kind": "upscale"}), {"status": "executing", "type": "image"})

    assert [call.path for call in run.calls] == ["/v3/operations/op-1"]
    assert run.result.status is Status.RUNNING


def test_an_edit_that_was_answered_as_a_task_is_looked_at_as_one() -> None:
    """The papers say that a task's address takes operations too."""
    accepted, _ = submitted(VAP, BY_NAME["upscale"], {"task_id": "t-1", "status": "pending"}, image=FOX)

    run = answered(VAP.fetch(accepted.remote), {"status": "completed", "output_url": FOX})

    assert [call.path for call in run.calls] == ["/v3/tasks/t-1"]
    assert [artifact.url for artifact in run.result.artifacts] == [FOX]


def test_an_edit_without_an_id_is_malformed() -> None:
    """It may be billed, so it must not pass for a refusal; the message names every id that would do."""
    with pytest.raises(MalformedReply, match="operation_id or task_id"):
        submitted(VAP, BY_NAME["upscale"], {"status": "pending"}, image=FOX)


@pytest.mark.parametrize("place", ["typed", "output_url in the result", "output_url at the top", "result_url"])
@pytest.mark.parametrize("name", BODIES)
def test_an_edit_gives_the_medium_that_it_was_given(name: str, place: str) -> None:
    """A picture for pictures, a video for videos, wherever the address stands."""
    kind = FORMS[name.replace("-", "_")].kind
    output = OUTPUTS[kind]
    result = {
        "typed": {"result": {output.fields[0]: SEA}},
        "output_url in the result": {"result": {"output_url": SEA}},
        "output_url at the top": {"output_url": SEA},
        "result_url": {"result_url": SEA},
    }[place]

    run = answered(VAP.fetch({"operation_id": "o", "kind": kind}), {"status": "completed", **result})

    expected = ("video", Kind.VIDEO) if name.startswith("video") else ("image", Kind.IMAGE)
    assert [(artifact.name, artifact.kind) for artifact in run.result.artifacts] == [expected]


@pytest.mark.parametrize("operation", BOTH)
def test_a_local_file_is_refused_before_the_network(operation: Operation, tmp_path: Path) -> None:
    """VAP has no place to upload to, and says so itself only after a job was begun."""
    picture = tmp_path / "fox.png"
    picture.write_bytes(b"picture")
    for name, is_list in media_parameters(operation).items():
        given = {**operation.example, name: [picture, picture] if is_list else picture}

        with pytest.raises(InvalidParameters) as refused:
            validate(operation, given)

        assert {problem.path.partition("[")[0] for problem in refused.value.problems} == {name}
        assert "VAP takes no files: give an http(s) URL that anyone can read." in str(refused.value)


@pytest.mark.parametrize("address", ["ftp://files.example/x.png", "https://", "data:image/png;base64,AA", "fox.png"])
def test_only_an_address_is_media(address: str) -> None:
    """Nothing else can be fetched by VAP."""
    with pytest.raises(InvalidParameters, match=r"VAP takes no files"):
        validate(BY_NAME["upscale"], {"image": address})


@pytest.mark.parametrize(
    ("name", "given", "wrong"),
    [
        ("upscale", {"image": FOX, "scale": 3}, "scale"),
        ("inpaint", {"image": FOX}, "prompt"),
        ("video-merge", {"videos": [SEA]}, "videos"),
        ("video-trim", {"video": SEA, "start_time": -1, "end_time": 2}, "start_time"),
        ("ai-edit", {"image": FOX, "prompt": "x", "images": []}, "images"),
    ],
)
def test_what_vap_would_refuse_is_not_sent(name: str, given: dict[str, Any], wrong: str) -> None:
    """Nor is it put right behind the caller's back."""
    with pytest.raises(InvalidParameters, match=wrong):
        validate(BY_NAME[name], given)


@pytest.mark.parametrize("end", [1.5, 1])
def test_a_stretch_ends_after_it_begins(end: float) -> None:
    """No schema can compare two parameters, so the adapter does, before anything is sent."""
    exchange = VAP.submit(request("video-trim", video=SEA, start_time=1.5, end_time=end))

    with pytest.raises(InvalidParameters, match=r"end_time: .* not after start_time 1\.5"):
        next(exchange)


def test_the_trial_needs_no_key() -> None:
    """Create and look are the only calls that leave without one."""
    trial = BY_NAME["trial-image"]

    accepted, calls = submitted(VAP, trial, {"task_id": "t", "status": "pending", "remaining": 2}, prompt="a fox")
    run = answered(VAP.fetch(accepted.remote), {"status": "completed", "image_url": FOX})

    assert trial.needs_key is False
    assert [(call.path, call.json) for call in calls] == [("/v3/trial/generate", {"prompt": "a fox"})]
    assert accepted.remote == {"trial_id": "t", "kind": "image"}
    assert [(call.path, call.signed) for call in run.calls] == [("/v3/trial/status/t", False)]
    assert [artifact.url for artifact in run.result.artifacts] == [FOX]


def test_the_trials_daily_limit_is_an_end() -> None:
    """The same HTTP 429 would elsewhere mean to come back in seconds."""
    used = Reply(429, b'{"error": "Daily limit"}', url="https://api.vapagent.com/v3/trial/generate")
    elsewhere = Reply(429, b'{"error": "Slow down"}', url="https://api.vapagent.com/v3/tasks")

    failures = [VAP.failure(reply) for reply in (used, elsewhere)]

    assert [(failed and failed.kind, failed and failed.retryable) for failed in failures] == [
        (FailureKind.RATE_LIMITED, False), (FailureKind.RATE_LIMITED, True),
    ]  # fmt: skip
    assert "tomorrow" in str(failures[0])


def test_a_trial_is_on_nobodys_list() -> None:
    """So nothing is asked."""
    run = answered(VAP.recent(request("trial-image", prompt="a fox")))

    assert (list(run.result), run.calls) == ([], [])


def test_a_lost_edit_is_looked_for_by_its_own_word() -> None:
    """A task that does not say what it is may be an image, but never an edit."""
    listing = {
        "tasks": [
            {"task_id": "bare"},
            {"task_id": "fox", "type": "image"},
            {"task_id": "big", "type": "upscale", "status": "pending"},
            {"operation_id": "cut", "operation": "video_trim"},
            {"operation_id": "bigger", "operation": "upscale"},
        ]
    }

    found = {
        name: [candidate.remote for candidate in answered(VAP.recent(request(name)), listing).result]
        for name in ("upscale", "image")
    }

    assert found == {
        "upscale": [{"task_id": "big", "kind": "upscale"}, {"operation_id": "bigger", "kind": "upscale"}],
        "image": [{"task_id": "bare", "kind": "image"}, {"task_id": "fox", "kind": "image"}],
    }


@pytest.mark.parametrize(
    ("name", "kind_of_id"), [("image", "task_id"), ("upscale", "operation_id"), ("trial-image", "trial_id")]
)
def test_a_plain_id_becomes_the_usual_remote(name: str, kind_of_id: str) -> None:
    """What the create would have answered with."""
    remote = VAP.remote_from_id("x", request(name))

    assert remote == {kind_of_id: "x", "kind": FORMS[name.replace("-", "_")].kind}


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("upscale", "0.15 USD"),
        ("inpaint", "0.15 USD"),
        ("video-trim", "0.05 USD"),
        ("video-merge", "0.05 USD"),
        ("background-remove", "None"),
        ("ai-edit", "None"),
        ("streaming-campaign", "5.9 USD"),
        ("full-production", "7.9 USD"),
        ("trial-image", "0 USD"),
    ],
)
def test_estimates_are_as_listed_and_unknown_is_not_free(name: str, price: str) -> None:
    """Only the trial costs nothing."""
    amount = VAP.estimate(Request(task_id="", operation=BY_NAME[name], parameters=BY_NAME[name].example))

    assert str(amount) == price
