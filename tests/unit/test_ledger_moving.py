"""The ledger is checked, copied, carried elsewhere, and made smaller."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger_records import a_job, a_record, an_image, moved
from taskferry.cost import Cost
from taskferry.errors import Failure, FailureKind, LedgerCorrupt, LedgerError, UsageError
from taskferry.ledger import Ledger, Record, open_ledger
from taskferry.ledger.opening import FILE
from taskferry.status import Status


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with a task under way, one that failed and one that was made."""
    with open_ledger(tmp_path / "home") as opened:
        cost = Cost(estimated=Decimal("0.10"), unit="USD")
        record = opened.add(a_record(1000.0, cost=cost, provider_status="狐 \udcff"))
        record = opened.save(evolve(moved(record, Status.SUBMITTING), create_reply=b"\xff\x00"))
        opened.save(evolve(moved(record, Status.RUNNING, raw=b"{}"), remote={"id": 7}), note="seen")
        failed = opened.add(a_record(2000.0, job=a_job(idempotency_key="k")))
        opened.save(moved(failed, Status.FAILED, failure=Failure.of(FailureKind.PROVIDER, "broke")))
        made = opened.add(a_record(3000.0))
        opened.save(moved(made, Status.SUCCEEDED, artifacts=(an_image(path=Path("/out/\udcff.png"), size=3),)))
        yield opened


@pytest.fixture
def exported(ledger: Ledger, tmp_path: Path) -> Path:
    return written(tmp_path / "ledger.jsonl", list(ledger.export()))


def written(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def everything(ledger: Ledger) -> list[Any]:
    """All that a ledger knows, but who holds the tasks."""
    tasks = [evolve(record, holder=None) for record in ledger.recent()]
    with ledger._database.reading() as connection:
        spend = [tuple(row) for row in connection.execute("SELECT * FROM spend ORDER BY task")]
    return [tasks, [ledger.transitions(task.id) for task in tasks], spend, ledger.salt]


class TestCheck:
    """What is not sound is said."""

    def test_a_sound_ledger_has_no_problems(self, ledger: Ledger) -> None:
        """Whatever states its tasks are in."""
        assert ledger.check() == []

    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            ("UPDATE transitions SET after = 'dancing'", "unknown status 'dancing'"),
            ("UPDATE tasks SET status = 'dancing'", "cannot be read"),
            ("DROP INDEX one_task_per_key", "the index one_task_per_key is missing"),
            ("DELETE FROM tasks WHERE remote IS NOT NULL", "artifacts|transitions has a row without its task"),
            ("UPDATE tasks SET failure = '[1]' WHERE failure IS NOT NULL", "cannot be read"),
            ("DROP INDEX one_task_per_remote; UPDATE tasks SET remote = '1'", "stand for the same job"),
        ],
    )
    def test_what_contradicts_itself_is_named(self, ledger: Ledger, tmp_path: Path, damage: str, said: str) -> None:
        """As another program, or a fault of ours, might leave it."""
        with closing(sqlite3.connect(tmp_path / "home" / FILE)) as elsewhere:
            elsewhere.executescript(damage)

        problems = ledger.check()

        assert any(word in problem for word in said.split("|") for problem in problems)


