"""Caps and spend as an embedder and people at the keyboard meet them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import respx

import acme
from cli_keyboard import SPEED, Keyboard, set_up
from taskferry import CostExceeded, Status, UsageError
from taskferry.sandbox import Running, running
from taskferry.sync import Ferry as SyncFerry
from taskferry.testing import VirtualClock

DONE = {"state": "done", "images": [acme.PIXEL.url]}


@pytest.fixture
async def clock():
    async with VirtualClock() as made:
        yield made


@pytest.fixture
def provider() -> Iterator[respx.MockRouter]:
    """Acme, whose jobs wait for ever and cost what it says itself."""
    with respx.mock(using="taskferry", assert_all_called=False) as mock:
        mock.post(f"{acme.BASE}/jobs").respond(json={"id": "1", "cost": "0.20"})
        mock.get(f"{acme.BASE}/jobs/1").respond(json={"state": "waiting"})
        yield mock


async def test_a_cap_stops_a_submit_before_anything_is_kept_or_sent(
    tmp_path: Path, clock: VirtualClock, provider: respx.MockRouter
) -> None:
    """The second job would be too much for the day."""
    async with acme.ferry(tmp_path, clock=clock, caps={"day": "0.37 USD"}) as ferry:
        await ferry.submit("acme/image", prompt="a fox")
        sent = provider.calls.call_count
        with pytest.raises(CostExceeded, match=r"costs 0\.18 USD.* 0\.2 USD are reserved .* come to 0\.38 USD"):
            await ferry.submit("acme/image", prompt="another fox")
        rows = await ferry.recent()

    assert len(rows) == 1
    assert not [call for call in list(provider.calls)[sent:] if call.request.method == "POST"]


async def test_asking_for_the_same_again_gives_the_task_although_the_cap_is_used_up(
    tmp_path: Path, clock: VirtualClock, provider: respx.MockRouter
) -> None:
    """Nothing more is spent by it."""
    async with acme.ferry(tmp_path, clock=clock, caps={"day": "0.20 USD"}) as ferry:
        first = await ferry.submit("acme/image", prompt="a fox")
        second = await ferry.submit("acme/image", prompt="a fox")

    assert (second.id, second.duplicate) == (first.id, True)


async def test_a_provider_that_wants_more_than_the_cap_is_told(
    tmp_path: Path, clock: VirtualClock, provider: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    """The job was taken for more than it was to cost: that cannot be undone, only said."""
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox", max_cost="0.19 USD")
        spend = await ferry.spend()

    assert "took the job for 0.2 USD, more than the cap of 0.19 USD a task" in caplog.text
    assert [overrun.task_id for overrun in spend.overruns] == [task.id]


async def test_spend_follows_a_job_to_its_end(tmp_path: Path, clock: VirtualClock, provider: respx.MockRouter) -> None:
    """Reserved while it goes on, then spent; Acme does not say what it took, so the estimate stays one."""
    async with acme.ferry(tmp_path, clock=clock, caps={"acme": {"day": "5 images"}}) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        (before,) = (await ferry.spend()).lines
        provider.get(f"{acme.BASE}/jobs/1").respond(json=DONE)
        await task.wait()
        spend = await ferry.spend(provider="acme")

    (after,) = spend.lines
    assert task.snapshot.status is Status.SUCCEEDED
    assert (before.reserved, before.estimated) == (Decimal("0.20"), 0)
    assert (after.reserved, after.actual, after.estimated) == (0, 0, Decimal("0.20"))
    assert after.quantities == {"images": 1}
    assert [(line.spent, line.left) for line in spend.caps] == [(1, 4)]


async def test_an_unconfirmed_job_keeps_its_reservation_and_an_abandoned_one_its_estimate(
    tmp_path: Path, clock: VirtualClock, provider: respx.MockRouter
) -> None:
    """Both may have been made, and billed."""
    provider.post(f"{acme.BASE}/jobs").side_effect = httpx.ReadError("the line broke")

    async with acme.ferry(tmp_path, clock=clock, caps={"day": "0.30 USD"}) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        (lost,) = (await ferry.spend()).lines
        with pytest.raises(CostExceeded):
            await ferry.submit("acme/image", prompt="another fox")
        await ferry.reconcile(task.id, abandon=True)
        (abandoned,) = (await ferry.spend()).lines

    assert task.snapshot.status is Status.UNCONFIRMED
    assert (lost.reserved, lost.estimated) == (Decimal("0.18"), 0)
    assert (abandoned.reserved, abandoned.estimated) == (0, Decimal("0.18"))


async def test_a_job_that_never_reached_the_provider_gives_its_reservation_back(
    tmp_path: Path, clock: VirtualClock, provider: respx.MockRouter
) -> None:
    """Refused, or not connected to."""
    provider.post(f"{acme.BASE}/jobs").side_effect = [
        httpx.Response(402, json={}), *[httpx.ConnectError("nobody there")] * 5
    ]  # fmt: skip

    async with acme.ferry(tmp_path, clock=clock, caps={"day": "0.30 USD"}) as ferry:
        refused = await ferry.submit("acme/image", prompt="a fox")
        unsent = await ferry.submit("acme/image", prompt="another fox")
        await unsent.wait()
        spend = await ferry.spend()

    assert [refused.snapshot.status, unsent.snapshot.status] == [Status.REFUSED, Status.REFUSED]
    assert list(spend.lines) == []
    assert spend.caps[0].left == Decimal("0.30")


async def test_a_cap_that_cannot_be_read_stops_the_submit(tmp_path: Path, clock: VirtualClock) -> None:
    """A misspelt cap never counts as none."""
    async with acme.ferry(tmp_path, clock=clock, environ={"TASKFERRY_CAP_DAY": "plenty"}) as ferry:
        with pytest.raises(UsageError, match="TASKFERRY_CAP_DAY: 'plenty' is not an amount"):
            await ferry.submit("acme/image", prompt="a fox")


async def test_a_cap_for_a_provider_that_is_not_there_is_told(
    tmp_path: Path, clock: VirtualClock, provider: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be misspelt; but a plugin that was taken away must not stop the others."""
    async with acme.ferry(tmp_path, clock=clock, caps={"acne": {"day": "1 USD"}}) as ferry:
        await ferry.submit("acme/image", prompt="a fox")

    assert "A cap is set for acne, but there is no such provider." in caplog.text


