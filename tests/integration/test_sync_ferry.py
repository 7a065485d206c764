"""The ferry without `await`, as a script or a notebook uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from taskferry import CancelOutcome, CostExceeded, Finished, Status, StillRunning
from taskferry.sandbox import Running, running
from taskferry.sync import Ferry

SPEED = 50.0


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A stand-in that is much faster than the real service."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def ferry(provider: Running, tmp_path: Path) -> Iterator[Ferry]:
    """An open ferry with a home of its own."""
    with Ferry(home=tmp_path / "home", environ=dict(provider.env), speed=SPEED) as opened:
        yield opened


def test_a_job_is_submitted_waited_for_and_saved(ferry: Ferry, tmp_path: Path) -> None:
    """The whole way in three calls."""
    task = ferry.submit("vap/image", prompt="a lighthouse", max_cost="0.20 USD")
    outcome = task.wait(timeout=30)
    (image,) = task.save(tmp_path / "out")

    assert isinstance(outcome, Finished)
    assert (outcome.snapshot.id, task.snapshot.status, task.duplicate) == (task.id, Status.SUCCEEDED, False)
    assert image.path is not None
    assert image.path.parent == tmp_path / "out"


def test_updates_are_a_plain_iterator(ferry: Ferry) -> None:
    """From the present state to the end."""
    statuses = [snapshot.status for snapshot in ferry.submit("vap/image", prompt="a pier").updates()]

    assert statuses[-1] is Status.SUCCEEDED


def test_a_wait_that_runs_out_gives_a_token_to_go_on_with(ferry: Ferry) -> None:
    """Also for another process; here the same ferry resumes it."""
    task = ferry.submit("vap/video", prompt="slow waves [[run:100]]", duration=4)
    outcome = task.wait(timeout=0.05)
    resumed = ferry.resume(task.token)

    assert isinstance(outcome, StillRunning)
    assert resumed.id == ferry.task(task.id[:12]).id == task.id
    assert task.cancel() is CancelOutcome.UNSUPPORTED
    assert task.refresh().status in (Status.QUEUED, Status.RUNNING)
    assert ferry.resume_all()[0].id in repr(task)


def test_prices_balances_and_mistakes_need_no_await(ferry: Ferry) -> None:
    """A cap that is too low is an error at once, and nothing is kept of it."""
    price = ferry.quote("vap/image", prompt="a lighthouse")
    balance = ferry.balance("vap")

    with pytest.raises(CostExceeded):
        ferry.submit("vap/video", prompt="dear", max_cost="1 USD")
    assert (str(price), balance.unit) == ("0.18 USD", "USD")


def test_a_lost_reply_is_reconciled(ferry: Ferry, provider: Running) -> None:
    """The job is found at the provider, and nothing is sent again."""
    httpx.post(f"{provider.base_url}/_sandbox/reset")  # jobs of the other tests would fit as well: VAP lists no prompts
    task = ferry.submit("vap/image", prompt="lost at sea [[lost-reply]]")

    found = ferry.reconcile(task.id)

    assert task.snapshot.status is Status.UNCONFIRMED
    assert found.outcome == "adopted"
    assert isinstance(ferry.resume(task.id).wait(timeout=30), Finished)


def test_lists_and_operations_need_no_await(ferry: Ferry) -> None:
    """They narrow as those of the async ferry do."""
    task = ferry.submit("vap/image", prompt="one that is listed")

    assert [record.id for record in ferry.recent(text="that is listed")] == [task.id]
    assert ferry.operation("vap/image") in ferry.operations("vap")


def test_a_ferry_is_used_from_another_kind_of_event_loop(ferry: Ferry) -> None:
    """Trio's name for itself, which comes along with the caller's context, does not reach our loop's thread."""

    async def asked() -> str:
        return ferry.balance("vap").unit

    assert anyio.run(asked, backend="trio") == "USD"
