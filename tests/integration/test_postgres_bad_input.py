"""What can be wrong with a shared ledger: each is told in words, with what to do, and without the password."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger_records import a_record, moved
from postgres_server import Server, environment, open_in_postgres, registry, server
from taskferry import LedgerCorrupt, LedgerError, LedgerTooNew, Registry, Status, TaskferryError, Unsupported
from taskferry.cli.checks.ledger import check_ledger
from taskferry.cli.start import main
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.group import Call
from taskferry_postgres import schema
from taskferry_postgres.address import read_address
from taskferry_postgres.connecting import connect

pytestmark = pytest.mark.slow

SECRET = "hunter%20two"  # as it stands in a URL
SAID = ("hunter", "two")


def opened(url: str, **more: str) -> Any:
    return open_ledger_for(Path("/nowhere"), {"TASKFERRY_LEDGER": url, **more}, registry())


@pytest.fixture
def raw() -> Iterator[psycopg.Connection]:
    """The way of an operator into the database."""
    with psycopg.connect(server().url, autocommit=True) as connection:
        yield connection


def schema_of(home: Path) -> str:
    return environment(home)["TASKFERRY_LEDGER_SCHEMA"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"postgresql://me:{SECRET}@127.0.0.1:1/none", "127.0.0.1:1/none cannot be reached"),
        (f"postgresql://me:{SECRET}@nowhere.invalid/none?connect_timeout=2", "nowhere.invalid/none cannot be reached"),
        (f"postgresql://me:{SECRET}@127.0.0.1:notaport/none", "cannot be read"),
        (f"postgresql://me:p@{SECRET}@127.0.0.1/none", "every special letter of the password percent-encoded"),
        (f"postgresql://me:{SECRET}@127.0.0.1/none?colour=red", "cannot be read"),
        (f"mysql://me:{SECRET}@127.0.0.1/none", "postgresql://"),
        (f"me:{SECRET}@127.0.0.1", "has to be a URL"),
    ],
    ids=["nobody listens", "no such host", "no port", "an at sign in it", "unknown setting", "another kind", "no URL"],
)
def test_a_wrong_url_is_told_without_its_password(url: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """In the error, in what led to it, in `doctor` and in logs."""
    caplog.set_level(logging.DEBUG)

    with pytest.raises(LedgerError) as raised:
        opened(url)

    told = f"{raised.value!r} {raised.value.__cause__!r} {caplog.text}"
    assert said in str(raised.value)
    assert not any(word in told for word in SAID)


def test_a_ledger_shows_its_place_without_the_password(tmp_path: Path) -> None:
    """Whoever prints it."""
    url = server().url.replace("postgres:@", f"postgres:{SECRET}@")

    with opened(url, TASKFERRY_LEDGER_SCHEMA=schema_of(tmp_path)) as ledger:
        told = f"{ledger!r} {ledger.place} {ledger._postgres.address!r}"

    assert "postgresql://postgres@" in told
    assert not any(word in told for word in SAID)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TASKFERRY_LEDGER_LEASE", "soon"), ("TASKFERRY_LEDGER_LEASE", "nan"), ("TASKFERRY_LEDGER_SCHEMA", 'x"; DROP')],
)
def test_a_setting_that_cannot_be_is_named(variable: str, value: str) -> None:
    """And nothing is made."""
    with pytest.raises(LedgerError, match=r"seconds|no name of a schema"):
        opened(server().url, **{variable: value})


def test_missing_rights_are_told(raw: psycopg.Connection, tmp_path: Path) -> None:
    """With the schema to grant them on."""
    raw.execute(f"DROP ROLE IF EXISTS {schema_of(tmp_path)}")
    raw.execute(f"CREATE ROLE {schema_of(tmp_path)} LOGIN")
    url = server().url.replace("postgres:@", f"{schema_of(tmp_path)}:@")

    with pytest.raises(LedgerError, match=r"its user may not do this.*Grant it all rights on the schema"):
        opened(url, TASKFERRY_LEDGER_SCHEMA=schema_of(tmp_path))


def test_a_user_that_may_only_read_is_told_by_the_check(
    raw: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a submit finds out; reading works all the same."""
    open_in_postgres(tmp_path).close()
    name = schema_of(tmp_path)
    raw.execute(f"DROP ROLE IF EXISTS {name}")
    raw.execute(f"CREATE ROLE {name} LOGIN; GRANT USAGE ON SCHEMA {name} TO {name}")
    raw.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {name}")
    for variable, value in environment(tmp_path).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("TASKFERRY_LEDGER", server().url.replace("postgres:@", f"{name}:@"))

    found = next(iter(check_ledger(tmp_path)))

    assert found.state == "broken"
    assert "its user may not write" in found.detail
    assert f"grant it all rights on the schema {name}" in found.detail


