"""A ledger that cannot be used says why and is never overwritten."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
from attrs import evolve

from ledger_records import a_record, an_image
from taskferry.errors import LedgerBusy, LedgerCorrupt, LedgerError, LedgerTooNew
from taskferry.ledger import opening, schema
from taskferry.ledger.ledger import open_ledger

NOBODY = 65534
Damage: TypeAlias = Callable[[bytes], bytes]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a ledger of some pages and a task in it."""
    home = tmp_path / "home"
    with open_ledger(home) as ledger:
        ledger.add(a_record(raw=b"x" * 100_000, artifacts=(an_image(),)))
    return home


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user of the machine may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def without_privileges(*owned: Path) -> Iterator[None]:
    """Obey file permissions for a while, even in a container whose user is root."""
    if os.geteuid() != 0:
        yield
        return
    for path in owned:
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def content(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}


class TestFreshHome:
    """A home that was never used."""

    def test_folder_and_file_are_private(self, tmp_path: Path) -> None:
        """Prompts and file URLs are for this user alone, whatever the umask."""
        before = os.umask(0)
        try:
            with open_ledger(tmp_path / "deep" / "home") as ledger:
                ledger.add(a_record())
                modes = {
                    path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep" / "home").rglob("*")
                }
        finally:
            os.umask(before)

        assert modes.pop("holders") == 0o700
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE((tmp_path / "deep" / "home").stat().st_mode) == 0o700

    def test_a_strange_folder_name_is_no_matter(self, tmp_path: Path) -> None:
        """SQLite is given the path as an address, in which these mean something."""
        home = tmp_path / "a b?mode=memory#%41\udcff ü"

        with open_ledger(home):
            assert (home / opening.FILE).exists()

    def test_reading_only_makes_nothing(self, tmp_path: Path) -> None:
        """There is nothing to read, and it says so."""
        with pytest.raises(LedgerError, match="nothing was submitted"):
            open_ledger(tmp_path / "home", readonly=True)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_in_the_place_of_the_home_is_named(self, tmp_path: Path) -> None:
        """The message says which path, and what to set."""
        (tmp_path / "home").write_text("not a folder")

        with pytest.raises(LedgerError, match=r"home.*TASKFERRY_HOME"):
            open_ledger(tmp_path / "home")

    def test_an_empty_file_is_filled(self, tmp_path: Path) -> None:
        """That is what another process that is just opening it leaves for a moment."""
        (tmp_path / opening.FILE).touch()

        with open_ledger(tmp_path) as ledger:
            assert ledger.check() == []

    def test_an_empty_file_is_no_older_ledger(self, tmp_path: Path) -> None:
        """A disk that was full when the ledger was made leaves one; whoever reads it is told that nothing is in it."""
        (tmp_path / opening.FILE).touch()

        with pytest.raises(LedgerError, match="is empty: nothing was submitted"):
            open_ledger(tmp_path, readonly=True)
        assert (tmp_path / opening.FILE).read_bytes() == b""

    def test_every_write_is_durable(self, home: Path) -> None:
        """Write-ahead log, and a sync per commit: what was said to be kept survives a power cut."""
        with open_ledger(home) as ledger, ledger._database.reading() as connection:
            settings = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]

        assert settings == ["wal", 2]


