"""Which exit code a script sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskferry import (
    Artifact,
    ArtifactError,
    CancelOutcome,
    Failure,
    FailureKind,
    LedgerBusy,
    MissingKey,
    ProviderError,
    ReplyLost,
    Snapshot,
    Status,
    TaskferryError,
    UsageError,
)
from taskferry.cli import exits

KEPT = Artifact(name="image", path=Path("image.png"))
NOT_KEPT = Artifact(name="preview")


def snapshot(status: Status, *artifacts: Artifact, kind: FailureKind | None = None) -> Snapshot:
    """Make a snapshot with what the code depends on."""
    failure = None if kind is None else Failure.of(kind, "no")
    return Snapshot(
        id="1", provider="acme", operation="acme/image", status=status, artifacts=artifacts, failure=failure
    )


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (snapshot(Status.SUCCEEDED, KEPT), 0),
        (snapshot(Status.SUCCEEDED, KEPT, NOT_KEPT), 6),
        (snapshot(Status.FAILED), 1),
        (snapshot(Status.MODERATED), 1),
        (snapshot(Status.EXPIRED), 1),
        (snapshot(Status.CANCELLED), 1),
        (snapshot(Status.PREPARED), 3),
        (snapshot(Status.SUBMITTING), 3),
        (snapshot(Status.QUEUED), 3),
        (snapshot(Status.RUNNING), 3),
        (snapshot(Status.REFUSED, kind=FailureKind.FUNDS), 4),
        (snapshot(Status.REFUSED, kind=FailureKind.NOT_SENT), 1),
        (snapshot(Status.UNCONFIRMED), 5),
    ],
)
def test_a_task_has_the_code_of_its_end(of: Snapshot, code: int) -> None:
    """One code a status; what was never sent was not refused, and a missing file is told apart."""
    assert exits.task_code(of) == code


def test_every_status_has_a_code() -> None:
    """A new status cannot be forgotten."""
    assert set(exits.BY_STATUS) == set(Status)
    assert set(exits.BY_CANCEL) == set(CancelOutcome)


def test_several_tasks_have_the_highest_of_their_codes() -> None:
    """None at all is a success."""
    several = [snapshot(Status.SUCCEEDED, KEPT), snapshot(Status.UNCONFIRMED), snapshot(Status.FAILED)]

    assert exits.tasks_code(several) == 5
    assert exits.tasks_code([]) == 0


@pytest.mark.parametrize(
    ("status", "code"), [(Status.QUEUED, 0), (Status.RUNNING, 0), (Status.PREPARED, 3), (Status.UNCONFIRMED, 5)]
)
def test_a_submit_is_done_when_the_provider_has_the_job(status: Status, code: int) -> None:
    """It is not done while the job was not sent, or may not have been."""
    assert exits.submit_code(snapshot(status)) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (MissingKey("acme", ["ACME_KEY"], None), 2),
        (ProviderError(Failure.of(FailureKind.AUTH, "x")), 4),
        (ProviderError(Failure.of(FailureKind.FUNDS, "x")), 4),
        (ProviderError(Failure.of(FailureKind.UNAVAILABLE, "x")), 1),
        (ArtifactError("x"), 6),
        (ReplyLost("x"), 1),
        (LedgerBusy("x"), 1),
    ],
)
def test_an_error_has_the_code_of_what_to_do_about_it(error: TaskferryError, code: int) -> None:
    """What the caller must change is 2, what the provider denies is 4."""
    assert exits.error_code(error) == code