def test_a_database_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    """Waiting would not bring it."""
    url = server().url.replace("/postgres?", "/nothing?")

    with pytest.raises(LedgerError, match='database "nothing" does not exist'):
        opened(url, TASKFERRY_LEDGER_SCHEMA=schema_of(tmp_path))


def test_a_later_schema_is_left_alone(raw: psycopg.Connection, tmp_path: Path) -> None:
    """An older taskferry on one of many machines writes nothing into it."""
    from taskferry_postgres import schema

    open_in_postgres(tmp_path).close()
    raw.execute(f"UPDATE {schema_of(tmp_path)}.meta SET value = '77' WHERE name = 'version'")

    with pytest.raises(LedgerTooNew, match=rf"version 77, this one knows up to {schema.VERSION}"):
        open_in_postgres(tmp_path)


def test_an_older_schema_is_brought_up_to_date_once(tmp_path: Path) -> None:
    """By whoever comes first; the others find it done."""
    open_in_postgres(tmp_path).close()
    address = read_address(server().url, schema_of(tmp_path))
    problems: list[BaseException] = []

    def migrate() -> None:
        try:
            with connect(address) as connection:
                schema.settle(connection, address, (*schema.MIGRATIONS, ("ALTER TABLE tasks ADD COLUMN once text",)))
        except psycopg.Error as error:
            problems.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    with pytest.raises(LedgerTooNew, match=f"version {schema.VERSION + 1}"):
        open_in_postgres(tmp_path)


@pytest.mark.parametrize(
    "tables", ["tasks (id int)", "meta (name text, value text)", "meta (what int)", "customers (id int)"]
)
def test_another_programs_schema_is_left_alone(raw: psycopg.Connection, tmp_path: Path, tables: str) -> None:
    """Whatever its tables are called."""
    raw.execute(f"DROP SCHEMA IF EXISTS {schema_of(tmp_path)} CASCADE")
    raw.execute(f"CREATE SCHEMA {schema_of(tmp_path)}")
    raw.execute(f"CREATE TABLE {schema_of(tmp_path)}.{tables}")

    with pytest.raises(LedgerCorrupt, match="tables of another program"):
        open_in_postgres(tmp_path)


def test_a_schema_that_was_dropped_while_open_is_told(raw: psycopg.Connection, tmp_path: Path) -> None:
    """Not as an error of a program."""
    with open_in_postgres(tmp_path) as ledger:
        raw.execute(f"DROP SCHEMA {schema_of(tmp_path)} CASCADE")

        with pytest.raises(LedgerCorrupt, match="not a sound ledger"):
            ledger.recent()


def test_rows_that_contradict_themselves_are_named(raw: psycopg.Connection, tmp_path: Path) -> None:
    """As `taskferry ledger check` and `doctor` show them."""
    with open_in_postgres(tmp_path) as ledger:
        ledger.add(a_record())
        before = ledger.check()
        raw.execute(f"UPDATE {schema_of(tmp_path)}.transitions SET after = 'dancing'")

        assert before == []
        assert any("unknown status 'dancing'" in problem for problem in ledger.check())


def test_a_backup_is_left_to_the_databases_own_tools(tmp_path: Path) -> None:
    """Which are named."""
    with open_in_postgres(tmp_path) as ledger, pytest.raises(Unsupported, match="pg_dump --schema="):
        ledger.backup(tmp_path / "copy")


def test_without_the_distribution_it_is_named(tmp_path: Path) -> None:
    """And not what else could be wrong."""
    with pytest.raises(LedgerError, match="taskferry-postgres: install it") as raised:
        open_ledger_for(tmp_path, {"TASKFERRY_LEDGER": f"postgresql://me:{SECRET}@db/x"}, Registry(entry_points=[]))

    assert not any(word in str(raised.value) for word in SAID)


