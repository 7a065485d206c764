"""The weaknesses of Tripo's own clients, each with the test that shows that ours does not repeat it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sources import ROOT, tree_of
from taskferry import Artifact, Failure, InvalidParameters, MissingKey, Observation, Reply, Snapshot, Status
from taskferry.credentials import Secret, find_key
from taskferry.machine import observe, step
from taskferry.parameters import validate
from taskferry.testing import answered, submitted
from taskferry_tripo.adapter import TripoAdapter
from taskferry_tripo.decode import observation
from taskferry_tripo.operations import OPERATIONS
from taskferry_tripo.outputs import artifacts

TRIPO = TripoAdapter()
BY_NAME = {operation.name.partition("/")[2]: operation for operation in OPERATIONS}
CREATED = {"data": {"task_id": "t"}}

HERE = "contract/test_tripo_faults_not_repeated.py"
ADAPTER = "contract/test_tripo_adapter.py"
INPUTS = "contract/test_tripo_inputs.py"
OPERATIONS_TESTS = "contract/test_tripo_operations.py"
REPLIES = "contract/test_tripo_replies.py"
UPLOADS = "contract/test_tripo_uploads.py"
WIRE = "integration/test_tripo_wire.py"
EVERY = "integration/test_tripo_every_operation.py"
FERRY = "integration/test_ferry_path.py"
STORE = "integration/test_artifact_store.py"
FETCHING = "integration/test_artifact_fetching.py"

MCP_TOOL: dict[int, tuple[str, dict[str, list[str]]]] = {
    1: ("Blender has to run", {EVERY: ["test_every_operation_ends_well_and_its_files_open"]}),
    2: ("the first call goes out with an empty key", {HERE: ["test_without_a_key_nothing_begins"]}),
    3: ("face_limit=-1 is always sent", {
        HERE: ["test_a_face_limit_that_means_none_is_refused"],
        OPERATIONS_TESTS: ["test_what_was_not_given_is_not_sent"],
    }),
    4: ("a billed id is lost with a failed look", {
        WIRE: ["test_a_kept_create_reply_still_gives_the_task"],
        FERRY: ["test_one_bad_look_does_not_end_a_wait"],
    }),
    5: ("a status reads TaskStatus.SUCCESS", {HERE: ["test_a_status_is_one_plain_word"]}),
    6: ("the model polls, without interval, deadline or memory", {
        "integration/test_mcp_server.py": ["test_a_wait_is_bounded_whatever_is_asked"],
        "unit/test_next_look.py": ["test_every_pause_is_finite_and_bounded"],
        FERRY: ["test_running_out_of_time_is_an_outcome"],
    }),
    7: ("codes, places and costs are dropped, every end has one advice", {
        HERE: ["test_each_end_has_advice_of_its_own"],
        REPLIES: [
            "test_a_failure_carries_what_tripo_said",
            "test_queue_and_time_left_are_read_where_a_reply_still_has_them",
            "test_the_cost_is_known_at_the_end",
        ],
    }),
    8: ("an unknown status lasts for ever or crashes", {
        HERE: ["test_a_new_word_neither_ends_nor_breaks_a_task"],
        FERRY: ["test_a_job_that_runs_for_ever_is_parked_not_failed"],
    }),
    9: ("short-lived URLs are handed out", {
        HERE: ["test_a_signed_url_is_in_no_text"],
        FERRY: ["test_an_expired_url_is_renewed_by_a_look"],
        REPLIES: ["test_v2_has_up_to_three_models"],
    }),
    10: ("any URL is fetched, whatever comes is taken for a model", {
        FETCHING: ["test_a_url_that_is_not_https_is_not_fetched", "test_redirects_lead_only_to_https"],
        STORE: ["test_what_is_not_the_result_leaves_nothing_behind", "test_a_body_without_end_is_stopped"],
    }),
    11: ("signed URLs are logged, a local port gives the key away", {
        HERE: ["test_a_signed_url_is_in_no_text"],
        "unit/test_credentials.py": ["test_a_secret_shows_where_it_is_from_and_not_what_it_is"],
    }),
    12: ("two of twenty capabilities, no price, no cap, no limits", {
        OPERATIONS_TESTS: [
            "test_every_creation_call_is_offered_and_no_retired_one",
            "test_the_estimate_is_the_price_list",
        ],
        "unit/test_spend.py": ["test_a_job_that_costs_more_or_might_is_stopped"],
        FERRY: ["test_jobs_beyond_a_providers_room_wait_for_their_turn"],
    }),
}  # fmt: skip

SDK_0: dict[int, tuple[str, dict[str, list[str]]]] = {
    1: ("API errors never surface", {REPLIES: ["test_the_code_says_more_than_the_http_status"]}),
    2: ("the key goes to download hosts", {WIRE: ["test_the_key_never_goes_to_the_cdn"]}),
    3: ("no retries, no Retry-After, waits overshoot", {
        "unit/test_next_look.py": [
            "test_what_the_server_asks_for_comes_first",
            "test_an_eta_is_an_estimate_that_looks_gather_around",
        ],
    }),
    4: ("a value that equals the default is never sent", {HERE: ["test_a_value_that_equals_the_default_is_sent"]}),
    5: ("every picture is a jpg, models cannot be uploaded", {
        UPLOADS: [
            "test_a_small_file_goes_in_a_form_with_its_name_and_type",
            "test_a_large_file_is_put_to_a_signed_address_without_the_key",
            "test_each_view_and_guide_is_uploaded_to_its_place",
        ],
    }),
    6: ("a failed download is None, half a file is a file", {
        STORE: ["test_any_other_answer_is_an_error_to_try_again", "test_what_is_not_the_result_leaves_nothing_behind"],
        "unit/test_artifact_sniffing.py": ["test_a_file_cut_short_is_told_from_a_whole_one"],
    }),
    7: ("a socket client that reads bodies without end", {
        "integration/test_transport.py": ["test_a_reply_without_end_is_given_up_at_the_limit"],
    }),
    8: ("the import asks strangers where this machine is", {
        "unit/test_architecture.py": ["test_an_adapter_has_no_means_of_input_or_output"],
    }),
    9: ("times without a zone, missing keys crash", {
        ADAPTER: ["test_recent_jobs_come_with_their_prompts_newest_first"],
        HERE: ["test_a_task_that_says_next_to_nothing_is_read"],
    }),
}  # fmt: skip

SDK_1: dict[int, tuple[str, dict[str, list[str]]]] = {
    1: ("a create is not sent again even where that is safe", {
        WIRE: ["test_a_limited_create_may_be_sent_again_later", "test_a_create_that_found_no_server_was_not_received"],
        UPLOADS: ["test_an_upload_that_was_lost_costs_nothing_and_is_done_again"],
    }),
    2: ("new words are waited for without end, a failed task passes for a result", {
        HERE: ["test_a_new_word_neither_ends_nor_breaks_a_task"],
        REPLIES: ["test_a_state_and_its_failure"],
    }),
    3: ("one failed look ends a wait", {FERRY: ["test_one_bad_look_does_not_end_a_wait"]}),
    4: ("certificates are not checked, expired URLs are not renewed", {
        FERRY: ["test_an_expired_url_is_renewed_by_a_look"],
        "integration/test_transport.py": ["test_nobody_listening_proves_that_nothing_was_sent"],
    }),
    5: ("HTTP status and trace id are lost", {
        REPLIES: ["test_the_code_says_more_than_the_http_status", "test_a_failure_passes_on_the_vendors_suggestion"],
        HERE: ["test_without_a_trace_header_the_body_gives_the_id"],
    }),
    6: ("only tsk_ keys, no variable for the address, the oldest model", {
        HERE: ["test_a_key_of_any_form_is_tried", "test_the_best_model_is_the_default"],
        "unit/test_settings.py": ["test_a_base_url_is_the_one_given_then_the_variables_then_the_providers_own"],
    }),
    7: ("files are held in memory, cut bodies are taken", {
        "integration/test_transport.py": ["test_a_reply_that_breaks_off_is_lost"],
        FETCHING: ["test_redirects_are_followed"],
    }),
    8: ("a local file silently wins over an id, anything is a token", {
        HERE: ["test_a_local_file_is_uploaded_only_when_it_is_asked_for"],
        INPUTS: ["test_an_input_that_the_call_does_not_take_stays_here"],
    }),
}  # fmt: skip
"""By its number in the list of weaknesses: what it is, and the tests that show that it is not repeated."""

EVERY_WEAKNESS = [
    pytest.param(shown, id=f"{client} {number}")
    for client, table in (("MCP tool", MCP_TOOL), ("SDK 0.4", SDK_0), ("SDK 1.0", SDK_1))
    for number, (_, shown) in table.items()
]


@pytest.mark.parametrize("shown", EVERY_WEAKNESS)
def test_each_weakness_has_tests_that_are_there(shown: dict[str, list[str]]) -> None:
    """A test that was renamed is renamed here too."""
    for file, names in shown.items():
        assert set(names) <= set(functions(ROOT / "tests" / file)), file


def functions(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def test_without_a_key_nothing_begins(tmp_path: Path) -> None:
    """The error names the variable and where keys are had."""
    with pytest.raises(MissingKey, match=r"TRIPO_API_KEY.*developers\.tripo3d\.ai"):
        find_key("tripo", TRIPO.service, explicit=None, home=tmp_path, environ={})


@pytest.mark.parametrize("limit", [-1, 0])
@pytest.mark.parametrize("name", ["text-to-model", "convert", "decimate"])
def test_a_face_limit_that_means_none_is_refused(name: str, limit: int) -> None:
    """It is left out instead."""
    with pytest.raises(InvalidParameters, match="face_limit"):
        validate(BY_NAME[name], {**BY_NAME[name].example, "face_limit": limit})


def test_a_status_is_one_plain_word() -> None:
    """Printed as it is written."""
    seen = observation({"status": "success", "output": {"model_url": "https://c/m.glb"}})

    assert f"{seen.status}" == "succeeded"
    assert seen.provider_status == "success"


def test_each_end_has_advice_of_its_own() -> None:
    """What to do differs between a rule that was broken, a queue that was full and a mesh that was too complex."""
    ends = [
        {"status": "failed", "error_code": 1001, "error_message": "Fatal"},
        {"status": "failed", "error_code": 2008, "error_message": "Content"},
        {"status": "failed", "error_code": 2018, "error_message": "Queue timeout"},
        {"status": "failed", "error_code": 2018, "error_message": "Too complex"},
    ]

    failures = [observation(end).failure for end in ends]

    assert [failure and (failure.kind.value, failure.retryable) for failure in failures] == [
        ("provider", False),
        ("moderated", False),
        ("timeout", True),
        ("validation", False),
    ]
    assert [failure and failure.suggestion for failure in failures] == [
        None,
        "Rephrase before trying again.",
        "Submit it again; Tripo was too busy to begin.",
        None,
    ]


@pytest.mark.parametrize("word", ["unknown", "UNKNOWN", "pondering", ""])
def test_a_new_word_neither_ends_nor_breaks_a_task(word: str) -> None:
    """It is shown and the task goes on, up to the deadline of its stage."""
    running = step(step(fresh(), Status.SUBMITTING, 1), Status.RUNNING, 2)

    after = observe(running, observation({"status": word, "progress": 40}), 3, 4)

    assert (after.status, after.provider_status, after.parked) == (Status.RUNNING, word, None)


def fresh() -> Snapshot:
    return Snapshot(id="t", provider="tripo", operation="tripo/text-to-model", status=Status.PREPARED)


def test_a_signed_url_is_in_no_text() -> None:
    """Logs and errors are made of such texts."""
    found = artifacts({"model_url": "https://cdn.example/fox.glb?Signature=secret"})

    assert "secret" not in repr(found) + str(found)


@pytest.mark.parametrize(("name", "value"), [("texture", True), ("quad", False), ("model", "v3.1-20260211")])
def test_a_value_that_equals_the_default_is_sent(name: str, value: Any) -> None:
    """What the caller says holds, whatever the server's default becomes."""
    _, calls = submitted(TRIPO, BY_NAME["text-to-model"], CREATED, **{"prompt": "a fox", name: value})

    assert calls[0].json[name] == value


