"""The ledger's own answers, in one process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve

from ledger_records import a_job, a_record, an_image, moved
from taskferry.errors import LedgerError, TaskTaken, UnknownName, UsageError
from taskferry.ledger import Ledger, open_ledger
from taskferry.status import Status
from taskferry.task import JSON, Artifact


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with open_ledger(home, now=lambda: 5000.0) as opened:
        yield opened


@pytest.fixture
def other(ledger: Ledger, home: Path) -> Iterator[Ledger]:
    with open_ledger(home) as opened:
        yield opened


class TestIntent:
    """The row that is kept before anything is sent."""

    def test_an_added_task_is_held_by_this_process_and_survives_the_ledger(self, ledger: Ledger, home: Path) -> None:
        """What add gives is what another opening of the same home reads."""
        added = ledger.add(a_record())

        with open_ledger(home, readonly=True) as reader:
            read = reader.get(added.id)
        assert read == added
        assert added.holder == ledger.holder
        assert added.version == 1

    def test_an_id_is_added_once(self, ledger: Ledger) -> None:
        """A second row of the same id is refused, and the first stays."""
        added = ledger.add(a_record())

        with pytest.raises(TaskTaken, match="kept already"):
            ledger.add(a_record(id=added.id, job=a_job(parameters={"prompt": "else"})))
        assert ledger.get(added.id) == added

    def test_a_caller_uses_an_idempotency_key_once(self, ledger: Ledger) -> None:
        """Two processes that submit with one key at the same moment cannot both keep an intent."""
        first = ledger.add(a_record(job=a_job(idempotency_key="order-17")))

        with pytest.raises(TaskTaken, match=first.id):
            ledger.add(a_record(job=a_job(idempotency_key="order-17", parameters={"prompt": "else"})))

    def test_what_is_not_json_is_refused_before_it_is_written(self, ledger: Ledger) -> None:
        """A parameter that could not be read back leaves no row behind."""
        record = a_record(job=a_job(parameters={"prompt": b"bytes"}))

        with pytest.raises(LedgerError, match="bytes is no JSON value"):
            ledger.add(record)
        assert ledger.recent() == []

    def test_the_salt_is_made_once(self, ledger: Ledger, home: Path) -> None:
        """Fingerprints stay comparable for as long as the ledger lives, and differ between ledgers."""
        with open_ledger(home) as again, open_ledger(home.with_name("another")) as another:
            salts = again.salt, another.salt

        assert salts[0] == ledger.salt
        assert salts[1] != ledger.salt
        assert len(ledger.salt) == 32


class TestFinding:
    """Tasks by id, by the start of an id, by age."""

    def test_an_unknown_id_names_the_nearest(self, ledger: Ledger) -> None:
        """A misspelt id is answered with the id that was meant."""
        added = ledger.add(a_record())
        misspelt = added.id[:-1] + ("0" if added.id[-1] != "0" else "1")

        with pytest.raises(UnknownName) as raised:
            ledger.get(misspelt)
        assert added.id in raised.value.nearest

    @pytest.mark.parametrize(
        "shown",
        [str, str.upper, lambda text: text[:12], lambda text: f"{text[:12]}…"],
        ids=["id", "upper", "start", "cut"],
    )
    def test_the_start_of_an_id_finds_its_task(self, ledger: Ledger, shown: Callable[[str], str]) -> None:
        """As people copy it from a list, whatever its case."""
        added = ledger.add(a_record(1_000.0))
        ledger.add(a_record(900_000_000.0))

        found = ledger.find(shown(added.id))

        assert found == added

    def test_a_start_of_several_ids_names_them(self, ledger: Ledger) -> None:
        """Nothing is guessed."""
        first, second = ledger.add(a_record(1000.0)), ledger.add(a_record(1000.0))

        with pytest.raises(UsageError, match="begins several tasks") as raised:
            ledger.find(first.id[:6])
        assert first.id in str(raised.value)
        assert second.id in str(raised.value)

    @pytest.mark.parametrize("text", ["", "0", "000", "zzzz", "nonsense", "%%%%", "____", "\udcff\udcff\udcff\udcff"])
    def test_anything_else_is_an_unknown_task(self, ledger: Ledger, text: str) -> None:
        """Too short, not there, or not even text."""
        ledger.add(a_record())

        with pytest.raises(UnknownName):
            ledger.find(text)

    def test_recent_gives_the_newest_first(self, ledger: Ledger) -> None:
        """Those of one moment in the order in which they came."""
        ids = [ledger.add(a_record(at)).id for at in (3000.0, 1000.0, 2000.0, 2000.0)]

        newest = [record.id for record in ledger.recent(3)]

        assert newest == [ids[0], ids[3], ids[2]]

    def test_recent_narrows_by_status_and_provider(self, ledger: Ledger) -> None:
        """Both may be asked for at once; no status at all means no task."""
        wanted = ledger.add(a_record(status=Status.RUNNING))
        ledger.add(a_record(status=Status.QUEUED))
        ledger.add(a_record(status=Status.RUNNING, job=a_job(provider="zeta", operation="zeta/image")))

        found = ledger.recent(statuses={Status.RUNNING}, provider="acme")

        assert found == [wanted]
        assert ledger.recent(statuses=[]) == []
        assert ledger.recent(0) == []

    def test_unfinished_are_those_with_something_left_to_do(self, ledger: Ledger) -> None:
        """Everything under way, and what succeeded but has a file that was not kept; oldest first."""
        kept = an_image(path=Path("/out/image.png"))
        ledger.add(a_record(1.0, status=Status.SUCCEEDED, artifacts=(kept,)))
        ledger.add(a_record(2.0, status=Status.FAILED, artifacts=(an_image(),)))
        not_kept = ledger.add(a_record(4.0, status=Status.SUCCEEDED, artifacts=(kept, an_image(name="preview"))))
        lost = ledger.add(a_record(3.0, status=Status.UNCONFIRMED))

        assert ledger.unfinished() == [lost, not_kept]

    def test_many_tasks_are_read_with_their_own_artifacts(self, ledger: Ledger) -> None:
        """More of them than SQLite takes variables by default in older builds."""
        added = [ledger.add(a_record(float(at), artifacts=(an_image(name=f"image-{at}"),))) for at in range(1100)]

        read = ledger.recent(2000)

        assert read == added[::-1]


class TestSaving:
    """One conditional write per change."""

    def test_a_save_gives_the_next_version(self, ledger: Ledger) -> None:
        """The record that save gives can be changed and saved again without reading."""
        added = ledger.add(a_record())

        saved = ledger.save(moved(ledger.save(moved(added, Status.SUBMITTING)), Status.QUEUED))

        assert saved.version == 3
        assert ledger.get(added.id) == saved

    def test_a_save_of_an_old_state_loses(self, ledger: Ledger) -> None:
        """Two who read the same version cannot both write; the second is told, and nothing of it is kept."""
        added = ledger.add(a_record())
        first = ledger.save(moved(added, Status.SUBMITTING))

        with pytest.raises(TaskTaken, match="version 2 is kept, 1 was read"):
            ledger.save(moved(added, Status.CANCELLED, artifacts=(an_image(),)))
        assert ledger.get(added.id) == first
        assert len(ledger.transitions(added.id)) == 2

    def test_a_task_that_is_not_held_is_not_written(self, ledger: Ledger) -> None:
        """A released task must be claimed before it is changed."""
        added = ledger.add(a_record())
        ledger.release(added.id)

        with pytest.raises(TaskTaken, match="claim it"):
            ledger.save(moved(ledger.get(added.id), Status.SUBMITTING))

    def test_a_task_of_another_holder_is_not_written(self, ledger: Ledger, other: Ledger) -> None:
        """Not even with the right version."""
        added = ledger.add(a_record())

        with pytest.raises(TaskTaken, match="held by process"):
            other.save(moved(added, Status.SUBMITTING))

    def test_a_task_that_was_never_added_is_unknown(self, ledger: Ledger) -> None:
        """A save makes no row."""
        with pytest.raises(UnknownName):
            ledger.save(a_record())

    def test_the_job_never_changes(self, ledger: Ledger) -> None:
        """Where a task lives is decided before it is submitted."""
        added = ledger.add(a_record())

        ledger.save(evolve(added, job=a_job(base_url="https://elsewhere.example")))

        assert ledger.get(added.id).job == added.job

    def test_artifacts_are_replaced_as_a_whole(self, ledger: Ledger) -> None:
        """Fresh URLs take the place of old ones; the order is the record's."""
        added = ledger.add(a_record(artifacts=(an_image(name="b"), an_image(name="a"), an_image(name="c"))))
        fewer: tuple[Artifact, ...] = (an_image(name="z", url="https://fresh.example"), an_image(name="b"))

        ledger.save(moved(added, Status.RUNNING, artifacts=fewer))

        assert ledger.get(added.id).snapshot.artifacts == fewer

    @pytest.mark.parametrize("remote", ["job-1", {"id": "job-1", "region": "eu"}, ["job-1", 2], 17, 0, ""])
    def test_a_job_at_the_provider_has_one_task(self, ledger: Ledger, remote: JSON) -> None:
        """A second row with the same remote is refused and names the first, whatever the remote looks like."""
        first = ledger.save(evolve(ledger.add(a_record()), remote=remote))
        second = ledger.add(a_record())

        with pytest.raises(TaskTaken, match=first.id):
            ledger.save(evolve(second, remote=remote))
        assert ledger.get(second.id).remote is None
        assert ledger.by_remote("acme", "4f2a", remote) == first

    @pytest.mark.parametrize(
        "change", [{"account": "other"}, {"base_url": "https://eu.acme.example"}, {"provider": "b"}]
    )
    def test_the_same_remote_elsewhere_is_another_job(self, ledger: Ledger, change: dict[str, str]) -> None:
        """Another account, region or provider counts its own jobs."""
        ledger.add(evolve(a_record(), remote="1"))

        elsewhere = ledger.add(evolve(a_record(job=a_job(**change)), remote="1"))

        assert ledger.get(elsewhere.id).remote == "1"

    def test_a_remote_is_the_same_in_any_order_of_its_keys(self, ledger: Ledger) -> None:
        """A provider's handle is compared as JSON, not as text."""
        added = ledger.add(evolve(a_record(), remote={"a": 1, "b": {"c": None, "d": "ü"}}))

        found = ledger.by_remote("acme", "4f2a", {"b": {"d": "ü", "c": None}, "a": 1})

        assert found == added
        assert ledger.by_remote("acme", "4f2a", None) is None


