"""The table of statuses: every step, legal and illegal."""

from __future__ import annotations

import itertools

import pytest

from taskferry.errors import AdapterError
from taskferry.machine import step
from taskferry.status import Status, may_become
from taskferry.task import Snapshot

ENDS = ["succeeded", "failed", "moderated", "expired", "cancelled"]
LEGAL = {
    "prepared": ["submitting", "cancelled", "refused"],
    "submitting": ["prepared", "unconfirmed", "queued", "running", "refused", *ENDS],
    "unconfirmed": ["queued", "running", "refused", *ENDS],
    "queued": ["running", *ENDS],
    "running": ["queued", *ENDS],
}
"""The table of the design, written a second time on purpose."""


def snapshot(status: Status) -> Snapshot:
    return Snapshot(id="t", provider="acme", operation="acme/image", status=status)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Status, Status)))
def test_each_step_is_legal_exactly_where_the_design_says_so(before: Status, after: Status) -> None:
    """All 121 pairs are tried; an illegal one raises and names both words."""
    legal = after.value in LEGAL.get(before.value, [])

    assert may_become(before, after) is legal
    if legal:
        assert step(snapshot(before), after, 5.0).status is after
    else:
        with pytest.raises(AdapterError, match=f"from {before} to {after}"):
            step(snapshot(before), after, 5.0)


def test_ends_are_exactly_the_statuses_without_a_way_out() -> None:
    """A terminal status is absorbing, and refused is one of them."""
    assert {status.value for status in Status if status.terminal} == {*ENDS, "refused"}
    assert [status for status in Status if status.ok] == [Status.SUCCEEDED]


def test_every_status_says_what_it_means_to_the_caller() -> None:
    """Each member is followed by its meaning in the source."""
    import inspect

    source = inspect.getsource(Status)

    for status in Status:
        assert f'{status.name} = "{status.value}"\n    """' in source


def test_a_step_back_from_running_to_queued_begins_another_run() -> None:
    """Progress belongs to a run, so it starts again."""
    running = step(snapshot(Status.QUEUED), Status.RUNNING, 1.0)

    requeued = step(running, Status.QUEUED, 2.0)

    assert (requeued.run, requeued.progress, requeued.started_at) == (2, None, 1.0)


def test_an_end_ends_parking_too() -> None:
    """A task that is over is not waiting for anybody."""
    from attrs import evolve

    parked = evolve(snapshot(Status.RUNNING), parked="too long")

    assert step(parked, Status.SUCCEEDED, 9.0).parked is None
