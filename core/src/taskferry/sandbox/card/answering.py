"""What a card's stand-in answers to each sort of call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen
from starlette.responses import Response

from taskferry.cards.model import ArtifactSpec
from taskferry.cards.samples import SampleReply, Samples
from taskferry.errors import FailureKind
from taskferry.sandbox.card import refusals
from taskferry.sandbox.card.announcing import announce
from taskferry.sandbox.card.asked import Asked, SentFile
from taskferry.sandbox.card.inverse import Reading
from taskferry.sandbox.card.outputs import files_of
from taskferry.sandbox.card.routes import PUT_AT, Role, Route
from taskferry.sandbox.card.showing import status_reply, then_reply
from taskferry.sandbox.card.stages import fetch_of, standing
from taskferry.sandbox.card.submits import Order
from taskferry.sandbox.card.uploads import is_address
from taskferry.sandbox.context import Context
from taskferry.sandbox.jobs import Job
from taskferry.sandbox.serving import served

if TYPE_CHECKING:
    from taskferry.sandbox.card.service import CardStandIn

_RECENT = 50
_MOST_WRONG = 3
"""How many things that are wrong one message names."""


@frozen(kw_only=True)
class Match:
    """One request, and which call of the card it is."""

    stand_in: CardStandIn
    context: Context
    route: Route
    asked: Asked
    reading: Reading
    order: Order | None
    """What a create asks for."""
    job: Job | None
    """Which job it is about, as far as it names one."""

    @property
    def samples(self) -> Samples:
        """Give the replies, with addresses that lead back here."""
        return self.stand_in.samples(self.context)

    def no(self, kind: FailureKind, message: str, *, http: int | None = None) -> Response:
        """Say no for a reason."""
        return respond(refusals.refused(self.stand_in.card, self.samples, kind, message, http=http))

    def no_such_job(self) -> Response:
        """Say that the job is not there."""
        return self.no(FailureKind.NOT_FOUND, "There is no such job.")


def respond(sample: SampleReply) -> Response:
    """Send a reply as it is."""
    return Response(sample.content, status_code=sample.http, headers=dict(sample.headers))


async def answer(match: Match) -> Response:
    """Answer a request; one that is not what the card would send is refused."""
    wrong = match.order.wrong if match.order is not None else match.reading.wrong
    if wrong:
        return match.no(FailureKind.VALIDATION, "; ".join(wrong[:_MOST_WRONG]))
    return await _ANSWERS[match.route.role](match)


async def _submit(match: Match) -> Response:
    assert match.order is not None
    stand_in, name = match.stand_in, match.route.operation
    operation = stand_in.operations[name]
    try:
        job = stand_in.create(
            match.context,
            type=name,
            prompt=stand_in.uploads.named(match.order.prompt),
            price=stand_in.price(operation, match.order.parameters),
            queue=operation.typical.queue,
            run=operation.typical.median,
            input=match.order.parameters,
        )
    finally:  # a job whose reply was lost ends too
        if match.context.entry.task_ids:
            announce(stand_in, match.context, match.context.entry.task_ids[0])
    return respond(match.samples.created(name, job.id))


async def _fetch(match: Match) -> Response:
    job, context, card = match.job, match.context, match.stand_in.card
    if job is None:
        return match.no_such_job()
    match.stand_in.read(context, [job.id])
    fetch = fetch_of(card, job.type)
    itself = next((one for one in fetch.artifacts if one.path == fetch.call.path), None)
    if not fetch.want_body and itself is not None and job.has_output(context.now):
        return await _itself(match, job, itself)
    return respond(status_reply(match.stand_in, context, job))


async def _itself(match: Match, job: Job, artifact: ArtifactSpec) -> Response:
    """Answer a status read with the file; only who wants the file, as it is, meets the faults of downloads."""
    name = files_of(job, artifact)[0]
    if match.asked.headers.get("accept-encoding") == "identity":
        return await served(match.stand_in, match.context, job, name)
    media = await match.stand_in.files.media(job, name)
    return Response(media.content, media_type=media.media_type)


async def _then(match: Match) -> Response:
    job, context = match.job, match.context
    if job is None:
        return match.no_such_job()
    match.stand_in.read(context, [job.id])
    return respond(then_reply(match.stand_in, context, job, match.route.hop))


async def _content(match: Match) -> Response:
    job, artifact = match.job, match.route.artifact
    if job is None or artifact is None or not job.has_output(match.context.now):
        return match.no_such_job()
    return await served(match.stand_in, match.context, job, files_of(job, artifact)[0])


async def _cancel(match: Match) -> Response:
    job, cancel = match.job, match.stand_in.card.cancel
    if job is None or cancel is None:
        return match.no_such_job()
    match.context.entry.task_ids = (job.id,)
    if job.at(match.context.now).ended:
        http = next((status for status in cancel.too_late if status != 404), None)
        return match.no(FailureKind.CONFLICT, "The job has ended.", http=http)
    match.stand_in.cancel(match.context, job)
    return respond(match.samples.cancelled(job.id))


async def _recent(match: Match) -> Response:
    stand_in, context = match.stand_in, match.context
    jobs = stand_in.jobs.of(context.account.id)[:_RECENT]
    context.entry.task_ids = tuple(job.id for job in jobs)
    items: list[dict[str, Any]] = []
    for job in jobs:
        word = standing(stand_in.card, job, context.now).word
        shown = {} if word is None else {"status": word}
        remote = match.samples.remote(job.type, job.id, job.input)
        told = {"created_at": job.created_at, "prompt": job.prompt, "type": job.type, "remote": remote}
        items.append({"job_id": job.id, **told, **shown})
    first = jobs[0].type if jobs else next(iter(stand_in.operations))
    return respond(match.samples.recent(first, items))


async def _balance(match: Match) -> Response:
    return respond(match.samples.balance(match.context.account.usable))


async def _prepare(match: Match) -> Response:
    name = str(match.reading.values.get("file_name") or "file")
    upload_id = match.stand_in.uploads.open(match.context.account.id, name)
    url = f"{match.context.base_url}{PUT_AT.format(upload=upload_id)}"
    return respond(match.samples.prepared(url, _asset(match, upload_id)))


async def _upload(match: Match) -> Response:
    stand_in, context = match.stand_in, match.context
    if match.route.given:
        upload_id = str(match.reading.values["upload"])
        if not stand_in.uploads.receive(upload_id, len(await context.request.body())):
            return match.no(FailureKind.NOT_FOUND, "No file is awaited here.")
        return Response()
    if match.route.is_form:
        sent = match.asked.body.get(stand_in.upload_field) if isinstance(match.asked.body, Mapping) else None
        if not isinstance(sent, SentFile):
            return match.no(FailureKind.VALIDATION, f"The form has no file called {stand_in.upload_field}.")
        name, size = sent.name, sent.size
    else:
        name, size = str(match.reading.values.get("file_name") or "file"), len(await context.request.body())
    if not size:
        return match.no(FailureKind.VALIDATION, "The file is empty.")
    upload_id = stand_in.uploads.open(context.account.id, name)
    stand_in.uploads.receive(upload_id, size)
    return respond(match.samples.uploaded(_asset(match, upload_id)))


def _asset(match: Match, upload_id: str) -> str:
    """Give what a create names an upload by."""
    spec = match.stand_in.card.upload
    if spec is not None and is_address(spec):
        return f"{match.context.base_url}{PUT_AT.format(upload=upload_id)}"
    return upload_id


_ANSWERS: Mapping[Role, Callable[[Match], Awaitable[Response]]] = {
    Role.SUBMIT: _submit,
    Role.FETCH: _fetch,
    Role.THEN: _then,
    Role.CONTENT: _content,
    Role.CANCEL: _cancel,
    Role.RECENT: _recent,
    Role.BALANCE: _balance,
    Role.PREPARE: _prepare,
    Role.UPLOAD: _upload,
}
