"""The wish to cancel, written by a process that does not hold the task: in a file, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger_records import a_record, moved
from postgres_server import open_in_postgres
from taskferry import LedgerProtocol, Status, TaskTaken
from taskferry.ledger import open_ledger

LEDGERS = [open_ledger, open_in_postgres]


@pytest.mark.parametrize("opened", LEDGERS)
def test_a_wish_comes_before_the_billed_call_or_not_at_all(
    opened: Callable[[Path], LedgerProtocol], tmp_path: Path
) -> None:
    """The holder cannot write that the call leaves over a row that it has not read; it finds the wish there."""
    with opened(tmp_path) as holder, opened(tmp_path) as other:
        added = holder.add(a_record())

        wished = other.wish_cancel(added.id)
        with pytest.raises(TaskTaken):
            holder.save(moved(added, Status.SUBMITTING))
        found = holder.claim(added.id)
        cancelled = holder.save(moved(found, Status.CANCELLED))
        notes = [step.note for step in holder.transitions(added.id)]

    assert wished
    assert found.snapshot.cancel_wanted
    assert cancelled.snapshot.status is Status.CANCELLED
    assert notes == [None, "cancelling is wanted", None]


@pytest.mark.parametrize("opened", LEDGERS)
@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.QUEUED])
def test_what_was_sent_takes_no_such_wish(
    opened: Callable[[Path], LedgerProtocol], status: Status, tmp_path: Path
) -> None:
    """Its holder would lose what the reply says."""
    with opened(tmp_path) as holder, opened(tmp_path) as other:
        sent = holder.save(moved(holder.add(a_record()), status))

        wished = other.wish_cancel(sent.id)
        kept = holder.save(moved(sent, Status.RUNNING if status is Status.QUEUED else Status.QUEUED))

    assert not wished
    assert kept.version == sent.version + 1
