"""Groups of writes in PostgreSQL: by few statements, each its own success or failure, beside other processes."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from attrs import evolve

from ledger_records import a_job, a_record, an_image, moved
from postgres_server import environment, open_in_postgres, server
from taskferry import CostExceeded, Status, TaskTaken
from taskferry.cost import Cost
from taskferry.ledger.group import Call
from taskferry.spend import Caps, Quantity, Reservation
from taskferry.spend.reading import read_caps

pytestmark = pytest.mark.slow

ONE = Quantity(count=1, unit="images")
PRICE = Cost(estimated=Decimal("0.10"), unit="USD")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Any]:
    with open_in_postgres(tmp_path, now=lambda: 5000.0) as opened:
        yield opened


@pytest.fixture
def statements(ledger: Any) -> list[str]:
    """A word for every time that the ledger's connection waits for the server, from now on."""
    raw = ledger._postgres._connected().raw
    original, seen = raw.wait, list[str]()

    def noted(*values: Any, **more: Any) -> Any:
        seen.append("there and back")
        return original(*values, **more)

    raw.wait = noted
    return seen


def added(ledger: Any, **fields: Any) -> Any:
    """Add a task that is not like any other."""
    return ledger.add(a_record(**fields))


def asked(number: int, at: float = 4999.0) -> Any:
    """Make a new task for a job of its own."""
    return a_record(at, job=a_job(parameters={"prompt": f"fox {number}"}), cost=PRICE)


def test_a_hundred_new_tasks_go_there_and_back_a_handful_of_times(ledger: Any, statements: list[str]) -> None:
    """Although each is held against those that are there already, and against the others."""
    calls = [
        Call(ledger.add, (asked(number), Reservation(caps=Caps(), quantity=ONE)), {"since": 0.0})
        for number in range(100)
    ]

    outcomes = ledger.together(calls)

    assert [error for _, error in outcomes] == [None] * 100
    assert len(statements) <= 6
    assert [ledger.get(record.id) for record, _ in outcomes] == [record for record, _ in outcomes]


def test_every_step_of_a_life_is_written_with_those_of_others(ledger: Any, statements: list[str]) -> None:
    """Also those with replies, handles, costs, results, and those that give a task up or take it."""
    tasks = [added(ledger, cost=PRICE, status=Status.SUBMITTING) for _ in range(50)]
    statements.clear()

    for step in (
        lambda one: evolve(one, create_reply=b"\x00\xff"),
        lambda one: evolve(moved(one, Status.QUEUED, trace_ids=("狐",)), remote={"id": one.id}),
        lambda one: moved(one, Status.RUNNING, raw=b"{}", progress=0.1),
        lambda one: moved(
            one, Status.SUCCEEDED, artifacts=(an_image(expires_at=9.0),), cost=evolve(PRICE, actual=Decimal(1))
        ),
        lambda one: moved(one, Status.SUCCEEDED, artifacts=(an_image(path=Path("/x.png"), size=1),)),
    ):
        outcomes = ledger.together([Call(ledger.save, (step(one),), {"note": "so"}) for one in tasks])
        tasks = [record for record, error in outcomes if error is None]
    ledger.together([Call(ledger.release, (one.id,), {}) for one in tasks])
    sent = len(statements)
    again = ledger.together([Call(ledger.claim, (one.id,), {}) for one in tasks])

    assert len(tasks) == 50
    assert sent <= 6 * 5
    assert [record for record, _ in again] == [evolve(one, version=one.version + 2) for one in tasks]
    assert [ledger.get(one.id) for one in tasks] == [record for record, _ in again]
    assert ledger.check() == []


def test_of_two_new_tasks_for_one_job_in_a_group_one_is_kept(ledger: Any) -> None:
    """By what was asked for, and by key."""
    first, same, other = asked(1), asked(1), asked(2)
    keyed = [a_record(job=a_job(idempotency_key="k", parameters={"prompt": str(number)})) for number in range(2)]

    outcomes = ledger.together([Call(ledger.add, (record,), {"since": 0.0}) for record in (first, same, other, *keyed)])

    assert [type(error) for _, error in outcomes] == [type(None), TaskTaken, type(None), type(None), TaskTaken]
    assert first.id in str(outcomes[1][1])