def test_the_sync_ferry_knows_what_was_spent(tmp_path: Path) -> None:
    """As the async one does."""
    with SyncFerry(home=tmp_path, registry=acme.registry(), caps={"day": "2 USD"}, environ={}) as ferry:
        spend = ferry.spend(days=1)

    assert list(spend.lines) == []
    assert [(line.spent, line.left) for line in spend.caps] == [(0, 2)]


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def keyboard(
    stand_in: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyboard:
    """A keyboard with an empty home."""
    return set_up(stand_in, tmp_path, monkeypatch, capsys)


class TestAtTheKeyboard:
    """`taskferry spend`, and caps in the config file."""

    def test_nothing_was_spent_in_an_empty_home(self, keyboard: Keyboard) -> None:
        """And none is made by asking."""
        out, _ = keyboard("spend")

        assert out == "Nothing was spent.\n"
        assert not (keyboard.folder / "home").exists()

    def test_it_shows_days_and_caps(self, keyboard: Keyboard) -> None:
        """What was spent, and what is left."""
        (keyboard.folder / "home").mkdir()
        (keyboard.folder / "home" / "config.toml").write_text('[caps]\nday = "1 USD, 5 images"\ntask = "0.5 USD"')
        keyboard("run", "vap/image", "prompt=a red fox")

        out, _ = keyboard("spend")
        document = keyboard.json("spend", "--days", "1", "--provider", "vap")

        lines = [line.split() for line in out.splitlines()]
        assert lines[1][1:] == ["vap", "1", "$0.00", "$0.18", "$0.00", "1", "images"]
        assert [" ".join(line[:7]) for line in lines[4:]] == [
            "1 USD a day $0.00 $0.18 $0.82",
            "5 images a day 0 images 1",
            f"0.5 USD a task caps.task in {keyboard.folder / 'home' / 'config.toml'}",
        ]
        (line,) = document["spend"]
        assert (line["provider"], line["unit"], line["tasks"]) == ("vap", "USD", 1)
        assert (line["reserved"], line["actual"], line["estimated"]) == ("0", "0.1800", "0")
        assert [(cap["span"], cap["limit"], cap["unit"], cap["left"]) for cap in document["caps"]] == [
            ("day", "1", "USD", "0.8200"),
            ("day", "5", "images", "4"),
            ("task", "0.5", "USD", None),
        ]

    def test_unpriced_needs_to_be_allowed_once_a_cap_is_set(self, keyboard: Keyboard) -> None:
        """By a word on the command line; nothing was sent without it."""
        job = ("submit", "vap/background-remove", "image=https://example.com/fox.png", "--max-cost", "1 USD")

        _, err = keyboard(*job, code=2)
        keyboard(*job, "--allow-unpriced")

        assert "has no known price" in err
        assert "--allow-unpriced" in err
        assert keyboard.creates() == 1
