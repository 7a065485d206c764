"""Removes kept files of finished tasks from the store's own folder, and says so in their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import evolve, frozen

from taskferry.artifacts.partfiles import sweep
from taskferry.errors import LedgerError, TaskTaken, UnknownName
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.record import Record
from taskferry.task import Artifact


@frozen(kw_only=True)
class Rules:
    """What may go; a task goes if one rule selects it and none protects it."""

    finished_before: float | None = None
    """Epoch seconds: select what finished earlier."""
    most: int | None = None
    """Bytes: select the oldest until no more than these are left."""
    keep_last: int | None = None
    """Protect so many of the tasks that finished last; select all others if there is no other rule."""


@frozen(kw_only=True)
class Kept:
    """A finished task's files in the store."""

    task_id: str
    finished_at: float
    size: int
    """Bytes."""
    files: tuple[Path, ...]


@frozen(kw_only=True)
class Removal:
    """What became of one task's files."""

    kept: Kept
    problem: str | None = None
    """Why they are still there; None if they are gone."""


def held(ledger: LedgerProtocol, store: Path) -> list[Kept]:
    """Find the files that lie in the store for tasks that are over, oldest first."""
    found = [kept for folder in _folders(store) if (kept := _kept(ledger, folder)) is not None]
    return sorted(found, key=lambda kept: (kept.finished_at, kept.task_id))


def chosen(found: Sequence[Kept], rules: Rules, size: int) -> list[Kept]:
    """Choose what goes, from the oldest on; `size` is that of the whole store in bytes."""
    open_to_go = found[: max(0, len(found) - rules.keep_last)] if rules.keep_last is not None else found
    going = []
    for kept in open_to_go:
        old = rules.finished_before is not None and kept.finished_at < rules.finished_before
        too_much = rules.most is not None and size > rules.most
        alone = rules.finished_before is None and rules.most is None
        if old or too_much or alone:
            going.append(kept)
            size -= kept.size
    return going


def collect(ledger: LedgerProtocol, store: Path, kept: Kept) -> Removal:
    """Remove a task's files, once its row says that they are gone; a task that a live process has in hand stays."""
    folder = store / kept.task_id
    try:
        record = ledger.claim(kept.task_id)
    except TaskTaken as error:
        return Removal(kept=kept, problem=str(error))
    try:
        files = set(_files(record, folder))
        gone = tuple(_without(artifact, files) for artifact in record.snapshot.artifacts)
        note = f"gc: removed {', '.join(sorted(path.name for path in files))}"
        written = ledger.save(evolve(record, snapshot=evolve(record.snapshot, artifacts=gone)), note=note)
        try:
            for path in files:
                path.unlink(missing_ok=True)
        except OSError as error:
            ledger.save(_restored(record, written), note="gc: a file could not be removed")
            return Removal(kept=kept, problem=f"{error.filename}: {error.strerror}.")
        return Removal(kept=kept)
    except LedgerError as error:
        return Removal(kept=kept, problem=str(error))
    finally:
        ledger.release(kept.task_id)
        tidy(folder)


def leftovers(ledger: LedgerProtocol, store: Path) -> int:
    """Remove what broken downloads of tasks left that are over and kept all the same; give the bytes freed."""
    return sum(tidy(folder) for folder in _folders(store) if _is_settled(ledger, folder.name))


def tidy(folder: Path) -> int:
    """Remove the parts in a folder that nobody writes, and the folder if nothing else is in it."""
    if not folder.is_dir():
        return 0
    freed = sweep(folder)
    if not any(folder.iterdir()):
        folder.rmdir()
    return freed


def _folders(store: Path) -> Iterator[Path]:
    if store.is_dir():
        yield from (folder for folder in store.iterdir() if folder.is_dir() and not folder.is_symlink())


def _record(ledger: LedgerProtocol, name: str) -> Record | None:
    try:
        return ledger.get(name)
    except UnknownName:
        return None  # a folder that somebody else put there


def _kept(ledger: LedgerProtocol, folder: Path) -> Kept | None:
    record = _record(ledger, folder.name)
    if record is None or not record.snapshot.status.terminal:
        return None
    files = _files(record, folder)
    if not files:
        return None
    finished = record.snapshot.finished_at or record.snapshot.created_at
    return Kept(
        task_id=record.id, finished_at=finished, size=sum(path.lstat().st_size for path in files), files=tuple(files)
    )


def _files(record: Record, folder: Path) -> list[Path]:
    """Give a task's kept files that lie right in its folder of the store, each once; others are the user's."""
    if record.job.folder is not None:
        return []
    paths = dict.fromkeys(artifact.path for artifact in record.snapshot.artifacts if artifact.path is not None)
    place = folder.resolve()
    return [path for path in paths if path.parent.resolve() == place and path.is_file() and not path.is_symlink()]


def _is_settled(ledger: LedgerProtocol, name: str) -> bool:
    record = _record(ledger, name)
    return record is not None and record.snapshot.status.terminal and record.snapshot.kept


def _without(artifact: Artifact, files: set[Path]) -> Artifact:
    """Forget the path; size and SHA-256 stay, and say that the file was there."""
    return evolve(artifact, path=None) if artifact.path in files else artifact


def _restored(before: Record, written: Record) -> Record:
    """Give a row in which the files that could not be removed have their paths again."""
    artifacts = tuple(
        known if known.path is not None and known.path.exists() else forgotten
        for known, forgotten in zip(before.snapshot.artifacts, written.snapshot.artifacts, strict=True)
    )
    return evolve(written, snapshot=evolve(written.snapshot, artifacts=artifacts))