class TestBackup:
    """A copy of one moment."""

    def test_a_backup_is_a_ledger_of_its_own(self, ledger: Ledger, tmp_path: Path) -> None:
        """Sound, one file, for this user alone, and as the ledger was."""
        path = tmp_path / "other" / FILE
        path.parent.mkdir()

        size = ledger.backup(path)

        assert [file.name for file in path.parent.iterdir()] == [FILE]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_size == size
        with open_ledger(path.parent) as copy:
            assert everything(copy) == everything(ledger)
            assert copy.check() == []

    def test_a_backup_overwrites_nothing(self, ledger: Ledger, tmp_path: Path) -> None:
        """Not even another backup, nor the ledger itself."""
        for path in (tmp_path / "home" / FILE, written(tmp_path / "mine", ["text"])):
            before = path.read_bytes()
            with pytest.raises(UsageError, match="exists already"):
                ledger.backup(path)
            assert path.read_bytes() == before

    def test_a_backup_that_cannot_be_made_leaves_nothing(self, ledger: Ledger, tmp_path: Path) -> None:
        """A folder that is not there is not made."""
        with pytest.raises(LedgerError, match="cannot be made"):
            ledger.backup(tmp_path / "nowhere" / "backup")

    def test_a_damaged_ledger_is_named_and_not_its_copy(self, ledger: Ledger, tmp_path: Path) -> None:
        """The copy is new, so it is the ledger that is not sound; nothing is left of the copy."""
        damaged = tmp_path / "damaged"
        damaged.mkdir()
        ledger.backup(damaged / FILE)
        with (damaged / FILE).open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 8192)

        with pytest.raises(LedgerCorrupt, match=r"damaged/.* no copy of it was made"), open_ledger(damaged) as opened:
            opened.backup(tmp_path / "copy")

        assert not (tmp_path / "copy").exists()


def test_a_vacuum_gives_room_back_and_changes_nothing(ledger: Ledger) -> None:
    """What was large and is no more."""
    record = ledger.add(a_record(raw=b"x" * 3_000_000))
    ledger.save(moved(record, Status.RUNNING, raw=None))
    before = everything(ledger)

    sizes = ledger.vacuum()

    assert sizes[1] < 1_000_000 < sizes[0]
    assert everything(ledger) == before


class TestExport:
    """Lines of JSON that give the same ledger again."""

    def test_an_import_gives_the_same_ledger(self, ledger: Ledger, exported: Path, tmp_path: Path) -> None:
        """An empty home takes the salt too, so that accounts are recognised; holders stay behind."""
        with open_ledger(tmp_path / "new") as other:
            imported = other.take_in(exported)

            assert (imported.added, imported.present, imported.problems) == (3, 0, ())
            assert everything(other) == everything(ledger)
            assert {record.holder for record in other.recent()} == {None}
            assert other.check() == []

    def test_what_is_here_already_is_left_alone(self, ledger: Ledger, exported: Path) -> None:
        """An import twice, or over what has not changed."""
        before = everything(ledger)

        imported = ledger.take_in(exported)

        assert (imported.added, imported.present) == (0, 3)
        assert everything(ledger) == before

    def test_a_task_that_differs_is_not_overwritten(self, ledger: Ledger, exported: Path) -> None:
        """And nothing else of the file is taken in either; the line is named."""
        record = ledger.recent()[0]
        ledger.save(moved(record, Status.SUCCEEDED, looked_at=9.0))

        imported = ledger.take_in(exported)

        assert [(problem.line, "not the same" in problem.reason) for problem in imported.problems] == [(4, True)]

    def test_a_task_under_way_needs_the_salt_of_its_home(self, exported: Path, tmp_path: Path) -> None:
        """In a home with tasks of its own its account could not be told, so it is not taken in half."""
        with open_ledger(tmp_path / "new") as other:
            own = other.add(a_record())

            imported = other.take_in(exported)

            assert [problem.line for problem in imported.problems] == [2]
            assert "empty home" in imported.problems[0].reason
            assert [record.id for record in other.recent()] == [own.id]

    def test_a_file_that_is_not_there_is_an_error(self, ledger: Ledger, tmp_path: Path) -> None:
        """Not a problem of a line."""
        with pytest.raises(LedgerError, match="cannot be read"):
            ledger.take_in(tmp_path / "nothing")


