"""Exported ledgers that somebody else wrote: a file is taken in whole or not at all, and what came in can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import count
from pathlib import Path

from attrs import evolve

from fuzz import soundness
from fuzz.target import Target
from ledger_records import a_job, a_record, an_image
from taskferry import Cost, Failure, FailureKind, LedgerError, Status, UnknownName
from taskferry.ledger import Ledger, Record, open_ledger
from taskferry.ledger.lines import BadLine, columns_of, parsed, rows_of
from taskferry.task import new_id

_HEADER_AT = b"\n"
_REMOTE = "remote-to-be-replaced"


def targets(folder: Path, ledger: Ledger) -> Iterator[Target]:
    """Give a target for lines alone and one for whole files; `ledger` is filled as it goes."""
    records = _records()
    header, *lines = _exported(folder / "exported", records)
    read = _Import(folder / "lines.jsonl", ledger, header, [record.id for record in records])
    tables = columns_of(ledger._database._connection)

    yield Target(
        name="ledger rows", seeds=lines, read=lambda line: rows_of(parsed(line), tables), typed=(BadLine,), share=3
    )
    yield Target(name="ledger import", seeds=lines, read=read.line, typed=(LedgerError, BadLine, UnknownName))
    yield Target(name="ledger header", seeds=[header], read=read.header, typed=(LedgerError, BadLine), share=0.2)


def _records() -> Sequence[Record]:
    """Make a task under way, one that has its files, and one that failed."""
    job = a_job(parameters={"prompt": "a fox", "seed": 7}, idempotency_key="k", max_cost="1 USD", folder=Path("/out"))
    done = a_record(job=job, finished_at=1100.0, raw=b'{"status": "done"}', trace_ids=("t-1",))
    kept = an_image(path=Path("/out/fox.png"), size=3, sha256="0" * 64)
    cost = Cost(estimated=Decimal("0.18"), actual=Decimal("0.0527"), unit="USD")
    succeeded = evolve(done.snapshot, status=Status.SUCCEEDED, artifacts=(kept, an_image(name="cover")), cost=cost)
    failure = Failure.of(FailureKind.PROVIDER, "It broke.", code="x")
    failed = a_record(1001.0, status=Status.FAILED, failure=failure, finished_at=1200.0)
    return [
        evolve(a_record(1002.0, status=Status.RUNNING, progress=0.5), remote={"id": _REMOTE}),
        evolve(done, snapshot=succeeded, remote={"id": f"{_REMOTE}-2"}),
        failed,
    ]


def _exported(home: Path, records: Sequence[Record]) -> Sequence[bytes]:
    with open_ledger(home) as ledger:
        for record in records:
            ledger.add(record)
        return [line.encode() for line in ledger.export()]


class _Import:
    """Takes one file after another into one ledger; every line gets an id of its own, so that none is there already."""

    def __init__(self, path: Path, ledger: Ledger, header: bytes, ids: Sequence[str]) -> None:
        self._path = path
        self._ledger = ledger
        self._header = header.replace(b'"tasks": 3', b'"tasks": 1')
        self._ids = [task_id.encode() for task_id in ids]
        self._count = count(1)

    def line(self, line: bytes) -> None:
        number = next(self._count)
        fresh = new_id(number)
        for task_id in self._ids:
            line = line.replace(task_id, fresh.encode())
        self._take(self._header + b"\n" + line.replace(_REMOTE.encode(), b"r-%d" % number).replace(b"\n", b" "))
        record = self._ledger.get(fresh)
        soundness.holds(isinstance(record.snapshot.status, Status), "the task has no status")
        self._ledger.transitions(fresh)

    def header(self, header: bytes) -> None:
        self._take(header)

    def _take(self, content: bytes) -> None:
        self._path.write_bytes(content)
        done = self._ledger.take_in(self._path)
        for problem in done.problems:
            soundness.holds(len(problem.reason) < 2000, f"a reason of {len(problem.reason)} letters")
        if done.problems:
            soundness.holds(not done.added, "a file with problems was taken in")
            raise BadLine(done.problems[0].reason)
