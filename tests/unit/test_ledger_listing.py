"""Lists of tasks: what they can be narrowed by, and how they are paged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger_records import a_job, a_record, an_image
from taskferry import Kind, Status, UnknownName
from taskferry.ledger import Ledger, open_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    "wanted",
    [
        {"statuses": [Status.SUCCEEDED]},
        {"provider": "zeta"},
        {"operation": "zeta/video"},
        {"caller": "alice"},
        {"kind": Kind.IMAGE},
        {"text": "red FOX, 1"},
        {"text": "100%"},
        {"parked": True},
        {"since": 2000.0},
        {"until": 3000.0, "since": 2000.0},
        {"provider": "zeta", "text": "fox", "parked": True, "kind": Kind.IMAGE},
    ],
    ids=str,
)
def test_a_list_shows_what_fits_everything_that_is_wanted(ledger: Ledger, wanted: dict[str, Any]) -> None:
    """Capitals do not matter in texts, and no letter of a text has a meaning of its own."""
    ledger.add(a_record(1000.0, status=Status.RUNNING))
    job = a_job(provider="zeta", operation="zeta/video", caller="alice", parameters={"prompt": "a Red Fox, 100% real"})
    one = a_record(2000.0, status=Status.SUCCEEDED, job=job, artifacts=(an_image(),), parked="The queue is too long.")
    added = ledger.add(one)

    assert ledger.recent(**wanted) == [added]


def test_the_beginning_of_an_id_finds_a_task(ledger: Ledger) -> None:
    """As it does everywhere else."""
    first, second = ledger.add(a_record(1000.0)), ledger.add(a_record(2_000_000_000.0))

    assert ledger.recent(text=first.id[:12].upper()) == [first]
    assert ledger.recent(text=second.id) == [second]


def test_pages_follow_each_other_without_a_gap_or_a_repetition(ledger: Ledger) -> None:
    """Also where several tasks were made in one moment."""
    ids = [ledger.add(a_record(float(number // 3))).id for number in range(20)]

    seen: list[str] = []
    while page := ledger.recent(7, **({"before": seen[-1]} if seen else {})):
        seen += [record.id for record in page]

    assert seen == ids[::-1]


def test_a_page_after_a_task_that_is_not_there_is_an_error(ledger: Ledger) -> None:
    """And not an empty page, which would say that all was seen."""
    ledger.add(a_record())

    with pytest.raises(UnknownName, match="nowhere"):
        ledger.recent(before="nowhere")


def test_a_page_deep_down_costs_what_the_first_one_costs(ledger: Ledger) -> None:
    """The way to its rows is an index, whatever came before."""
    last = ledger.add(a_record())

    with ledger._database.reading() as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM tasks WHERE (created_at, tasks.rowid) < "
            "(SELECT created_at, rowid FROM tasks WHERE id = ?) ORDER BY created_at DESC, tasks.rowid DESC LIMIT 5",
            (last.id,),
        ).fetchall()

    steps = [row["detail"] for row in plan]
    assert any("tasks_by_age" in step and "created_at" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)
