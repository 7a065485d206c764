"""What tasks hold of the caps, in a real ledger: reserved with the row, settled or released with its end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ledger_records import a_job, a_record, an_image, moved
from taskferry import Cost, CostExceeded, Failure, FailureKind, Status
from taskferry.cli.ledgers import reading
from taskferry.ledger import Ledger, Record, open_ledger, schema
from taskferry.ledger.opening import FILE
from taskferry.spend import Caps, Quantity, Reservation, Spend, read_caps

NOON = 1_795_262_400.0
"""2026-11-21 at 12:00 UTC."""
NOT_SENT = Failure.of(FailureKind.NOT_SENT, "The provider's complete list shows that the job was never made.")


class Now:
    """A clock that tests set."""

    at = NOON

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Now:
    """The time of the ledger."""
    return Now()


@pytest.fixture
def ledger(tmp_path: Path, now: Now) -> Ledger:
    """An empty ledger."""
    with open_ledger(tmp_path / "home", now=now) as ledger:
        yield ledger


def caps(**limits: Any) -> Caps:
    return read_caps(Path("/nowhere"), {}, caps=limits)


def reservation(count: int = 1, **limits: Any) -> Reservation:
    return Reservation(caps=caps(**limits), quantity=Quantity(count=count, unit="images"))


def priced(estimated: str | None = "0.18", unit: str | None = "USD", **snapshot: Any) -> Record:
    return a_record(NOON, cost=Cost(estimated=estimated and Decimal(estimated), unit=unit), **snapshot)


def cost(record: Record, **changes: Any) -> Cost:
    return evolve(record.snapshot.cost, **{name: Decimal(value) for name, value in changes.items()})


def spend(ledger: Ledger, days: int = 7, **limits: Any) -> Spend:
    return ledger.spend(caps(**limits), days)


def amounts(ledger: Ledger) -> list[tuple[str | None, ...]]:
    """Give reserved, actual and estimated of every line."""
    return [
        tuple(None if value is None else f"{value:f}" for value in (line.reserved, line.actual, line.estimated))
        for line in spend(ledger).lines
    ]


def test_the_row_and_its_reservation_are_kept_together_or_not_at_all(ledger: Ledger) -> None:
    """What a cap refuses leaves no trace."""
    first = ledger.add(priced(), reservation(day="0.30 USD"))

    with pytest.raises(CostExceeded, match=r"0\.18 USD are reserved .* come to 0\.36 USD"):
        ledger.add(priced(), reservation(day="0.30 USD"))

    assert [record.id for record in ledger.recent()] == [first.id]
    assert amounts(ledger) == [("0.18", "0", "0")]


@pytest.mark.parametrize(
    ("status", "changes", "expected"),
    [
        (Status.UNCONFIRMED, {}, [("0.18", "0", "0")]),
        (Status.RUNNING, {}, [("0.18", "0", "0")]),
        (Status.RUNNING, {"actual": "0.50"}, [("0.50", "0", "0")]),
        (Status.SUCCEEDED, {"actual": "0.17"}, [("0", "0.17", "0")]),
        (Status.SUCCEEDED, {}, [("0", "0", "0.18")]),
        (Status.FAILED, {}, [("0", "0", "0.18")]),
        (Status.FAILED, {"actual": "0"}, []),
        (Status.MODERATED, {"actual": "0.02"}, [("0", "0.02", "0")]),
    ],
    ids=[
        "unconfirmed keeps it", "running keeps it", "the larger while it runs", "the actual at the end",
        "the estimate where nothing was told", "some bill failed jobs", "refunded", "partly billed",
    ],
)  # fmt: skip
def test_what_a_task_holds_follows_its_state(
    ledger: Ledger, status: Status, changes: dict[str, str], expected: list[tuple[str, ...]]
) -> None:
    """Nothing is given back before it is certain that nothing is billed."""
    record = ledger.add(priced(), reservation())

    ledger.save(evolve(moved(record, status, cost=cost(record, **changes)), remote={"id": "1"}))

    assert amounts(ledger) == expected


@pytest.mark.parametrize(
    ("through", "status", "failure", "expected"),
    [
        (Status.PREPARED, Status.CANCELLED, None, []),
        (Status.SUBMITTING, Status.REFUSED, Failure.of(FailureKind.FUNDS, "No money."), []),
        (Status.UNCONFIRMED, Status.REFUSED, NOT_SENT, []),
        (Status.UNCONFIRMED, Status.REFUSED, evolve(NOT_SENT, retryable=False), [("0", "0", "0.18")]),
    ],
    ids=["cancelled before sending", "refused", "proven absent", "given up by the user"],
)
def test_only_what_was_surely_not_made_is_given_back(
    ledger: Ledger, through: Status, status: Status, failure: Failure | None, expected: list[tuple[str, ...]]
) -> None:
    """A job that the user abandons may have been billed."""
    record = ledger.save(moved(ledger.add(priced(), reservation()), through))

    ledger.save(moved(record, status, failure=failure))

    assert amounts(ledger) == expected


def test_what_is_held_is_always_the_sum_of_what_tasks_hold(ledger: Ledger) -> None:
    """Counted as it changes, so that no submit has to read every task there ever was."""
    records = [ledger.add(priced(amount, unit), reservation(count)) for amount, unit, count in (
        ("0.18", "USD", 1), ("0.18", "USD", 1), ("30", "credits", 1), (None, None, 2),
    )]  # fmt: skip
    ledger.save(moved(records[0], Status.SUCCEEDED, cost=cost(records[0], actual="0.17")))
    ledger.save(moved(records[1], Status.REFUSED))

    with ledger._database.writing() as connection:
        counted = [tuple(row) for row in connection.execute("SELECT alike, tasks FROM held ORDER BY alike")]
        connection.execute("DELETE FROM spend WHERE task = ?", (records[2].id,))
        left = connection.execute("SELECT sum(tasks) FROM held").fetchone()[0]

    assert counted == [
        ('["2026-11-21","acme","reserved","credits","30",null,1,"images",null]', 1),
        ('["2026-11-21","acme","reserved",null,null,null,2,"images",null]', 1),
        ('["2026-11-21","acme","settled","USD","0.18","0.17",1,"images",null]', 1),
    ]
    assert left == 2


def test_what_is_given_back_can_be_had_again(ledger: Ledger) -> None:
    """At once, by the next task."""
    record = ledger.add(priced(), reservation(day="0.20 USD", acme={"day": "1 image"}))

    ledger.save(moved(record, Status.REFUSED))

    assert ledger.add(priced(), reservation(day="0.20 USD", acme={"day": "1 image"})).version == 1


def test_the_providers_own_estimate_takes_the_place_of_ours(ledger: Ledger) -> None:
    """Also in another unit; a task that is dearer than its cap then is told."""
    record = ledger.add(evolve(priced(), job=a_job(max_cost="0.20 USD")), reservation())
    dearer = ledger.save(moved(record, Status.QUEUED, cost=cost(record, estimated="0.25")))

    found = spend(ledger)
    ledger.save(moved(dearer, Status.RUNNING, cost=Cost(estimated=Decimal(30), unit="credits")))

    assert [(str(overrun.cost), overrun.cap) for overrun in found.overruns] == [("0.25 USD", "0.2 USD a task")]
    assert [line.unit for line in spend(ledger).lines] == ["credits"]
    assert amounts(ledger) == [("30", "0", "0")]


def test_an_unknown_price_is_never_zero(ledger: Ledger) -> None:
    """Until the provider tells it."""
    record = ledger.add(priced(None, None), reservation())
    before = amounts(ledger)

    ledger.save(moved(record, Status.SUCCEEDED, cost=Cost(actual=Decimal(2), unit="USD")))

    assert before == [(None, None, None)]
    assert amounts(ledger) == [("0", "2", "0")]


def test_a_day_is_one_in_utc(ledger: Ledger, now: Now) -> None:
    """A task belongs to the day on which it was asked for, and the next day begins with nothing held."""
    now.at = NOON + 12 * 3600 - 1
    late = ledger.add(priced(), reservation(day="0.20 USD"))
    now.at = NOON + 12 * 3600
    ledger.add(priced(), reservation(day="0.20 USD"))
    ledger.save(moved(late, Status.SUCCEEDED, cost=cost(late, actual="0.15")))

    found = spend(ledger, day="0.20 USD", total="1 USD")

    assert [(line.day, line.reserved, line.actual) for line in found.lines] == [
        ("2026-11-22", Decimal("0.18"), 0),
        ("2026-11-21", 0, Decimal("0.15")),
    ]
    assert [str(line.left) for line in found.caps] == ["0.02", "0.67"]
    assert [line.day for line in spend(ledger, days=1).lines] == ["2026-11-22"]


def test_quantities_are_counted_beside_the_money(ledger: Ledger) -> None:
    """And capped exactly."""
    for _ in range(2):
        ledger.add(priced(), reservation(count=4, day="10 images"))

    with pytest.raises(CostExceeded, match=r"makes 4 images.*8 images are reserved"):
        ledger.add(priced(), reservation(count=4, day="10 images"))

    assert spend(ledger).lines[0].quantities == {"images": 8}
    assert spend(ledger).lines[0].tasks == 2


OLD_ROW: dict[str, Any] = {
    "provider": "acme", "operation": "acme/image", "generation": "v1", "base_url": "https://api.acme.example",
    "account": "4f2a", "parameters": "{}", "caller": "cli", "version": 1, "run": 1, "progress_source": "none",
    "cost_estimated": "0.18", "cost_unit": "USD", "cancel_wanted": 0, "trace_ids": "[]", "created_at": NOON,
}  # fmt: skip
OLD_TASKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("succeeded", {"cost_actual": "0.17", "raw": b"{}", "create_reply": b"{}"}),
    ("succeeded", {}),
    ("running", {"remote": '{"id":"1"}'}),
    ("unconfirmed", {}),
    ("failed", {"cost_actual": "0.00"}),
    ("refused", {"failure": '{"kind":"funds","message":"no","retryable":false}'}),
    ("refused", {"failure": '{"kind":"not_sent","message":"given up","retryable":false}'}),
    ("cancelled", {}),
    ("queued", {"cost_estimated": None, "cost_unit": None}),
)


class TestOlderLedger:
    """A file of version 1, which knew no spend."""

    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A home with a task in every state, written by the statements of version 1."""
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
            schema.migrate(connection, schema.MIGRATIONS[:1])
            for number, (status, changes) in enumerate(OLD_TASKS):
                row = {"id": f"task{number}", "status": status, **OLD_ROW, **changes}
                places = ", ".join(f":{name}" for name in row)
                connection.execute(f"INSERT INTO tasks ({', '.join(row)}) VALUES ({places})", row)
            connection.execute(
                "INSERT INTO transitions (task, at, after, run) VALUES ('task6', 1000.0, 'unconfirmed', 1)"
            )
            connection.execute(
                "INSERT INTO artifacts VALUES ('task0', 0, 'a', 'image', NULL, NULL, NULL, 0, '/x', 1, '')"
            )
        monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path))
        return tmp_path

    def test_its_tasks_are_there_with_what_they_hold(self, home: Path) -> None:
        """Derived from the columns of their cost."""
        with open_ledger(home, now=Now()) as ledger:
            records, lines, problems = ledger.recent(), spend(ledger).lines, ledger.check()

        assert len(records) == len(OLD_TASKS)
        assert problems == []
        assert [(line.unit, line.tasks) for line in lines] == [(None, 1), ("USD", 5)]
        assert (lines[1].reserved, lines[1].actual) == (Decimal("0.36"), Decimal("0.17"))
        assert lines[1].estimated == Decimal("0.36")
        assert lines[1].quantities == {"images": 1}

    def test_what_it_holds_counts_under_a_cap(self, home: Path) -> None:
        """From the first submit after the upgrade."""
        with (
            open_ledger(home, now=Now()) as ledger,
            pytest.raises(CostExceeded, match=r"0\.53 USD are spent and 0\.36"),
        ):
            ledger.add(priced(), reservation(day="1 USD"))

    def test_a_command_that_only_reads_brings_it_up_to_date(self, home: Path) -> None:
        """`taskferry list` is the first that many will run after an upgrade."""
        with reading() as ledger:
            records = ledger.recent() if ledger else []

        assert len(records) == len(OLD_TASKS)

    def test_a_row_of_an_older_process_is_taken_up_when_it_ends(self, home: Path) -> None:
        """One that was running during the upgrade still writes tasks without a reservation."""
        with open_ledger(home, now=Now()) as ledger:
            record = ledger.add(priced(artifacts=(an_image(),)))
            with ledger._database.writing() as connection:
                connection.execute("DELETE FROM spend")
            ledger.save(moved(record, Status.SUCCEEDED, cost=cost(record, actual="0.10")))

            found = amounts(ledger)

        assert found == [("0", "0.10", "0")]
