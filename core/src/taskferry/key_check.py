"""Whether a provider takes a key, found out by calls that cost nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from attrs import frozen

from taskferry.accounts import Account
from taskferry.adapter import Adapter, HasBalance, ListsRecent, ReadsIds, Request
from taskferry.call import Call
from taskferry.errors import AdapterError, FailureKind, MalformedReply, ProviderError
from taskferry.exchange import run
from taskferry.reply import Reply
from taskferry.task import JSON
from taskferry.transport import Wire

_NO_SUCH_JOB = "taskferry-asks-for-no-job"
"""An id that no provider gives."""


@frozen(kw_only=True)
class KeyCheck:
    """What free calls told about a key."""

    accepted: bool
    """Whether the provider took the key; otherwise nobody knows: a key that it refuses raises."""
    how: str
    """What was asked, or why nothing was learned, in words."""


async def check_key(account: Account, wire: Wire) -> KeyCheck:
    """Ask a provider for what only a good key is told, by the first free call that gives a clear answer.

    Raise ProviderError of kind `auth` for a key that is refused, WireError where the provider cannot be reached.
    """
    unclear = "it offers no free call that needs the key"
    for how, exchange, missing_is_fine in _questions(account.adapter, account.base_url):
        try:
            await run(exchange, wire, account.adapter.failure)
        except ProviderError as error:
            kind = error.failure.kind
            if kind is FailureKind.AUTH:
                raise
            if kind is FailureKind.NOT_FOUND and missing_is_fine:
                return KeyCheck(accepted=True, how=how)
            unclear = f"{how} answers: {error}"
        except (AdapterError, MalformedReply) as error:
            unclear = f"{how} cannot be understood: {error}"
        else:
            return KeyCheck(accepted=True, how=how)
    return KeyCheck(accepted=False, how=unclear)


def _questions(adapter: Adapter, base_url: str) -> Iterator[tuple[str, Generator[Call, Reply, Any], bool]]:
    """Give what can be asked; with each, whether "no such thing" is the answer that a good key gets."""
    first = next(iter(adapter.operations), None)
    request = None if first is None else Request(task_id=_NO_SUCH_JOB, operation=first, parameters=first.example)
    if isinstance(adapter, HasBalance):
        yield "its balance", adapter.balance(), False
    if request is not None and isinstance(adapter, ListsRecent):
        yield "its list of jobs", adapter.recent(request), False
    remote = None if request is None else _no_job(adapter, request, base_url)
    if remote is not None:
        yield "a job that does not exist", adapter.fetch(remote), True


def _no_job(adapter: Adapter, request: Request, base_url: str) -> JSON:
    """Make up where a job would be that does not exist; give None where that cannot be made up."""
    if isinstance(adapter, ReadsIds):
        return adapter.remote_from_id(_NO_SUCH_JOB, request)
    if not hasattr(adapter, "card"):
        return None
    from taskferry.cards import Card  # only where the adapter may be made from one
    from taskferry.cards.samples import NoSample, Samples

    try:
        short = request.operation.name.partition("/")[2]
        return Samples(adapter.card, base_url).remote(short, _NO_SUCH_JOB) if isinstance(adapter.card, Card) else None
    except NoSample:
        return None  # its examples do not show what a job of it looks like