def test_a_cap_lets_exactly_as_many_of_a_group_through_as_fit(ledger: Any, tmp_path: Path) -> None:
    """The first ones; the others hear why, and hold up nobody."""
    caps = read_caps(tmp_path, {}, caps={"day": "0.50 USD"})
    uncapped = asked(100)

    outcomes = ledger.together(
        [
            *(
                Call(ledger.add, (asked(number), Reservation(caps=caps, quantity=ONE)), {"since": 0.0})
                for number in range(8)
            ),
            Call(ledger.add, (uncapped,), {}),
        ]
    )

    assert [error is None for _, error in outcomes] == [True] * 5 + [False] * 3 + [True]
    assert all(isinstance(error, CostExceeded) for _, error in outcomes[5:8])
    assert sum(held.tasks for held in ledger.held(caps)) == 6


def test_texts_that_postgres_does_not_take_are_kept_all_the_same(ledger: Any) -> None:
    """Beside plain ones."""
    strange = [a_record(job=a_job(parameters={"prompt": text})) for text in ("a\0b", "\udcff", "\ue000", "fox")]

    outcomes = ledger.together([Call(ledger.add, (record,), {}) for record in strange])

    assert [ledger.get(record.id) for record, _ in outcomes] == [record for record, _ in outcomes]


def test_what_holds_of_the_caps_is_counted_whoever_writes(ledger: Any, tmp_path: Path) -> None:
    """In groups, one by one, and when rows are taken out by hand; what comes to nothing is no row any more."""
    one, two, three = (added(ledger, cost=PRICE) for _ in range(3))
    schema = environment(tmp_path)["TASKFERRY_LEDGER_SCHEMA"]

    ledger.together([Call(ledger.save, (moved(task, Status.REFUSED),), {}) for task in (one, two)])
    with psycopg.connect(server().url, autocommit=True) as operator:
        operator.execute(f"SET search_path = {schema}")
        left = operator.execute("SELECT tasks FROM held").fetchall()
        operator.execute("DELETE FROM spend WHERE task = %s", (three.id,))
        none = operator.execute("SELECT tasks FROM held").fetchall()

    assert (left, none) == ([(1,)], [])


@pytest.mark.timeout(120)
def test_processes_that_want_the_same_tasks_neither_lose_a_write_nor_wait_for_each_other(tmp_path: Path) -> None:
    """Four at once claim, save, give up and add in groups, in any order: each row has as many versions as writes."""
    rounds, lives = 12, threading.Barrier(4)
    caps = read_caps(tmp_path, {}, caps={"day": "1.00 USD"})
    written: dict[str, int] = {}
    strange: list[BaseException] = []
    spent: list[float] = []
    guard = threading.Lock()

    def work(seed: int) -> None:
        chance = random.Random(seed)
        with open_in_postgres(tmp_path) as mine:
            lives.wait()
            for number in range(rounds):
                shuffled = chance.sample(ids, len(ids))
                began = time.monotonic()
                claims = mine.together([Call(mine.claim, (task,), {}) for task in shuffled])
                held = [record for record, error in claims if error is None]
                calls = [
                    *(Call(mine.save, (moved(one, Status.RUNNING, progress=chance.random()),), {}) for one in held),
                    *(Call(mine.save, (evolve(one, create_reply=b"x"),), {}) for one in held[:3]),  # read before
                    Call(
                        mine.add,
                        (asked(1000 * seed + number), Reservation(caps=caps, quantity=ONE)),
                        {"since": 0.0},
                    ),
                ]
                chance.shuffle(calls)
                saves = mine.together(calls)
                freed = [Call(mine.release, (one.id,), {}) for one in held]
                mine.together(freed)
                spent.append(time.monotonic() - began)
                with guard:
                    for record, error in (*claims, *saves):
                        if error is None and record.id in written:
                            written[record.id] += 1
                        elif error is not None and not isinstance(error, TaskTaken | CostExceeded):
                            strange.append(error)
                    for one in held:
                        written[one.id] += 1

    with open_in_postgres(tmp_path) as ledger:
        ids = [ledger.add(a_record(float(at), status=Status.RUNNING)).id for at in range(12)]
        ledger.together([Call(ledger.release, (task,), {}) for task in ids])
        written.update(dict.fromkeys(ids, 2))
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        versions = {task: ledger.get(task).version for task in ids}
        new = [one for one in ledger.recent(200) if one.id not in ids]

        assert strange == []
        assert versions == written
        assert len(new) == 10
        assert ledger.check() == []
    assert max(spent) < 10.0
