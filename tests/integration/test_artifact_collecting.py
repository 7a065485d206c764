"""`taskferry gc`: which files go, that their rows say so, and that nothing of the user's is touched."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ledger_records import a_job, a_record
from taskferry.artifacts.collecting import Kept, Rules, chosen, collect, held
from taskferry.cli.start import main
from taskferry.ledger import Record, open_ledger
from taskferry.status import Status
from taskferry.task import Artifact

DAY = 86400.0
NOW = 1_800_000_000.0


class Home:
    """A taskferry home with tasks that are over, and the command line that collects in it."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.store = folder / "files"
        self._capture = capture

    def task(self, days: float, size: int = 1000, status: Status = Status.SUCCEEDED, **job: Any) -> Record:
        """Add a task that ended so many days ago and has one kept file in the store, or where its job says."""
        record = a_record(NOW - days * DAY, job=a_job(parameters={"prompt": f"{days} {size}"}, **job))
        place = self.store / record.id if record.job.folder is None else record.job.folder
        place.mkdir(parents=True, exist_ok=True)
        path = place / "image.png"
        path.write_bytes(bytes(size))
        artifact = Artifact(name="image", kind="image", url="https://cdn.example/1", path=path, size=size, sha256="ab")
        ended = evolve(record.snapshot, status=status, finished_at=NOW - days * DAY, artifacts=(artifact,))
        with open_ledger(self.folder) as ledger:
            added = ledger.add(evolve(record, snapshot=ended))
            ledger.release(record.id)
        return added

    def row(self, task_id: str) -> Record:
        """Read a task."""
        with open_ledger(self.folder, readonly=True) as ledger:
            return ledger.get(task_id)

    def gc(self, *arguments: str, code: int = 0) -> Any:
        """Collect and give the document."""
        self._capture.readouterr()
        found = main(["gc", *arguments, "--json"])
        out, err = self._capture.readouterr()
        assert found == code, err
        return json.loads(out)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Home:
    """An empty home, at a moment that stands still."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(time, "time", lambda: NOW)
    return Home(tmp_path / "home", capsys)


def test_old_files_go_and_their_rows_say_so(home: Home) -> None:
    """The path is gone; size and SHA-256 still tell what was there, and the history who removed it."""
    old, young = home.task(40), home.task(5)

    document = home.gc("--older-than", "30d")

    assert [row["task_id"] for row in document["removed"]] == [old.id]
    assert (document["freed"], document["left"]) == (1000, 1000)
    (artifact,) = home.row(old.id).snapshot.artifacts
    assert (artifact.path, artifact.size, artifact.sha256) == (None, 1000, "ab")
    assert not (home.store / old.id).exists()
    assert home.row(young.id).snapshot.artifacts[0].path == home.store / young.id / "image.png"
    with open_ledger(home.folder, readonly=True) as ledger:
        assert ledger.transitions(old.id)[-1].note == "gc: removed image.png"


def test_a_dry_run_removes_nothing(home: Home) -> None:
    """It says what would go and what would be left."""
    old = home.task(40)

    document = home.gc("--older-than", "30d", "--dry-run")

    assert document["dry_run"] is True
    assert document["removed"][0]["files"] == [str(home.store / old.id / "image.png")]
    assert (document["freed"], document["left"]) == (1000, 0)
    assert (home.store / old.id / "image.png").exists()
    assert home.row(old.id).snapshot.artifacts[0].path is not None


def test_a_folder_of_the_users_own_is_never_touched(home: Home, tmp_path: Path) -> None:
    """Wherever it is, also inside of the store."""
    outside, inside = tmp_path / "mine", home.store / "mine"
    home.task(40, folder=outside)
    home.task(50, folder=inside)

    document = home.gc("--older-than", "1d")

    assert document["removed"] == []
    assert (outside / "image.png").exists()
    assert (inside / "image.png").exists()


def test_what_is_not_a_tasks_kept_file_is_left_alone(home: Home) -> None:
    """Strange folders, files that somebody put there, links that lead elsewhere, tasks that are not over."""
    old = home.task(40)
    (home.store / old.id / "notes.txt").write_text("mine")
    (home.store / "holiday").mkdir()
    (home.store / "holiday" / "1.png").write_bytes(b"x")
    linked = home.task(41)
    place = home.store / linked.id
    place.rename(home.folder / "elsewhere")
    place.symlink_to(home.folder / "elsewhere")

    document = home.gc("--older-than", "1d")

    assert [row["task_id"] for row in document["removed"]] == [old.id]
    assert (home.store / old.id / "notes.txt").exists()
    assert (home.store / "holiday" / "1.png").exists()
    assert (home.folder / "elsewhere" / "image.png").exists()


def test_a_task_that_a_live_process_has_stays(home: Home) -> None:
    """It may be copying the file just now; exit code 1 says that something stayed."""
    old = home.task(40)
    with open_ledger(home.folder) as other:
        other.claim(old.id)

        document = home.gc("--older-than", "30d", code=1)

    assert document["removed"] == []
    assert "is held by" in document["stayed"][0]["problem"]
    assert (home.store / old.id / "image.png").exists()


def test_a_file_that_cannot_be_removed_keeps_its_path(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row never says that a file is gone which is not."""
    old = home.task(40)

    def denied(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with open_ledger(home.folder) as ledger:
        (kept,) = held(ledger, home.store)
        monkeypatch.setattr(Path, "unlink", denied)
        removal = collect(ledger, home.store, kept)
        monkeypatch.undo()

    assert removal.problem is not None
    assert "Permission denied" in removal.problem
    assert home.row(old.id).snapshot.artifacts[0].path == home.store / old.id / "image.png"


def test_parts_of_downloads_that_nobody_needs_go_along(home: Home) -> None:
    """Those of tasks whose files are all there; a task that is not over may still want its own."""
    done = home.task(1)
    part = home.store / done.id / "image.0123456789abcdef.part"
    part.write_bytes(bytes(500))
    part.with_name(part.name + ".json").write_text("{}")

    home.gc("--older-than", "30d")

    assert [path.name for path in (home.store / done.id).iterdir()] == ["image.png"]


@pytest.mark.parametrize(
    ("arguments", "going"),
    [
        (["--max-size", "3500"], [0]),
        (["--max-size", "2KB"], [0, 1]),
        (["--max-size", "1GB"], []),
        (["--keep-last", "1"], [0, 1, 2]),
        (["--keep-last", "0"], [0, 1, 2, 3]),
        (["--older-than", "15d"], [0, 1]),
        (["--older-than", "2w", "--keep-last", "3"], [0]),
        (["--older-than", "25d", "--max-size", "2000"], [0, 1]),
        (["--max-size", "1", "--keep-last", "2"], [0, 1]),
    ],
)
def test_rules_select_and_protect(home: Home, arguments: list[str], going: list[int]) -> None:
    """From the oldest on, until enough is free; the last tasks stay whatever the others say."""
    tasks = [home.task(days) for days in (40, 20, 10, 1)]

    document = home.gc(*arguments)

    assert [row["task_id"] for row in document["removed"]] == [tasks[number].id for number in going]


def upload(home: Home, name: str, days: float) -> Path:
    """Put a file where the gallery keeps those of its forms."""
    path = home.folder / "uploads" / name / "fox.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(100))
    os.utime(path, (NOW - days * DAY, NOW - days * DAY))
    return path


def test_uploads_go_that_no_open_task_refers_to(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """A form may be open for a day; a task that was not sent yet needs its inputs, one that has ended does not."""
    fresh, old, needed, listed, ended = (
        upload(home, name, days)
        for name, days in (("fresh", 0.9), ("old", 1.1), ("needed", 9), ("listed", 9), ("ended", 9))
    )
    half = home.folder / "uploads" / "tmp1234"
    half.write_bytes(bytes(10))
    os.utime(half, (0, 0))
    with open_ledger(home.folder) as ledger:
        for parameters in ({"image": needed.as_uri()}, {"images": [listed.as_uri()]}):
            ledger.add(a_record(NOW - 9 * DAY, job=a_job(parameters=parameters)))
        over = ledger.add(a_record(NOW - 9 * DAY, job=a_job(parameters={"image": ended.as_uri()})))
        ledger.save(evolve(over, snapshot=evolve(over.snapshot, status=Status.REFUSED, finished_at=NOW - DAY)))

    told = home.gc("--older-than", "30d", "--dry-run")["uploads"]
    assert all(path.exists() for path in (fresh, old, needed, listed, ended, half))
    done = home.gc("--older-than", "30d")["uploads"]

    assert told == done == {"files": sorted(map(str, (old, ended, half))), "freed": 210, "problems": []}
    assert [path for path in (fresh, old, needed, listed, ended, half) if path.exists()] == [fresh, needed, listed]
    assert not old.parent.exists()
    upload(home, "another", 2)
    assert main(["gc", "--older-than", "30d"]) == 0
    assert "Removed 1 uploaded file of 100 bytes that no task needs." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say what may go"),
        (["--dry-run"], "Say what may go"),
        (["--older-than", "soon"], "no age"),
        (["--max-size", "big"], "no size"),
        (["--keep-last", "-1"], "range"),
    ],
)
def test_nothing_goes_without_a_rule(
    home: Home, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """Usage errors, before anything is looked at."""
    old = home.task(400)

    code = main(["gc", *arguments])

    assert code == 2
    assert said in capsys.readouterr().err
    assert (home.store / old.id / "image.png").exists()


def test_an_empty_home_is_no_error_and_stays_empty(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is made."""
    nothing = {"files": [], "freed": 0, "problems": []}

    assert home.gc("--keep-last", "1") == {
        "dry_run": False, "removed": [], "stayed": [], "freed": 0, "left": 0, "uploads": nothing,
    }  # fmt: skip
    assert main(["gc", "--keep-last", "1"]) == 0
    assert "There are no tasks yet." in capsys.readouterr().err
    assert not home.folder.exists()


def test_the_list_at_the_keyboard(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each task, and the sum beside it."""
    old = home.task(40, size=2048)

    assert main(["gc", "--older-than", "30d", "--dry-run"]) == 0

    out, err = capsys.readouterr()
    assert out.splitlines()[1].split()[0] == old.id
    assert "image.png" in out
    assert err == "Would free 2.0 KB; 0 bytes would be left.\n"


@pytest.mark.parametrize(
    ("rules", "going"),
    [
        (Rules(finished_before=2 * DAY), ["0", "1"]),
        (Rules(most=25), ["0", "1", "2"]),
        (Rules(most=25, keep_last=4), ["0"]),
        (Rules(), ["0", "1", "2", "3", "4"]),
    ],
)
def test_choosing_goes_from_the_oldest_on(rules: Rules, going: list[str]) -> None:
    """A size is that of the whole store; without any rule all may go, which the command line does not allow."""
    found = [Kept(task_id=str(day), finished_at=day * DAY, size=10, files=()) for day in range(5)]

    assert [kept.task_id for kept in chosen(found, rules, 50)] == going
