"""The thirty weaknesses of VAP's own clients, each with the test that shows that ours does not repeat it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from sources import ROOT, tree_of
from taskferry import Cost, InvalidParameters, Operation, Request
from taskferry.machine import observe, step
from taskferry.parameters import validate
from taskferry.status import Status
from taskferry.task import Snapshot
from taskferry.testing import answered, submitted
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.operations import IMAGE, OPERATIONS, V1_OPERATIONS, VIDEO
from taskferry_vap.v1 import VapV1Adapter

V3, V1 = VapAdapter(), VapV1Adapter()
EVERY = [pytest.param(V3, one, id=f"v3 {one.name}") for one in OPERATIONS]
EVERY += [pytest.param(V1, one, id=f"v1 {one.name}") for one in V1_OPERATIONS]

ADAPTER = "contract/test_vap_adapter.py"
DECODE = "contract/test_vap_decode.py"
ERRORS = "contract/test_vap_errors.py"
HERE = "contract/test_vap_faults_not_repeated.py"
WIRE = "integration/test_vap_wire.py"
FAULTS = "integration/test_vap_wire_faults.py"

SHOWN: dict[int, tuple[str, dict[str, list[str]]]] = {
    1: ("every exception becomes a text", {
        WIRE: ["test_a_refused_create_says_why", "test_a_look_that_goes_wrong_says_how"],
    }),
    2: ("the error body of a GET is not read", {FAULTS: ["test_the_body_of_a_refused_look_is_read"]}),
    3: ("the documented error object is thrown away", {ERRORS: ["test_every_shape_gives_its_message"]}),
    4: ("a null `error` makes a failure of a good task", {
        DECODE: ["test_an_empty_error_of_a_healthy_task_is_no_failure"],
        ERRORS: ["test_anything_else_under_http_200_is_left_to_the_reader"],
    }),
    5: ("no retries, or at once and against Retry-After", {
        FAULTS: ["test_a_create_that_was_not_taken_waits_as_long_as_it_is_told"],
        ERRORS: ["test_the_wait_is_found_wherever_it_is"],
    }),
    6: ("a lost create is sent again and paid twice", {
        WIRE: ["test_a_create_without_a_readable_answer_is_unconfirmed"],
    }),
    7: ("a flat error is expected, amounts get lost", {
        ERRORS: ["test_a_lack_of_funds_is_told_apart_and_tells_the_amounts"],
    }),
    8: ("only 200 is success, a list breaks the reader", {
        ADAPTER: ["test_a_create_reply_may_be_as_short_as_its_id", "test_a_create_reply_without_an_id_is_malformed"],
    }),
    9: ("403, 404, 409 and 422 are one error", {
        ERRORS: ["test_documented_codes_have_their_kind", "test_without_a_readable_body_the_http_status_decides"],
    }),
    10: ("errors of the HTTP library leak", {
        WIRE: ["test_a_create_without_a_readable_answer_is_unconfirmed", "test_a_look_that_goes_wrong_says_how"],
    }),
    11: ("a zero is taken for unset, or raises None", {FAULTS: ["test_a_wait_of_no_seconds_is_an_outcome"]}),
    12: ("the nested result is ignored, the payload not kept", {
        DECODE: ["test_a_result_is_found_wherever_it_is"],
        WIRE: ["test_a_look_is_one_signed_read"],
    }),
    13: ("costs are dropped, money is a float", {
        DECODE: ["test_documented_task_bodies_are_read"],
        ADAPTER: ["test_submit_keeps_the_id_the_kind_and_the_exact_cost"],
    }),
    14: ("an image with only `output_url` is shown as a video", {DECODE: ["test_a_result_is_found_wherever_it_is"]}),
    15: ("only the first track is kept", {
        DECODE: ["test_all_items_are_collected_and_none_twice", "test_covers_are_artifacts_of_their_own"],
    }),
    16: ("completed without output passes for success", {FAULTS: ["test_success_without_output_is_told_as_a_failure"]}),
    17: ("`processing` and new words are not known as running", {
        DECODE: ["test_status_words_of_both_vocabularies_are_known"],
        FAULTS: ["test_a_new_status_word_neither_ends_nor_breaks_a_wait"],
    }),
    18: ("failed without a message says nothing", {DECODE: ["test_a_failed_task_says_why"]}),
    19: ("invalid arguments are silently replaced", {HERE: ["test_a_wrong_value_is_refused_and_never_replaced"]}),
    20: ("the estimate ignores its inputs, prices drift", {
        HERE: ["test_an_estimate_follows_its_inputs", "test_the_services_own_estimate_replaces_the_list"],
    }),
    21: ("a missing id becomes `unknown`, an id changes the path", {
        ADAPTER: ["test_a_create_reply_without_an_id_is_malformed", "test_fetch_quotes_the_id"],
    }),
    22: ("agents have to parse prose", {"integration/test_mcp_server.py": ["test_a_job_from_submit_to_file"]}),
    23: ("a wait is fixed, breaks on one bad look, and loses the last state", {
        FAULTS: [
            "test_one_bad_look_does_not_end_a_wait",
            "test_a_wait_of_no_seconds_is_an_outcome",
            "test_a_new_status_word_neither_ends_nor_breaks_a_wait",
        ],
        "unit/test_next_look.py": ["test_jitter_moves_a_look_along_its_schedule"],
    }),
    24: ("a new connection for each call, one call at a time", {
        "integration/test_transport.py": ["test_a_create_never_rides_on_a_connection_that_was_kept"],
        FAULTS: ["test_jobs_are_waited_for_together"],
    }),
    25: ("without a key the request goes out all the same; logs show payloads", {
        FAULTS: ["test_without_a_key_nothing_is_sent", "test_logs_show_neither_key_nor_prompt"],
    }),
    26: ("batches and strange messages break the MCP wire", {
        "e2e/test_mcp_stdio.py": ["test_stdout_is_the_wire_and_nothing_else"],
    }),
    27: ("a package that shadows another, without types, with examples that do not run", {
        "e2e/test_wheels.py": ["test_a_wheel_holds_its_typed_package_and_nothing_beside_it"],
        "contract/test_vap_operations.py": ["test_every_operation_has_an_example_job_that_can_be_sent"],
    }),
    28: ("a webhook is read although its signature is bad", {
        "contract/test_vap_webhooks.py": [
            "test_either_way_of_signing_is_trusted",
            "test_a_body_is_not_read_before_its_signature_is_good",
        ],
    }),
    29: ("the caller's parameters are dropped", {HERE: ["test_every_parameter_reaches_the_wire_unchanged"]}),
    30: ("404 is asked for minutes and the id is lost", {
        FAULTS: ["test_a_job_that_is_not_found_is_parked_with_its_id"],
    }),
}  # fmt: skip
"""Each weakness by its number in the facts: what it is, and the tests of this repository that show ours."""


def named_tests(path: str) -> Iterator[str]:
    for node in ast.walk(tree_of(ROOT / "tests" / path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def test_every_weakness_has_a_row() -> None:
    """All thirty, none left out."""
    assert list(SHOWN) == list(range(1, 31))


@pytest.mark.parametrize("number", SHOWN)
def test_every_row_points_at_tests_that_exist(number: int) -> None:
    """A test that was renamed or removed takes its row along."""
    _, where = SHOWN[number]

    missing = [f"{path}::{name}" for path, names in where.items() for name in names if name not in {*named_tests(path)}]

    assert where
    assert missing == []


def wrong_values(schema: dict[str, Any]) -> Iterator[Any]:
    """Give values that are near the allowed ones, which other clients round, clamp or replace."""
    if "enum" in schema:
        yield schema["enum"][0] + 1 if isinstance(schema["enum"][0], int) else f"{schema['enum'][0]}x"
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if schema["type"] == "boolean":
        yield "yes"
    if schema["type"] in ("integer", "boolean"):
        yield 1.5
    if "minItems" in schema:
        yield []
    if "pattern" in schema:
        yield " "


@pytest.mark.parametrize(("_adapter", "operation"), EVERY)
def test_a_wrong_value_is_refused_and_never_replaced(_adapter: Any, operation: Operation) -> None:
    """A video of 5 seconds is not one of 8: nobody pays for what was not asked for."""
    for name, schema in operation.parameters["properties"].items():
        for value in wrong_values(schema):
            with pytest.raises(InvalidParameters) as refused:
                validate(operation, {**operation.example, name: value})

            assert {problem.path for problem in refused.value.problems} == {name}


@pytest.mark.parametrize(("adapter", "operation"), EVERY)
def test_every_parameter_reaches_the_wire_unchanged(adapter: Any, operation: Operation) -> None:
    """With everything given at once, the body holds every value, and besides only the word for what is made."""
    given = dict(operation.example)
    for name, schema in operation.parameters["properties"].items():
        given.setdefault(name, schema["examples"][0])
    request = Request(task_id="", operation=operation, parameters=validate(operation, given))

    call = next(adapter.submit(request))

    sent = leaves(call.json)
    for value in leaves(given):
        sent.remove(value)
    assert sent in ([], [operation.name.removeprefix("vap/").replace("-", "_")])


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value]


def test_an_estimate_follows_its_inputs() -> None:
    """Other clients compute one price and show another."""
    given = [{"prompt": "x"}, {"prompt": "x", "quality": "high"}]

    amounts = [V3.estimate(Request(task_id="", operation=IMAGE, parameters=one)) for one in given]

    assert [str(amount) for amount in amounts] == ["0.18 USD", "0.27 USD"]


def test_the_services_own_estimate_replaces_the_list() -> None:
    """Published prices drift; what the create reply says is what is reserved, and what is shown."""
    accepted, _ = submitted(V3, VIDEO, {"task_id": "t", "status": "pending", "estimated_cost": "2.4000"}, prompt="sea")
    listed = V3.estimate(Request(task_id="", operation=VIDEO, parameters=VIDEO.example))
    look = answered(V3.fetch(accepted.remote), {"status": "failed", "estimated_cost": "2.4000"}).result
    assert listed is not None
    before = Snapshot(
        id="t", provider="vap", operation=VIDEO.name, status=Status.SUBMITTING,
        cost=Cost(estimated=listed.value, unit=listed.unit),
    )  # fmt: skip

    after = observe(step(before, Status.QUEUED, 1.0), look, 2.0, 2.0)

    assert listed.value == Decimal("1.96")
    assert accepted.cost == Cost(estimated=Decimal("2.4000"), unit="USD")
    assert after.cost.estimated == Decimal("2.4000")
