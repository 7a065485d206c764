"""Observations: what they change, and what no observation ever does."""

from __future__ import annotations

from decimal import Decimal

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from taskferry.cost import Cost
from taskferry.errors import AdapterError, FailureKind
from taskferry.machine import observe, refreshed
from taskferry.status import Status
from taskferry.task import Artifact, Observation, ProgressSource, Snapshot

QUEUED = Snapshot(id="t", provider="acme", operation="acme/image", status=Status.QUEUED, looked_at=10.0)
RUNNING = evolve(QUEUED, status=Status.RUNNING, progress=0.4, progress_source=ProgressSource.SERVER)
IMAGE = Artifact(name="image", kind="image", url="https://cdn.example/1?sig=a")


def test_a_look_moves_a_task_on_and_keeps_the_providers_word() -> None:
    """The provider's own word is shown beside ours."""
    after = observe(QUEUED, Observation(provider_status="cooking", status=Status.RUNNING, progress=0.1), 11.0, 12.0)

    assert (after.status, after.provider_status, after.progress, after.started_at) == (
        Status.RUNNING,
        "cooking",
        0.1,
        12.0,
    )
    assert (after.looked_at, after.progress_source) == (11.0, ProgressSource.SERVER)


def test_an_unknown_word_changes_nothing_but_what_is_shown() -> None:
    """The status stays, the raw word is kept."""
    after = observe(RUNNING, Observation(provider_status="pondering", status=None), 11.0, 12.0)

    assert (after.status, after.provider_status, after.progress) == (Status.RUNNING, "pondering", 0.4)


def test_an_unchanged_look_gives_the_very_same_snapshot() -> None:
    """So that nothing has to be written or told."""
    seen = Observation(provider_status=None, status=Status.RUNNING, progress=0.4)

    assert observe(RUNNING, seen, 11.0, 12.0) is RUNNING


def test_an_answer_to_an_older_question_is_dropped() -> None:
    """A late reply never moves a task backwards."""
    late = Observation(provider_status="queued", status=Status.QUEUED)

    assert observe(RUNNING, late, 9.9, 20.0) is RUNNING


def test_success_without_output_is_a_failure_that_says_so() -> None:
    """Nobody should find out at the download."""
    after = observe(RUNNING, Observation(provider_status="done", status=Status.SUCCEEDED), 11.0, 12.0)

    assert after.status is Status.FAILED
    assert after.failure is not None
    assert after.failure.kind is FailureKind.NO_OUTPUT


def test_moderation_without_a_reason_still_tells_what_to_do() -> None:
    """An agent must not try it again unchanged."""
    after = observe(RUNNING, Observation(provider_status="nsfw", status=Status.MODERATED), 11.0, 12.0)

    assert after.failure is not None
    assert (after.failure.kind, after.failure.retryable) == (FailureKind.MODERATED, False)


def test_progress_out_of_range_is_dropped() -> None:
    """A provider that says 130 % or minus one says nothing."""
    for wrong in (-0.1, 1.3, float("nan"), float("inf")):
        assert observe(RUNNING, Observation(status=Status.RUNNING, progress=wrong), 11.0, 12.0) is RUNNING


def test_a_fresh_url_never_forgets_a_kept_file() -> None:
    """Looking again after the end renews URLs and keeps paths."""
    from pathlib import Path

    kept = evolve(RUNNING, status=Status.SUCCEEDED, artifacts=(evolve(IMAGE, path=Path("a.png"), size=3),))
    seen = Observation(
        status=Status.SUCCEEDED, artifacts=[evolve(IMAGE, url="https://cdn.example/1?sig=b"), Artifact(name="mask")]
    )

    after = refreshed(kept, seen)

    assert [(a.name, a.url, a.path) for a in after.artifacts] == [
        ("image", "https://cdn.example/1?sig=b", Path("a.png")),
        ("mask", None, None),
    ]


def test_what_a_look_leaves_out_of_the_cost_stays() -> None:
    """The estimate survives the actual price."""
    estimated = evolve(RUNNING, cost=Cost(estimated=Decimal("1.96"), unit="USD"))

    after = observe(estimated, Observation(status=Status.RUNNING, cost=Cost(actual=Decimal("1.5"), unit="USD")), 11, 12)

    assert after.cost == Cost(estimated=Decimal("1.96"), actual=Decimal("1.5"), unit="USD")


observations = st.builds(
    Observation,
    provider_status=st.sampled_from([None, "a", "b"]),
    status=st.sampled_from(
        [None, Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.MODERATED, Status.CANCELLED]
    ),
    progress=st.one_of(st.none(), st.floats()),
    queue_position=st.one_of(st.none(), st.integers(-5, 5)),
    eta=st.one_of(st.none(), st.floats()),
    artifacts=st.sampled_from([(), (IMAGE,), (IMAGE, Artifact(name="mask"))]),
    trace_id=st.sampled_from([None, "x", "y"]),
)


@given(st.lists(st.tuples(observations, st.floats(0, 100)), max_size=30))
def test_random_late_and_repeated_observations_never_break_the_promises(
    looks: list[tuple[Observation, float]],
) -> None:
    """Terminal never changes, progress never falls within a run, time of the last look never goes back."""
    snapshot = QUEUED

    for seen, asked_at in looks:
        after = observe(snapshot, seen, asked_at, asked_at + 1)
        again = observe(after, seen, asked_at, asked_at + 1)
        assert after.looked_at is not None
        assert snapshot.looked_at is not None
        assert again.status is after.status
        assert after.looked_at >= snapshot.looked_at
        if snapshot.status.terminal:
            assert after is snapshot
        if after.run == snapshot.run and snapshot.progress is not None:
            assert after.progress is not None
            assert after.progress >= snapshot.progress
        assert after.run >= snapshot.run
        snapshot = after


def test_an_illegal_word_from_an_adapter_is_its_error() -> None:
    """No adapter can put a task back to prepared."""
    import pytest

    with pytest.raises(AdapterError, match="from running to prepared"):
        observe(RUNNING, Observation(status=Status.PREPARED), 11.0, 12.0)
