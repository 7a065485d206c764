"""A task that already stands for a job is found before the job is paid for twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_records import a_job, a_record
from taskferry.ledger import Ledger, open_ledger
from taskferry.status import Status


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path, now=lambda: 5000.0) as opened:
        yield opened


def test_a_key_finds_its_task_however_old_and_however_it_ended(ledger: Ledger) -> None:
    """And whatever the parameters are."""
    first = ledger.add(a_record(1.0, job=a_job(idempotency_key="k"), status=Status.FAILED))

    again = ledger.duplicate(a_job(idempotency_key="k", parameters={"prompt": "else"}), since=900.0)

    assert again == first
    assert ledger.duplicate(a_job(idempotency_key="k", caller="mcp"), since=0.0) is None


def test_another_key_means_another_job(ledger: Ledger) -> None:
    """Who gives keys decides alone what is the same."""
    ledger.add(a_record(1000.0, job=a_job(idempotency_key="k-1")))

    assert ledger.duplicate(a_job(idempotency_key="k-2"), since=0.0) is None


def test_without_a_key_the_same_thing_again_is_the_newest_such_task(ledger: Ledger) -> None:
    """The order of the parameters does not matter."""
    ledger.add(a_record(1000.0, job=a_job(parameters={"prompt": "ü", "count": 2})))
    newest = ledger.add(a_record(1001.0, job=a_job(parameters={"prompt": "ü", "count": 2})))

    again = ledger.duplicate(a_job(parameters={"count": 2, "prompt": "ü"}), since=1000.5)

    assert again == newest
    assert ledger.duplicate(a_job(parameters={"count": 2, "prompt": "ü"}), since=1001.5) is None


@pytest.mark.parametrize(
    "change",
    [
        {"caller": "mcp"},
        {"operation": "acme/video"},
        {"parameters": {"prompt": "else"}},
        {"account": "other"},
        {"base_url": "http://127.0.0.1:1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_thing_is_no_duplicate(ledger: Ledger, change: dict[str, object]) -> None:
    """Another caller, operation, parameter, account or place."""
    ledger.add(a_record(1000.0))

    assert ledger.duplicate(a_job(**change), since=0.0) is None


@pytest.mark.parametrize("status", list(Status))
def test_only_an_end_without_success_may_be_asked_for_again(ledger: Ledger, status: Status) -> None:
    """An unconfirmed task above all is never submitted again blindly."""
    ledger.add(a_record(1000.0, status=status))

    again = ledger.duplicate(a_job(), since=0.0)

    assert (again is None) is (status.terminal and not status.ok)