@pytest.mark.parametrize("task", [{}, {"status": "success"}, {"status": "failed", "output": None, "input": "x"}])
def test_a_task_that_says_next_to_nothing_is_read(task: dict[str, Any]) -> None:
    """Every key but the status may be missing."""
    seen = observation(task)

    assert isinstance(seen, Observation)
    assert (seen.artifacts, seen.cost) == ((), None)


def test_without_a_trace_header_the_body_gives_the_id() -> None:
    """Whoever asks Tripo's support needs one of them."""
    body = b'{"code": 1004, "status": "error", "message": "No.", "request_id": "req_1"}'

    failures = [TRIPO.failure(Reply(400, body, trace_id=trace_id)) for trace_id in ("trace-1", None)]

    assert [isinstance(failure, Failure) and failure.trace_id for failure in failures] == ["trace-1", "req_1"]


def test_a_key_of_any_form_is_tried(tmp_path: Path) -> None:
    """Tripo alone knows what its keys look like next year."""
    key = find_key("tripo", TRIPO.service, explicit=None, home=tmp_path, environ={"TRIPO_API_KEY": "another-form"})

    assert isinstance(key, Secret)


def test_the_best_model_is_the_default() -> None:
    """The newest of the H line, and it is named, so that the server's own default plays no part."""
    _, calls = submitted(TRIPO, BY_NAME["text-to-model"], CREATED, prompt="a fox")

    assert calls[0].json["model"] == "v3.1-20260211"


def test_a_local_file_is_uploaded_only_when_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that happens to be called like a task's id stays where it is."""
    task_id = "6ffdb041-55c6-4a16-8985-7cc3268a545b"
    monkeypatch.chdir(tmp_path)
    (tmp_path / task_id).write_bytes(b"a secret")

    _, calls = submitted(TRIPO, BY_NAME["image-to-model"], CREATED, image=task_id)

    assert [call.path for call in calls] == ["/v3/generation/image-to-model"]
    assert calls[0].json["input"] == task_id


def test_a_rig_check_that_says_no_is_a_result_and_no_failure() -> None:
    """And it keeps nobody from trying: Tripo says so."""
    exchange = TRIPO.fetch({"task_id": "t"})

    seen = answered(exchange, {"data": {"status": "success", "output": {"riggable": False, "topology": "bip"}}}).result

    assert seen.status is Status.SUCCEEDED
    assert [isinstance(one, Artifact) and one.name for one in seen.artifacts] == ["rig-check"]