def part(table: str, name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(line: dict[str, Any]) -> None:
        line[table][0][name] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (part("tasks", "id", "../../etc"), "no id"),
        (part("tasks", "status", "dancing"), "cannot be read"),
        (part("tasks", "run", 1.5), "tasks.run"),
        (part("tasks", "version", 2**70), "tasks.version"),
        (part("tasks", "progress", True), "tasks.progress"),
        (part("tasks", "provider", None), "tasks.provider is missing"),
        (part("tasks", "parameters", "[]"), "no JSON object"),
        (part("tasks", "trace_ids", "[1]"), "trace ids"),
        (part("tasks", "failure", '{"kind": "provider", "message": 5}'), "failure"),
        (part("tasks", "cost_actual", "much"), "cannot be read"),
        (part("tasks", "secret", 1), "unknown column 'secret'"),
        (part("replies", "raw", "text"), "replies.raw"),
        (part("replies", "raw", {"base64": "%"}), "replies.raw"),
        (part("transitions", "after", "dancing"), "unknown status"),
        (part("spend", "state", "stolen"), "spend"),
        (part("spend", "actual", "NaN"), "spend"),
        (lambda line: line.update(more=[]), "unknown part 'more'"),
        (part("tasks", "status", "dancing" * 1000), "cannot be read"),
        (part("tasks", "secret" * 1000, 1), "unknown column 'secretsecret"),
        (lambda line: line.update({"more" * 1000: []}), "unknown part 'moremore"),
        (lambda line: line.update(tasks=[]), "not one task"),
        (lambda line: line.update(artifacts={}), "not a list"),
    ],
)
def test_a_line_that_nobody_exported_is_told_and_not_taken_in(
    exported: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    """By its number, with the reason; the good lines beside it are not taken in either."""
    lines = exported.read_text().splitlines()
    line = json.loads(lines[1])
    change(line)
    path = written(tmp_path / "changed", [lines[0], json.dumps(line), *lines[2:]])

    with open_ledger(tmp_path / "new") as other:
        imported = other.take_in(path)

        assert [problem.line for problem in imported.problems] == [2]
        assert said in imported.problems[0].reason
        assert len(imported.problems[0].reason) <= 500
        assert other.recent() == []


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_a_file_that_was_cut_short_is_not_taken_in(exported: Path, tmp_path: Path, kept: int) -> None:
    """Its first line says how many tasks there are."""
    path = written(tmp_path / "cut", exported.read_text().splitlines()[:kept])

    with open_ledger(tmp_path / "new") as other:
        imported = other.take_in(path)

        assert len(imported.problems) == 1
        assert other.recent() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.tuples(st.sampled_from(["tasks", "replies", "transitions", "spend"]), st.integers(0, 40)), value=JSON)
@example(place=("tasks", 0), value="[" * 100_000)
@example(place=("tasks", 6), value="[" * 100_000)
@example(place=("tasks", 6), value='{"a": ' + "9" * 5000 + "}")
def test_whatever_stands_in_a_line_is_taken_in_or_a_problem(
    exported: Path, tmp_path: Path, place: tuple[str, int], value: object
) -> None:
    """Never another error; and what is taken in is sound."""
    lines = exported.read_text().splitlines()
    line = json.loads(lines[1])
    row = line[place[0]][0]
    row[sorted(row)[place[1] % len(row)]] = value
    path = written(tmp_path / "changed", [lines[0], json.dumps(line), *lines[2:]])
    home = tmp_path / f"new-{len(list(tmp_path.iterdir()))}"

    with open_ledger(home) as other:
        imported = other.take_in(path)

        assert len(other.recent()) == (0 if imported.problems else 3)
        assert other.check() == []


@given(line=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(line=b"[" * 200_000)
@example(line=b"\xff\xfe{\x00}\x00")
def test_any_bytes_at_all_are_a_problem(ledger: Ledger, tmp_path: Path, line: bytes) -> None:
    """In the place of the first line or of a later one."""
    before: list[Record] = ledger.recent()
    header = next(iter(list(ledger.export()))).encode()

    for number, content in enumerate((line, header + b"\n" + line + b"\n")):
        path = tmp_path / f"bytes-{number}"
        path.write_bytes(content)
        assert ledger.take_in(path).problems

    assert ledger.recent() == before