def test_a_file_needs_none_of_it(tmp_path: Path) -> None:
    """Neither the plugins nor a client of any database are loaded."""
    code = (
        "import sys; from pathlib import Path; from taskferry.ledger.choosing import open_ledger_for\n"
        "open_ledger_for(Path(sys.argv[1]), {}).close()\n"
        "print({'psycopg', 'taskferry_postgres', 'taskferry.registry', 'pluggy'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_doctor_and_list_use_the_shared_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And say where it is."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    with open_in_postgres(tmp_path) as ledger:
        added = ledger.add(a_record())

        rows = list(check_ledger(tmp_path / "home"))
        code = main(["list", "--json"])

    assert rows[0].detail == f"{ledger.place}, sound"
    assert "1 unfinished (0 not watched)" in rows[1].detail
    assert code == 0
    assert added.id in capsys.readouterr().out
    assert not (tmp_path / "home").exists()


class TestServerThatIsAway:
    """PostgreSQL is gone for some seconds."""

    @pytest.fixture
    def own(self) -> Iterator[Server]:
        """A server that others do not use."""
        with tempfile.TemporaryDirectory(prefix="taskferry-postgres-", ignore_cleanup_errors=True) as folder:
            running = Server(Path(folder))
            yield running
            running.stop()

    @pytest.fixture
    def ledger(self, own: Server) -> Iterator[Any]:
        with opened(own.url, TASKFERRY_LEDGER_LEASE="1") as ledger:
            yield ledger

    def test_it_is_waited_for_and_nothing_is_lost(self, own: Server, ledger: Any) -> None:
        """Reads, writes, groups and claims go on by themselves, on new connections."""
        added = ledger.add(a_record(status=Status.RUNNING))
        own.stop()
        back = threading.Timer(1.0, own.start)
        back.start()

        [(saved, error)] = ledger.together([Call(ledger.save, (moved(added, Status.RUNNING, progress=0.5),), {})])
        back.join()

        assert error is None
        assert ledger.get(added.id) == saved
        assert ledger.claim(added.id) == saved
        assert not ledger.is_held_elsewhere(saved)

    def test_a_connection_that_breaks_amid_a_group_leaves_nothing_of_it_and_it_is_made_again(
        self, own: Server, ledger: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once, and whole."""
        first, second = (ledger.add(a_record(status=Status.RUNNING)) for _ in range(2))
        cut = iter([True])

        def and_cut(record: Any) -> Any:
            saved = ledger.save(record)
            if next(cut, False):
                with psycopg.connect(own.url, autocommit=True) as operator:
                    operator.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'taskferry'"
                    )
            return saved

        outcomes = ledger.together(
            [
                Call(and_cut, (moved(first, Status.RUNNING, progress=0.5),), {}),
                Call(ledger.save, (moved(second, Status.FAILED),), {}),
            ]
        )

        assert [error for _, error in outcomes] == [None, None]
        assert [ledger.get(one.id).version for one in (first, second)] == [2, 2]

    @pytest.mark.parametrize("kept", [True, False], ids=["kept", "not kept"])
    def test_a_commit_whose_answer_was_lost_is_asked_for(self, ledger: Any, kept: bool) -> None:
        """It is told as it was: neither made twice nor taken for lost."""
        raw = ledger._postgres._connected().raw
        original: Callable[..., Any] = raw.execute

        def lossy(query: Any, *rest: Any, **more: Any) -> Any:
            if query == "COMMIT":
                if kept:
                    original(query)
                raw.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return original(query, *rest, **more)

        raw.execute = lossy
        record = a_record()

        [(added, error)] = ledger.together([Call(ledger.add, (record,), {})])

        assert error is None
        assert added.version == 1
        assert ledger.get(record.id) == added

    def test_one_that_stays_away_is_an_error_of_the_ledger(self, own: Server, ledger: Any) -> None:
        """For whoever asked, typed, with where it is."""
        added = ledger.add(a_record())
        ledger._postgres._patience = 0.3
        own.stop()

        with pytest.raises(TaskferryError, match="cannot be reached") as raised:
            ledger.get(added.id)
        own.start()

        assert isinstance(raised.value, LedgerError)
        assert ledger.get(added.id) == added
