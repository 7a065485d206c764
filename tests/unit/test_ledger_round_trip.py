"""Every field of every record comes back from the ledger exactly as it went in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from attrs import evolve, fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_records import a_job, a_record
from taskferry.cost import Cost
from taskferry.errors import Failure, FailureKind
from taskferry.ledger import Choice, Job, Record, open_ledger
from taskferry.status import Status
from taskferry.task import Artifact, Kind, ProgressSource, Snapshot, new_id

TEXTS = st.text(st.characters(), max_size=12) | st.sampled_from(
    ["", "狐狸 🦊", "a\0b", "1e3", "007", "\udcff\ud83d", "NULL"]
)
MAYBE_TEXTS = st.none() | TEXTS
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**40), 2**40).map(float)
MAYBE_NUMBERS = st.none() | NUMBERS
COUNTS = st.none() | st.integers(0, 2**63 - 1)
AMOUNTS = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
PATHS = st.none() | TEXTS.map(lambda text: Path("/out", text.replace("\0", "")))
BYTES = st.none() | st.binary(max_size=40) | st.just(bytes(range(256)) * 4096)
PLAIN = st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))

artifacts = st.builds(
    Artifact,
    name=TEXTS,
    kind=st.sampled_from(Kind),
    media_type=MAYBE_TEXTS,
    url=MAYBE_TEXTS,
    expires_at=MAYBE_NUMBERS,
    needs_key=st.booleans(),
    path=PATHS,
    size=COUNTS,
    sha256=MAYBE_TEXTS,
)
failures = st.builds(
    Failure,
    kind=st.sampled_from(FailureKind),
    message=TEXTS,
    code=MAYBE_TEXTS,
    http_status=st.none() | st.integers(),
    retryable=st.booleans(),
    retry_after=MAYBE_NUMBERS,
    suggestion=MAYBE_TEXTS,
    trace_id=MAYBE_TEXTS,
)
STATE: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(Status),
    "provider_status": MAYBE_TEXTS,
    "run": st.integers(1, 2**40),
    "progress": MAYBE_NUMBERS,
    "progress_source": st.sampled_from(ProgressSource),
    "queue_position": COUNTS,
    "eta": MAYBE_NUMBERS,
    "artifacts": st.lists(artifacts, max_size=4).map(tuple),
    "cost": st.builds(Cost, estimated=AMOUNTS, actual=AMOUNTS, unit=MAYBE_TEXTS),
    "failure": st.none() | failures,
    "parked": MAYBE_TEXTS,
    "look_problem": MAYBE_TEXTS,
    "cancel_wanted": st.booleans(),
    "trace_ids": st.lists(TEXTS, max_size=3).map(tuple),
    "raw": BYTES,
    "submitted_at": MAYBE_NUMBERS,
    "started_at": MAYBE_NUMBERS,
    "finished_at": MAYBE_NUMBERS,
    "looked_at": MAYBE_NUMBERS,
    "next_try_at": MAYBE_NUMBERS,
}
JOB: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("provider", "operation", "generation", "base_url", "account", "caller"), TEXTS),
    "parameters": st.dictionaries(TEXTS, VALUES, max_size=4),
    "idempotency_key": MAYBE_TEXTS,
    "max_cost": MAYBE_TEXTS,
    "folder": PATHS,
    "choice": st.none() | st.builds(Choice, asked=TEXTS, policy=TEXTS, tried=st.lists(TEXTS, max_size=3).map(tuple)),
}
jobs = st.builds(Job, **JOB)
states = st.lists(st.tuples(st.fixed_dictionaries(STATE), VALUES, BYTES), min_size=1, max_size=4)


def test_the_strategies_cover_every_field() -> None:
    """A field that is added to a value must be kept, and drawn here."""
    fixed_by_the_intent = {"id", "provider", "operation", "created_at"}

    assert {field.name for field in fields(Snapshot)} == set(STATE) | fixed_by_the_intent
    assert {field.name for field in fields(Job)} == set(JOB)
    assert {field.name for field in fields(Record)} == {
        "job",
        "snapshot",
        "remote",
        "holder",
        "create_reply",
        "version",
    }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(job=jobs, created_at=NUMBERS, states=states)
def test_every_sequence_of_saves_reads_back_exactly(job: Job, created_at: float, states: list[Any]) -> None:
    """Amounts keep their digits, None stays None, artifacts their order, and no text is lost."""
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder)) as ledger:
        first = evolve(a_record(job=job).snapshot, id=new_id(), created_at=created_at)
        record = ledger.add(Record(job=job, snapshot=first))
        for state, remote, create_reply in states:
            changed = evolve(
                record, snapshot=evolve(record.snapshot, **state), remote=remote, create_reply=create_reply
            )
            record = ledger.save(changed)

            read = ledger.get(record.id)
            assert read == record
            assert repr(read.snapshot.cost) == repr(record.snapshot.cost)
        assert ledger.recent() == [record]
        assert ledger.check() == []


def test_a_position_beyond_all_reason_is_kept_as_the_largest(tmp_path: Path) -> None:
    """A provider's nonsense does not stop the task."""
    with open_ledger(tmp_path) as ledger:
        added = ledger.add(a_record(queue_position=10**30))

        assert ledger.get(added.id).snapshot.queue_position == 2**63 - 1


def test_a_reply_of_many_megabytes_is_kept_whole(tmp_path: Path) -> None:
    """Whatever came back for the billed call is evidence."""
    reply = bytes(range(256)) * 65536
    with open_ledger(tmp_path) as ledger:
        added = ledger.add(evolve(a_record(job=a_job(), raw=reply), create_reply=reply))

        read = ledger.get(added.id)

        assert read.create_reply == reply
        assert read.snapshot.raw == reply
