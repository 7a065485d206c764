"""Cases about what an adapter may have beside the needed: cancelling, listing, many looks at once, ids, webhooks."""

from __future__ import annotations

import json
from typing import Any

from taskferry.adapter import Cancels, Candidate, FetchesMany, ListsRecent, ReadsIds, VerifiesWebhooks
from taskferry.call import Purpose
from taskferry.errors import FailureKind, ProviderError, ReplyLost
from taskferry.reply import Reply
from taskferry.task import CancelOutcome
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.driving import Driven, drive, in_turn
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.sound import is_empty

_DONE_WITH = (CancelOutcome.TOO_LATE, CancelOutcome.UNKNOWN, CancelOutcome.UNSUPPORTED)
_CENTURY = (1e9, 1e11)


class AbilityCases(Contract):
    """What the optional methods give."""

    def test_cancel(self) -> None:
        """A cancel is a free call that gives an outcome."""
        driven = self._cancelled(*(self.subject.samples.cancelled or (Reply(200, b"{}"),)))
        if driven.error is not None and self.subject.samples.cancelled is None:
            skip("no sample of a cancel's reply; give `cancelled`")
        require(
            isinstance(driven.result, CancelOutcome),
            f"cancel: a cancel that was taken gave {told(driven.error) if driven.error else shown(driven.result)}; "
            "return "
            "a CancelOutcome",
        )
        billed = [call for call in driven.calls if call.purpose is Purpose.CREATE]
        require(not billed, f"cancel: {billed} would be billed; use Call.post(..., free=True) or Call.write")

    def test_cancel_after_the_end(self) -> None:
        """A provider that says no to a cancel, because the job has ended, is never read as a cancel that was taken."""
        for status in (404, 409, 400):
            driven = self._cancelled(Reply(status, b"{}"))
            kinds = (FailureKind.CONFLICT, FailureKind.NOT_FOUND, FailureKind.VALIDATION)
            refused = isinstance(driven.error, ProviderError) and driven.error.failure.kind in kinds
            require(
                refused or driven.result in _DONE_WITH,
                f"cancel-late: a cancel that was answered with HTTP {status} gave "
                f"{told(driven.error) if driven.error else shown(driven.result)}; give TOO_LATE, or let the error pass",
            )

    def test_cancel_whose_reply_is_lost(self) -> None:
        """A cancel without a reply is unknown, and sent once."""
        driven = self._cancelled(ReplyLost("the reply never came"))
        lost = isinstance(driven.error, ReplyLost) or driven.result is CancelOutcome.UNKNOWN
        require(lost, f"cancel-lost: a cancel whose reply was lost gave {shown(driven.result)}; let ReplyLost pass")
        require(len(driven.calls) == 1, f"cancel-lost: {len(driven.calls)} calls were made; retry nothing")

    def test_recent(self) -> None:
        """Listed jobs are candidates that `fetch` finds again, with times in epoch seconds."""
        adapter, reply = self.subject.adapter, self.subject.samples.recent
        if not isinstance(adapter, ListsRecent):
            skip("the adapter lists no jobs")
        require(
            isinstance(adapter.recent_is_complete, bool),
            "recent: say by `recent_is_complete` whether the provider documents the listing as immediate and complete",
        )
        if reply is None:
            skip("no sample of a listing; give `recent`")
        driven = drive(adapter.recent(self.subject.request(self.subject.first)), in_turn(reply), adapter.failure)
        found = driven.result
        problem = told(driven.error) if driven.error else shown(found)
        listed = isinstance(found, list | tuple) and found and all(isinstance(one, Candidate) for one in found)
        require(
            listed, f"recent: the documented listing came to {problem}; give a Candidate for each job that could be"
        )
        for one in found:
            created = one.created_at
            in_seconds = isinstance(created, int | float) and _CENTURY[0] < created < _CENTURY[1]
            require(
                created is None or in_seconds, f"recent: created_at is {created!r}; it has to be epoch seconds or None"
            )
            require(
                not is_empty(one.remote)
                and self.subject.fetch(one.remote, self.subject.done(self.subject.first)).calls,
                f"recent: fetch makes no call of the candidate's remote {shown(one.remote)}; give it the shape that "
                "submit's has",
            )

    def test_recent_of_nothing(self) -> None:
        """A listing that is empty or broken is no listing: it gives nothing, or a typed error."""
        adapter = self.subject.adapter
        if not isinstance(adapter, ListsRecent):
            skip("the adapter lists no jobs")
        for body in (b"{}", b"[]", b"null", b'{"data": [null, 7]}'):
            request = self.subject.request(self.subject.first)
            driven = drive(adapter.recent(request), in_turn([Reply(200, body)]), adapter.failure)
            require(
                driven.typed,
                f"recent: the listing {shown(body)} raised {told(driven.error) if driven.error else ''}; read it with "
                "reply.at(path, list)",
            )

    def test_many_looks(self) -> None:
        """Many looks at once give one observation a job, or None, in the order asked; or a typed error."""
        adapter = self.subject.adapter
        if not isinstance(adapter, FetchesMany):
            skip("the adapter looks at one job at a time")
        limit: Any = adapter.fetch_many_limit
        require(
            isinstance(limit, int) and limit > 1, f"many-looks: fetch_many_limit is {limit!r}; it has to be 2 or more"
        )
        remotes = [self.subject.remote(self.subject.first)] * 2
        for body in (b"{}", b"[]", b'{"data": {}}', self.subject.done(self.subject.first)[0].content):
            driven = drive(adapter.fetch_many(remotes), in_turn([Reply(200, body)]), adapter.failure)
            counted = driven.error is not None or len(driven.result) == len(remotes)
            require(
                driven.typed and counted,
                f"many-looks: the reply {shown(body[:80])} came to "
                f"{told(driven.error) if driven.error else shown(driven.result)}; give one observation or None for "
                "each",
            )

    def test_plain_ids(self) -> None:
        """The `remote` made of a plain id is one that `fetch` takes, and that of a submit where the id is the same."""
        adapter, of = self.subject.adapter, self.subject.first
        if not isinstance(adapter, ReadsIds):
            skip("the adapter makes no remote of a plain id")
        remote = adapter.remote_from_id("job-1", self.subject.request(of))
        usable = not is_empty(remote) and json.loads(json.dumps(remote)) == remote
        calls = self.subject.fetch(remote, self.subject.done(of)).calls
        require(
            usable and any("job-1" in f"{call.path} {call.params} {call.json}" for call in calls),
            f"plain-id: remote_from_id gave {shown(remote)}, with which fetch asks {shown(list(calls))}; give the "
            "shape "
            "that submit's remote has",
        )

    def test_webhook_with_a_wrong_signature(self) -> None:
        """A webhook that nobody signed, or that is no JSON, raises ProviderError and tells nothing of the secret."""
        adapter = self.subject.adapter
        if not isinstance(adapter, VerifiesWebhooks):
            skip("the adapter takes no webhooks")
        secret = "whsec_Y29udHJhY3Qtc2VjcmV0LTAxMjM0NTY3ODk="  # noqa: S105 -- nobody's, to be recognised in errors
        for headers in ({}, {"webhook-signature": "v1,bm8=", "webhook-id": "1", "webhook-timestamp": "1"}):
            for body in (b"{}", b"", b"no JSON", b'{"id": "1"}'):
                try:
                    remote = adapter.verify_webhook(headers, body, secret, 1_700_000_000.0)
                except ProviderError as error:
                    require(secret not in str(error), "webhook: the error tells the secret; leave it out")
                    continue
                except Exception as error:
                    raise AssertionError(
                        f"webhook: one without a signature raised {told(error)}; raise ProviderError"
                    ) from error
                raise AssertionError(
                    f"webhook: one that nobody signed was taken for {shown(remote)}; check the signature"
                )

    def _cancelled(self, *replies: Reply | ReplyLost) -> Driven:
        adapter = self.subject.adapter
        if not isinstance(adapter, Cancels):
            skip("the adapter cannot cancel")
        remote = self.subject.remote(self.subject.first)
        return drive(adapter.cancel(remote), in_turn(replies), adapter.failure)
