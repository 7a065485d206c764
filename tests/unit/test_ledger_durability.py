"""Which writes survive a power cut, decided by what changes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, fields

from ledger_records import a_record, an_image, moved
from taskferry.cost import Cost
from taskferry.errors import Failure, FailureKind
from taskferry.ledger import Record
from taskferry.ledger.durability import AGAIN, FIELDS, Durability, durability
from taskferry.status import TRANSITIONS, Status
from taskferry.task import Snapshot

NEVER_CHANGES = {"job", "snapshot", "snapshot.id", "snapshot.provider", "snapshot.operation", "snapshot.created_at"}


def test_every_field_of_a_row_has_its_place_in_the_table() -> None:
    """A field that is added must be thought about; the status has rules of its own."""
    names = {field.name for field in fields(Record)} | {f"snapshot.{field.name}" for field in fields(Snapshot)}

    assert names - NEVER_CHANGES - {"snapshot.status"} == set(FIELDS)


def test_a_new_task_and_one_that_is_not_known_are_full() -> None:
    """The intent is there before anything can be spent; what cannot be compared is kept for certain."""
    assert durability(None, a_record()) is Durability.FULL


@pytest.mark.parametrize(
    ("before", "after"), [(before, after) for before, following in TRANSITIONS.items() for after in sorted(following)]
)
def test_a_change_of_status_is_full_unless_the_next_look_shows_it_again(before: Status, after: Status) -> None:
    """Prepared to submitting, accepted, every end; not the way between queued and running."""
    record = a_record(status=before)

    found = durability(record, moved(record, after))

    watched = {Status.QUEUED, Status.RUNNING}
    assert found is (Durability.NORMAL if {before, after} == watched else Durability.FULL)
    assert ((before, after) in AGAIN) is (found is Durability.NORMAL)


@pytest.mark.parametrize(
    "change",
    [
        {"remote": "job-1"},
        {"create_reply": b"{}"},
        {"cost": Cost(actual=Decimal("0.10"), unit="USD")},
        {"failure": Failure.of(FailureKind.PROVIDER, "broke")},
        {"cancel_wanted": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_cannot_be_asked_for_again_is_full(change: dict[str, Any]) -> None:
    """The way to the job, the evidence, the money, and the user's word."""
    record = a_record(status=Status.RUNNING)
    own = {name: value for name, value in change.items() if name in ("remote", "create_reply")}

    changed = evolve(
        record, snapshot=evolve(record.snapshot, **{k: v for k, v in change.items() if k not in own}), **own
    )

    assert durability(record, changed) is Durability.FULL


@pytest.mark.parametrize(
    "change",
    [
        {"progress": 0.5},
        {"eta": 20.0},
        {"looked_at": 1010.0},
        {"queue_position": 4},
        {"provider_status": "busy"},
        {"raw": b"{}"},
        {"parked": "nobody pays"},
        {"artifacts": (an_image(path=Path("/out/image.png")),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_how_a_task_gets_on_is_normal(change: dict[str, Any]) -> None:
    """The next look, or the file itself, shows it again."""
    record = a_record(status=Status.RUNNING, artifacts=(an_image(),))

    assert durability(record, moved(record, Status.RUNNING, **change)) is Durability.NORMAL
