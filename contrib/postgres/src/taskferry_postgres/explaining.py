"""Turns what PostgreSQL and the network say into the ledger's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from taskferry import LedgerBusy, LedgerCorrupt, LedgerError, clean
from taskferry_postgres.address import Address

_CAUSES: tuple[tuple[tuple[type[psycopg.Error], ...], type[LedgerError], str], ...] = (
    (
        (errors.InsufficientPrivilege,),
        LedgerError,
        "{place}: its user may not do this ({error}). Grant it all rights on the schema {schema} and what is in it.",
    ),
    (
        (errors.LockNotAvailable, errors.QueryCanceled),
        LedgerBusy,
        "Another process keeps {place} busy: try again. ({error})",
    ),
    (
        (errors.DiskFull, errors.OutOfMemory),
        LedgerError,
        "{place} could not be written; nothing of this step was kept: make room there, then try again. ({error})",
    ),
    (
        (errors.ReadOnlySqlTransaction,),
        LedgerError,
        "{place} takes no writes: name the primary server instead of a standby. ({error})",
    ),
    (
        (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.InvalidSchemaName),
        LedgerCorrupt,
        "{place}: the schema {schema} is not a sound ledger ({error}). Nothing was overwritten: restore a backup.",
    ),
)


class Unreachable(LedgerError):
    """The database does not answer; nothing is said about what it keeps."""


class Lost(Unreachable):
    """Nothing was kept of a transaction, whose connection broke or which gave way to another: it can be made again."""


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """Raise LedgerError, or one of its kinds, in the place of PostgreSQL's errors."""
    try:
        yield
    except psycopg.Error as error:
        raise as_ledger_error(error, address) from error


def as_ledger_error(error: psycopg.Error, address: Address) -> LedgerError:
    """Say what happened, where, and what to do next; never the password."""
    if isinstance(error, errors.DeadlockDetected | errors.SerializationFailure):
        return Lost(f"{address.shown}: two processes were in each other's way, and this one gave in: try again.")
    for causes, kind, text in _CAUSES:
        if isinstance(error, causes):
            return kind(text.format(place=address.shown, schema=address.schema, error=told(error, address)))
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Unreachable(f"{address.shown} cannot be reached: {told(error, address)}. Tasks stay as they are there.")
    return LedgerError(f"{address.shown} could not be used: {told(error, address)}.")


def told(error: psycopg.Error, address: Address) -> str:
    """Give an error's first sentence, without what rows it is about."""
    return address.hide(clean(error.diag.message_primary or error, 300)).rstrip(".")