class TestUnsound:
    """A file that is not a ledger, or not a whole one."""

    @pytest.mark.parametrize("readonly", [False, True])
    @pytest.mark.parametrize(
        "damage",
        [
            lambda whole: b"garbage, not a database" * 400,
            lambda whole: b"\0" * 4096,
            lambda whole: whole[:50],
            lambda whole: whole[:4096],
            lambda whole: whole[: len(whole) // 2],
            lambda whole: whole[:100] + os.urandom(4000) + whole[4100:],
        ],
        ids=["garbage", "zeros", "50 bytes", "one page", "half", "first page overwritten"],
    )
    def test_a_damaged_file_is_told_and_left_alone(self, home: Path, damage: Damage, readonly: bool) -> None:
        """The advice is to move it away; not one byte changes."""
        path = home / opening.FILE
        path.write_bytes(damage(path.read_bytes()))
        before = path.read_bytes()

        with pytest.raises(LedgerCorrupt, match="Nothing was overwritten"):
            open_ledger(home, readonly=readonly)
        assert path.read_bytes() == before

    def test_an_emptied_file_beside_a_full_log_is_told(self, home: Path) -> None:
        """SQLite itself would delete the log, with every task in it."""
        (home / opening.FILE).write_bytes(b"")
        (home / f"{opening.FILE}-wal").write_bytes(b"log" * 100)
        before = content(home)

        with pytest.raises(LedgerCorrupt):
            open_ledger(home)
        assert content(home) == before

    def test_a_database_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        """Tables that are not ours are never added to."""
        with closing(sqlite3.connect(tmp_path / opening.FILE)) as connection:
            connection.execute("CREATE TABLE bookmarks (url TEXT)")
        before = content(tmp_path)

        with pytest.raises(LedgerCorrupt, match="another program"):
            open_ledger(tmp_path)
        assert content(tmp_path) == before

    def test_a_damaged_page_is_found_by_a_check(self, home: Path) -> None:
        """What opening does not touch, a check does."""
        path = home / opening.FILE
        whole = path.read_bytes()
        half = len(whole) // 2 // 4096 * 4096
        path.write_bytes(whole[:half] + b"\xff" * 40960 + whole[half + 40960 :])

        with open_ledger(home) as ledger:
            assert ledger.check() != []

    def test_a_row_that_cannot_be_read_is_named(self, home: Path) -> None:
        """By the task that it belongs to, when it is read and by a check."""
        with closing(sqlite3.connect(home / opening.FILE)) as connection, connection:
            connection.execute("UPDATE tasks SET status = 'dancing'")

        with open_ledger(home) as ledger:
            problems = ledger.check()
            with pytest.raises(LedgerCorrupt, match=r"row of task .* cannot be read: 'dancing'"):
                ledger.recent()

        assert len(problems) == 1
        assert "'dancing'" in problems[0]


class TestVersions:
    """Files of earlier and later versions of taskferry."""

    @pytest.mark.parametrize("readonly", [False, True])
    def test_a_later_version_is_told_and_left_alone(self, home: Path, readonly: bool) -> None:
        """An older taskferry does not guess what the newer one meant."""
        with closing(sqlite3.connect(home / opening.FILE)) as connection:
            connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        before = content(home)[opening.FILE]

        with pytest.raises(LedgerTooNew, match=r"upgrade taskferry.*Nothing was changed"):
            open_ledger(home, readonly=readonly)
        assert content(home)[opening.FILE] == before

    def test_an_older_file_is_brought_up_to_date(self, home: Path) -> None:
        """Only the steps that are missing are made, and what was kept stays."""
        later = (*schema.MIGRATIONS, ("ALTER TABLE tasks ADD COLUMN note TEXT", "UPDATE tasks SET note = 'kept'"))

        with closing(sqlite3.connect(home / opening.FILE, isolation_level=None)) as connection:
            for _ in range(2):
                schema.migrate(connection, later)
            notes = connection.execute("SELECT note FROM tasks").fetchall()
            version = schema.version_of(connection)

        assert notes == [("kept",)]
        assert version == len(later)

    def test_a_step_that_fails_leaves_the_file_as_it_was(self, home: Path) -> None:
        """All of it or nothing."""
        broken = (*schema.MIGRATIONS, ("ALTER TABLE tasks ADD COLUMN note TEXT", "UPDATE nothing SET x = 1"))

        with closing(sqlite3.connect(home / opening.FILE, isolation_level=None)) as connection:
            with pytest.raises(sqlite3.OperationalError):
                schema.migrate(connection, broken)
            columns = [row[1] for row in connection.execute("PRAGMA table_info(tasks)")]

        assert "note" not in columns
        with open_ledger(home) as ledger:
            assert ledger.check() == []

    def test_reading_only_does_not_bring_a_file_up_to_date(self, home: Path) -> None:
        """It says how to."""
        with closing(sqlite3.connect(home / opening.FILE)) as connection:
            connection.execute(f"PRAGMA user_version = {schema.VERSION - 1}")
        before = content(home)[opening.FILE]

        with pytest.raises(LedgerError, match="open it once for writing"):
            open_ledger(home, readonly=True)
        assert content(home)[opening.FILE] == before


class TestLocked:
    """Another process writes for longer than we wait."""

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(opening, "BUSY_SECONDS", 0.05)

    def test_a_write_behind_a_long_one_gives_up(self, home: Path) -> None:
        """Reading goes on meanwhile, and the write works when the other is done."""
        record = a_record()
        with open_ledger(home) as ledger, closing(sqlite3.connect(home / opening.FILE)) as writer:
            writer.execute("BEGIN IMMEDIATE")

            with pytest.raises(LedgerBusy, match="try again"):
                ledger.add(record)
            read = ledger.recent()
            writer.rollback()

            assert len(read) == 1
            assert ledger.add(record).id == record.id

    def test_opening_a_file_that_is_locked_as_a_whole_gives_up(self, home: Path) -> None:
        """As a backup tool locks it."""
        with closing(sqlite3.connect(home / opening.FILE)) as writer:
            writer.execute("PRAGMA locking_mode = EXCLUSIVE")
            writer.execute("BEGIN EXCLUSIVE")

            with pytest.raises(LedgerBusy):
                open_ledger(home)
            writer.rollback()

    def test_making_a_ledger_that_another_process_keeps_locked_gives_up(self, tmp_path: Path) -> None:
        """A fresh file, locked by one that never finishes."""
        with closing(sqlite3.connect(tmp_path / opening.FILE, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")

            with pytest.raises(LedgerBusy):
                open_ledger(tmp_path)
            writer.rollback()


def test_a_full_disk_is_told_and_nothing_of_the_step_is_kept(home: Path) -> None:
    """The write is undone as a whole, and the ledger goes on when there is room again."""
    large = a_record(raw=b"x" * 1_000_000)
    with open_ledger(home) as ledger:
        with ledger._database.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(LedgerError, match="make room"):
            ledger.add(large)

        assert len(ledger.recent()) == 1
        assert ledger.check() == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work otherwise on Windows")
class TestReadOnly:
    """A folder or a file that must not be written."""

    def test_a_folder_that_cannot_be_written_is_told(self, open_to_all: Path) -> None:
        """For a home that would have to be made, and for a ledger that would have to be."""
        open_to_all.chmod(0o555)

        with without_privileges(open_to_all):
            with pytest.raises(LedgerError, match=r"write permission.*TASKFERRY_HOME"):
                open_ledger(open_to_all / "home")
            with pytest.raises(LedgerError, match=r"write permission.*TASKFERRY_HOME"):
                open_ledger(open_to_all)

    def test_a_ledger_in_a_folder_that_cannot_be_written_is_still_read(self, open_to_all: Path) -> None:
        """Opening it for writing tells why not; reading needs no write permission."""
        with open_ledger(open_to_all) as ledger:
            added = ledger.add(a_record())
        open_to_all.chmod(0o555)
        before = content(open_to_all)

        with without_privileges(open_to_all, open_to_all / opening.FILE):
            with pytest.raises(LedgerError, match="write permission"):
                open_ledger(open_to_all)
            with open_ledger(open_to_all, readonly=True) as reader:
                read = reader.get(added.id)

        assert evolve(read, holder=added.holder) == added
        assert content(open_to_all) == before

    def test_a_file_that_cannot_be_written_is_told_at_once(self, open_to_all: Path) -> None:
        """Not only when the first task has been paid for."""
        open_ledger(open_to_all).close()
        (open_to_all / opening.FILE).chmod(0o400)

        with (
            without_privileges(open_to_all, open_to_all / opening.FILE),
            pytest.raises(LedgerError, match="write permission"),
        ):
            open_ledger(open_to_all)

    def test_a_ledger_opened_for_reading_writes_nothing(self, home: Path) -> None:
        """Neither a row nor a holder's lock."""
        with open_ledger(home, readonly=True) as reader:
            with pytest.raises(LedgerError, match="for reading only"):
                reader.add(a_record())
            with pytest.raises(LedgerError, match="for reading only"):
                reader.claim(reader.recent()[0].id)

        assert list((home / "holders").iterdir()) == []
