"""Replies of a card's provider, made from the examples in the card: what its readers read, the other way round."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from taskferry.cards.adapter import names_operation
from taskferry.cards.expression import HTTP
from taskferry.cards.failing import compile_failure, ended_without_success
from taskferry.cards.model import Card, CostSpec, Example, FetchSpec, OperationSpec
from taskferry.cards.rewriting import at_home, identity, with_id
from taskferry.cards.sampling import (
    NoSample,
    meaning_of,
    number,
    says,
    words_for,
    write_moment,
    write_or_drop,
    write_results,
    write_status,
)  # fmt: skip
from taskferry.cards.sheet import Sheet
from taskferry.cards.submitting import RemoteReader
from taskferry.cards.template import compile_path, names_in
from taskferry.cards.wiring import with_defaults
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import JSON

__all__ = ["NoSample", "SampleReply", "Samples"]


@frozen(kw_only=True)
class SampleReply:
    """A reply as the provider would give it."""

    http: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    """Names in small letters; `content-type` is among them where there is a body."""
    body: Any = None
    """Decoded JSON; None where the reply has no document."""

    @property
    def content(self) -> bytes:
        """Give the body as it travels."""
        return b"" if self.body is None else json.dumps(self.body).encode()


class Samples:
    """Makes replies in the shape of a card's examples; every method raises NoSample where that cannot be done."""

    def __init__(self, card: Card, base_url: str | None = None) -> None:
        """Take a card, and the base URL that addresses on the provider's own hosts are given below (a stand-in's)."""
        self._card = card
        self._base_url = base_url

    def created(
        self,
        operation: str,
        job_id: str,
        *,
        status: Status | str | None = None,
        urls: Mapping[str, Sequence[str]] | None = None,
    ) -> SampleReply:
        """Give the reply to a create; `operation` is its name without the provider, as everywhere here.

        The id of the example is replaced by `job_id` wherever it stands in the body, also within addresses. `status`
        and `urls` as in `status`, for a card whose create reply may already be read like a status reply.
        """
        spec = self._card.operations[operation]
        sheet = _sheet(self._best("submit", operation))
        if sheet.body is None:
            sheet.body = {}
        self._own(sheet, spec, job_id)
        for text in spec.submit.remote.values():
            if sheet.read(text) is None and "$parameters" not in text:
                sheet.set(text, job_id)
        if status is not None and spec.submit.done:
            fetch = spec.fetch or self._card.fetch
            write_status(sheet, fetch, words_for(self._card.status, status))
            write_results(sheet, fetch.artifacts, urls or {}, None)
        return self._reply(sheet)

    def remote(self, operation: str, job_id: str, parameters: Mapping[str, Any] | None = None) -> JSON:
        """Give the `remote` that the card reads from `created(operation, job_id)`, for the example's parameters."""
        spec = self._card.operations[operation]
        made = self.created(operation, job_id)
        reader = RemoteReader(spec.submit.remote, operation if names_operation(self._card) else None)
        given = with_defaults(spec, spec.example if parameters is None else parameters)
        return reader(Reply(made.http, made.content, made.headers), made.body, given)

    def status(
        self,
        operation: str,
        status: Status | str,
        *,
        job_id: str,
        progress: float | None = None,
        queue_position: int | None = None,
        eta: float | None = None,
        retry_after: float | None = None,
        urls: Mapping[str, Sequence[str]] | None = None,
        expires_at: float | None = None,
        message: str | None = None,
        code: str | None = None,
        cost: Decimal | None = None,
    ) -> SampleReply:
        """Give the reply to a status read.

        `status` is one of ours (the card's own word for it is used) or any word as the provider would write it, known
        or not. `progress` is 0..1, times are in seconds. `urls` has addresses by the artifact's name in the card; names
        that are left out have none in the reply, and where the card takes one address only the first counts; without
        `urls` an example of this status keeps its own. What the card has no place for is left out.
        """
        spec = self._card.operations[operation]
        fetch = spec.fetch or self._card.fetch
        words = words_for(self._card.status, status)
        wanted = meaning_of(self._card.status, words[0])
        sheet, fits = self._seen(operation, fetch, words, wanted)
        self._own(sheet, spec, job_id)
        write_or_drop(sheet, fetch.progress, None if progress is None else number(progress, fetch.progress_scale))
        write_or_drop(sheet, fetch.queue_position, queue_position)
        write_or_drop(sheet, fetch.eta, None if eta is None else number(eta, fetch.eta_scale))
        after = None if retry_after is None else number(retry_after, fetch.retry_after_scale)
        write_or_drop(sheet, fetch.retry_after, after)
        if not ended_without_success(wanted) or message is not None or code is not None:
            write_or_drop(sheet, fetch.message, message)
            write_or_drop(sheet, fetch.code, code)
        _write_cost(sheet, fetch.cost, cost)
        if urls is not None or not fits:
            write_results(sheet, fetch.artifacts, urls or {}, expires_at)
        write_status(sheet, fetch, words)
        if wanted is not None:
            _write_places(sheet, fetch, wanted, job_id)
        return self._reply(sheet)

    def then(
        self,
        operation: str,
        place: int = 0,
        *,
        job_id: str,
        urls: Mapping[str, Sequence[str]],
        expires_at: float | None = None,
    ) -> SampleReply:
        """Give the reply to the further read at `place` in the card's `then`; its own places hold `job_id`."""
        spec = self._card.operations[operation]
        hop = (spec.fetch or self._card.fetch).then[place]
        shown = self._examples("then", operation)
        sheets = [_sheet(example) for example in shown] or [Sheet(200, {}, {})]
        paths = [artifact.each or artifact.url or "@" for artifact in hop.artifacts]
        sheet = next((one for one in sheets if all(one.read(path) for path in paths)), sheets[0])
        self._own(sheet, spec, job_id)
        write_results(sheet, hop.artifacts, urls, expires_at)
        return self._reply(sheet)

    def error(self, http: int, *, code: str | None = None, message: str | None = None) -> SampleReply:
        """Give a refusal; below 400 it is the provider's envelope of an error under success (NoSample without one)."""
        examples = [one for one in self._examples("error", None) if (one.http < 400) == (http < 400)]
        example = next((one for one in examples if one.http == http), examples[0] if examples else None)
        sheet = _sheet(example)
        sheet.http = http
        errors = self._card.errors
        if sheet.body is None:
            sheet.body = {}
        if code is not None or (example is not None and example.http != http):
            write_or_drop(sheet, errors.code, code)
        if message is not None or not sheet.read(errors.message):
            sheet.set(errors.message, message or f"The provider answers HTTP {http}.")
        made = self._reply(sheet)
        if compile_failure(errors)(Reply(made.http, made.content, made.headers)) is None:
            raise NoSample(f"The card shows no error under HTTP {http}.")
        return made

    def cancelled(self, job_id: str) -> SampleReply:
        """Give the reply to a cancel that was taken."""
        example = next((one for one in self._examples("cancel", None) if one.http < 400), None)
        sheet = _sheet(example)
        if example is not None:
            self._own(sheet, next(iter(self._card.operations.values())), job_id)
        return self._reply(sheet)

    def recent(self, operation: str, items: Sequence[Mapping[str, Any]]) -> SampleReply:
        """Give the list of latest jobs; an item has `job_id` and any of `created_at` (epoch seconds), `prompt`, `type`,
        `status` (as in `status`), `remote` (as `remote` gives it).
        """
        spec = self._card.recent
        if spec is None:
            raise NoSample("The card has no [recent].")
        sheet = _sheet(self._best("recent", operation))
        found = sheet.read(spec.each)
        first = found[0] if isinstance(found, list) and found else {}
        if not sheet.set(spec.each, [self._listed(first, item) for item in items]):
            raise NoSample(f"{spec.each!r} is not a plain path to write a list to.")
        return self._reply(sheet)

    def _listed(self, first: Any, item: Mapping[str, Any]) -> Any:
        spec = self._card.recent
        assert spec is not None, "there is a list of them"
        sheet = Sheet(200, {}, first)
        job_id = str(item["job_id"])
        found = {name: sheet.read(text) for name, text in spec.remote.items()}
        old = identity({name: value for name, value in found.items() if value is not None}, sheet.body)
        sheet.body = at_home(with_id(sheet.body, old, job_id), self._card, self._base_url)
        for name, text in spec.remote.items():
            if found[name] is None:
                sheet.set(text, job_id)
            if name in item.get("remote", {}) and sheet.read(text) != item["remote"][name]:
                sheet.set(text, item["remote"][name])
        write_moment(sheet, spec.created_at, item.get("created_at"))
        write_or_drop(sheet, spec.prompt, item.get("prompt"))
        if "type" in item:
            write_or_drop(sheet, spec.type, item["type"])
        if item.get("status") is not None:
            write_or_drop(sheet, spec.status, words_for(self._card.status, item["status"])[0])
        return sheet.body

    def balance(self, available: Decimal) -> SampleReply:
        """Give the reply to a read of the balance, in the card's unit."""
        spec = self._card.balance
        if spec is None:
            raise NoSample("The card has no [balance].")
        sheet = _sheet(self._best("balance", None))
        sheet.set(spec.available, number(available, spec.scale))
        return self._reply(sheet)

    def prepared(self, url: str, asset: str) -> SampleReply:
        """Give the reply to the call before an upload: where to put the file, and what it will be called."""
        spec = self._card.upload
        if spec is None or spec.prepare is None:
            raise NoSample("The card has no call before an upload.")
        sheet = Sheet(200, {}, {})
        address = names_in(spec.call.path)
        for name, text in spec.places.items():
            _write_upload(sheet, text, url if name in address else asset)
        if not names_in(spec.result):
            _write_upload(sheet, spec.result, asset)
        return self._reply(sheet)

    def uploaded(self, asset: str) -> SampleReply:
        """Give the reply to an upload, whose result is `asset`."""
        spec = self._card.upload
        if spec is None:
            raise NoSample("The card has no [upload].")
        sheet = Sheet(200, {}, None)
        if not names_in(spec.result) and spec.prepare is None:
            _write_upload(sheet, spec.result, asset)
        return self._reply(sheet)

    def file_paths(self, operation: str, job_id: str) -> Mapping[str, str]:
        """Give the paths below the base URL of those artifacts that the card names by path, by artifact name."""
        spec = self._card.operations[operation]
        remote = self.remote(operation, job_id)
        places = remote if isinstance(remote, Mapping) else {}
        artifacts = (spec.fetch or self._card.fetch).artifacts
        return {one.name: compile_path(one.path)(places) for one in artifacts if one.path is not None}

    def _seen(
        self, operation: str, fetch: FetchSpec, words: Sequence[str], wanted: Status | None
    ) -> tuple[Sheet, bool]:
        """Give the example of a look that comes closest to a status, and whether it is one of that status."""
        sheets = [_sheet(example) for example in self._examples("fetch", operation) if example.http < 400]
        said = [(sheet, meaning_of(self._card.status, str(sheet.read(fetch.status)))) for sheet in sheets]
        for sheet, _ in said:
            if says(sheet, fetch, words):
                return sheet, True
        for sheet, status in said:
            if status is not None and status is wanted:
                return sheet, True
        under_way = [sheet for sheet, status in said if status in (Status.QUEUED, Status.RUNNING)]
        done = [sheet for sheet, status in said if status is Status.SUCCEEDED]
        ranked = [*done, *under_way] if wanted is Status.SUCCEEDED else [*under_way, *done]
        blank = Sheet(200, {}, {} if fetch.want_body else None)
        return (ranked or sheets or [blank])[0], False

    def _own(self, sheet: Sheet, spec: OperationSpec, job_id: str) -> None:
        """Give a reply the job's own id and the stand-in's own addresses."""
        submitted = self._best("submit", spec.name)
        for shown in (sheet.body, None if submitted is None else submitted.body):
            found = {name: Sheet(200, {}, shown).read(text) for name, text in spec.submit.remote.items()}
            old = identity({name: value for name, value in found.items() if value is not None}, shown)
            sheet.body = with_id(sheet.body, old, job_id)
        sheet.body = at_home(sheet.body, self._card, self._base_url)

    def _examples(self, of: str, operation: str | None) -> list[Example]:
        fitting = [one for one in self._card.examples if one.of == of and one.operation in (None, operation)]
        return sorted(fitting, key=lambda one: one.operation != operation)

    def _best(self, of: str, operation: str | None) -> Example | None:
        return next((one for one in self._examples(of, operation) if one.http < 400), None)

    def _reply(self, sheet: Sheet) -> SampleReply:
        typed = {} if sheet.body is None else {"content-type": "application/json"}
        return SampleReply(http=sheet.http, headers={**typed, **sheet.headers}, body=sheet.body)


def _sheet(example: Example | None) -> Sheet:
    return Sheet(200, {}, {}) if example is None else Sheet(example.http, example.headers, example.body)


def _write_upload(sheet: Sheet, text: str, value: str) -> None:
    """Write what an upload is answered with, which no example shows."""
    written = text.strip() != HTTP and sheet.set(text, value)
    if not written or sheet.read(text) != value:
        raise NoSample(f"{text!r} is not a plain path, and a reply to an upload is made from plain paths alone.")


def _write_cost(sheet: Sheet, spec: CostSpec | None, cost: Decimal | None) -> None:
    if spec is not None:
        write_or_drop(sheet, spec.at, None if cost is None else number(cost, spec.scale))


def _write_places(sheet: Sheet, fetch: FetchSpec, wanted: Status, job_id: str) -> None:
    """Let the further reads that a status leads to be about this job."""
    for hop in fetch.then:
        for text in hop.places.values() if hop.when is wanted else ():
            found = sheet.read(text)
            if "://" not in str(found) and not sheet.set(text, job_id) and found is None:
                raise NoSample(f"No example shows anything at {text!r}, which is not a plain path to write to.")