class TestHolding:
    """Who may change a task, among the ledgers of one process."""

    def test_a_claim_of_what_is_held_here_changes_nothing(self, ledger: Ledger) -> None:
        """Claiming twice is harmless."""
        added = ledger.add(a_record())

        assert ledger.claim(added.id) == added

    def test_a_task_of_a_living_holder_is_not_claimed(self, ledger: Ledger, other: Ledger) -> None:
        """The message names the process to look for."""
        added = ledger.add(a_record())

        with pytest.raises(TaskTaken, match=r"held by process \d+ on "):
            other.claim(added.id)
        assert other.is_held_elsewhere(added)
        assert not ledger.is_held_elsewhere(added)

    def test_a_released_task_is_claimed_by_another(self, ledger: Ledger, other: Ledger) -> None:
        """And then what the first one read is out of date."""
        added = ledger.add(a_record())
        ledger.release(added.id)

        claimed = other.claim(added.id)

        assert claimed.holder == other.holder
        assert not other.is_held_elsewhere(claimed)
        with pytest.raises(TaskTaken):
            ledger.save(moved(added, Status.SUBMITTING))

    def test_only_the_holder_releases(self, ledger: Ledger, other: Ledger) -> None:
        """A release by anyone else does nothing."""
        added = ledger.add(a_record())

        other.release(added.id)

        assert ledger.get(added.id) == added

    def test_closing_gives_every_task_up(self, ledger: Ledger, other: Ledger) -> None:
        """The tasks stay as they are; the holder counts as dead."""
        added = ledger.add(a_record())
        ledger.close()

        held = other.is_held_elsewhere(added)
        claimed = other.claim(added.id)

        assert not held
        assert claimed.snapshot == added.snapshot

    def test_an_unknown_task_is_not_claimed(self, ledger: Ledger) -> None:
        """There is nothing to hold."""
        with pytest.raises(UnknownName):
            ledger.claim("0" * 26)


def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    """Closing twice is harmless; using it afterwards is an error."""
    ledger.close()
    ledger.close()

    with pytest.raises(LedgerError, match="was closed"):
        ledger.recent()


def test_reading_loads_no_event_loop_and_no_http_client() -> None:
    """A plain look at the ledger starts fast."""
    code = "import sys, taskferry.ledger; print({'asyncio', 'httpx', 'msgspec', 'socket', 'ssl'} & set(sys.modules))"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed == "set()\n"
