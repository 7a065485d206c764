"""What an agent is told to do about a task."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from taskferry import Artifact, Cost, Failure, FailureKind, Snapshot, Status
from taskferry.ledger.record import Job, Record
from taskferry.mcp.results import task_result
from taskferry.tools.advice import billing, next_step, poll_after_ms
from taskferry.tools.summary import bounded_document

JOB = Job(
    provider="acme",
    operation="acme/image",
    generation="v1",
    base_url="https://acme.example",
    account="",
    parameters={"prompt": "a fox"},
)
RETRYABLE = Failure(kind=FailureKind.UNAVAILABLE, message="down", retryable=True, suggestion="Try again later.")


def record(status: Status, **more: object) -> Record:
    """A task of that status."""
    snapshot = Snapshot(id="01jd3m5x7k9qz4c8e2r6t0vwyn", provider="acme", operation="acme/image", status=status)
    return Record(job=JOB, snapshot=evolve(snapshot, **more))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_a_next_step(status: Status) -> None:
    """No task leaves an agent without a word."""
    assert next_step(record(status)).endswith(".")


@pytest.mark.parametrize("status", [Status.MODERATED, Status.UNCONFIRMED])
def test_moderated_and_unconfirmed_work_is_never_tried_again(status: Status) -> None:
    """Not even when the failure itself says that it is retryable."""
    result = task_result(record(status, failure=RETRYABLE))

    document = result.structured_content
    assert document["failure"]["retryable"] is False
    assert document["failure"]["suggestion"] is None
    assert document["poll_after_ms"] is None
    assert re.search(r"[Dd]o not (send|submit) it again", document["next"])
    assert "try again" not in result.content[0].text.lower()


@pytest.mark.parametrize("status", [Status.FAILED, Status.REFUSED])
def test_a_failure_by_content_rules_is_never_tried_again(status: Status) -> None:
    """Whatever the status that the provider ends it with."""
    moderated = Failure(kind=FailureKind.MODERATED, message="no", retryable=True)

    assert next_step(record(status, failure=moderated)).startswith("Do not send it again unchanged")


def test_a_passing_failure_is_tried_again_only_with_the_user() -> None:
    """Trying again costs money."""
    assert "ask the user" in next_step(record(Status.FAILED, failure=RETRYABLE))


def test_success_with_files_missing_asks_for_the_download() -> None:
    """The provider's links expire."""
    missing = record(Status.SUCCEEDED, artifacts=(Artifact(name="image", kind="image"),))
    kept = record(Status.SUCCEEDED, artifacts=(Artifact(name="image", kind="image", path=Path("/x/image.png")),))

    assert "download_task" in next_step(missing)
    assert "give the user the files" in next_step(kept)


def test_a_parked_task_says_why_and_is_not_polled() -> None:
    """Waiting alone changes nothing for it."""
    parked = record(Status.RUNNING, parked="Another key is set now.")

    assert poll_after_ms(parked) is None
    assert "Another key is set now." in task_result(parked).content[0].text


@pytest.mark.parametrize(
    ("status", "cost", "words"),
    [
        (Status.REFUSED, Cost(estimated=Decimal(1), unit="USD"), "Nothing was billed."),
        (Status.UNCONFIRMED, Cost(estimated=Decimal("1.96"), unit="USD"), "It may have been billed (about 1.96 USD)."),
        (Status.SUCCEEDED, Cost(actual=Decimal(30), unit="credits"), "Cost: 30 credits."),
        (Status.RUNNING, Cost(), "The provider has not said what it costs."),
    ],
)
def test_what_was_billed_is_said(status: Status, cost: Cost, words: str) -> None:
    """An amount that is not known is never called free."""
    assert billing(record(status, cost=cost)) == words


def test_texts_from_outside_are_bounded() -> None:
    """A long prompt or a chatty provider does not fill the agent's context."""
    chatty = record(
        Status.FAILED,
        provider_status="x" * 5000,
        failure=Failure(kind=FailureKind.PROVIDER, message="m" * 5000, code="c" * 5000),
        trace_ids=tuple(str(number) for number in range(100)),
    )
    wordy = evolve(chatty, job=evolve(JOB, parameters={"prompt": "fox\n" * 5000}))

    document = bounded_document(wordy)

    assert len(str(document)) < 2500
    assert "\n" not in document["prompt"]


@pytest.mark.parametrize(("eta", "milliseconds"), [(None, 5000), (0.1, 2000), (12.0, 12000), (900.0, 30000)])
def test_the_poll_pause_follows_the_eta(eta: float | None, milliseconds: int) -> None:
    """Within bounds."""
    assert poll_after_ms(record(Status.RUNNING, eta=eta)) == milliseconds
