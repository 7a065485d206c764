"""The Tripo service on loopback: v3's tasks, files and account, with v2's beside them."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import jsonschema_rs
from starlette.responses import Response

from taskferry.sandbox import Context, Endpoint, Job, Media, Problem, Rate, Settings, StandIn
from taskferry_tripo.sandbox import file_endpoints, legacy
from taskferry_tripo.sandbox.capabilities import CAPABILITIES, CONCURRENCY, group_of
from taskferry_tripo.sandbox.credits import credits_for
from taskferry_tripo.sandbox.documents import status_word, task_document, usage_row
from taskferry_tripo.sandbox.inputs import Source, modern, sources_of
from taskferry_tripo.sandbox.media import make
from taskferry_tripo.sandbox.replies import code_and_status, error_reply, refuse, request_id, success
from taskferry_tripo.sandbox.schemas import SCHEMAS
from taskferry_tripo.sandbox.tokens import TOKENS
from taskferry_tripo.sandbox.uploads import Uploads

_KEY = re.compile(r"Bearer (?P<key>tsk_[\x21-\x7e]{4,})")
_TRACE_ID = re.compile(r"[0-9A-Fa-f-]{36}")
_BATCH = 100
_VALIDATORS = {type_: jsonschema_rs.validator_for(dict(schema)) for type_, schema in SCHEMAS.items()}
_PROBLEM_CODES: Mapping[Problem, tuple[int, int | None]] = {
    Problem.UNAUTHORIZED: (2, None),
    Problem.NO_SUCH_PATH: (4001, 404),
    Problem.NO_SUCH_METHOD: (1003, 405),
    Problem.RATE: (1007, None),
    Problem.CONCURRENCY: (2000, None),
    Problem.FUNDS: (2010, None),
}


class TripoStandIn(StandIn):
    """Tripo's API; every account has a million credits."""

    name = "tripo"
    key_variable = "TRIPO_API_KEY"
    opening_balance = Decimal(1_000_000)
    rates = {  # noqa: RUF012 - the base declares it for the class
        "requests": Rate(3000, 60),
        "creations": Rate(200, 60),
        "uploads": Rate(10, 60),
    }
    concurrency = CONCURRENCY
    tokens = TOKENS
    files_path = "/cdn"
    url_life = 300.0

    def reset(self) -> None:
        """Forget everything, uploaded files too."""
        super().reset()
        self.uploads = Uploads()
        self._subjects: dict[str, str] = {}

    def endpoints(self) -> Sequence[Endpoint]:
        """List both generations' endpoints; those of v3 that no source describes are not served."""
        creates = [
            Endpoint(
                method="POST",
                path=f"/v3/{capability.path}",
                handler=partial(self._create, type_),
                kind="create",
                bucket="creations",
            )
            for type_, capability in CAPABILITIES.items()
        ]
        return [
            *creates,
            Endpoint(method="GET", path="/v3/tasks/{task_id}", handler=self._read, kind="read"),
            Endpoint(method="POST", path="/v3/tasks/list", handler=self._read_many, kind="read"),
            Endpoint(method="GET", path="/v3/account/balance", handler=self._balance),
            Endpoint(method="GET", path="/v3/account/usage", handler=self._usage),
            *file_endpoints.endpoints(self),
            *legacy.endpoints(self),
        ]

    def example_key(self) -> str:
        """Make up a key with the prefix that the vendor's SDK insists on."""
        return f"tsk_{secrets.token_urlsafe(32)}"

    def account_key(self, context: Context) -> str | None:
        """Read the bearer key."""
        match = _KEY.fullmatch(context.request.headers.get("authorization", ""))
        return match["key"] if match else None

    def status(self, job: Job, now: float) -> str:
        """Say where a task stands, in v3's word."""
        return status_word(job, now)

    def problem(self, context: Context, problem: Problem, **details: Any) -> Response:
        """Answer in the vendor's envelope."""
        code, status = _PROBLEM_CODES[problem]
        return error_reply(context, code, status=status, retry_after=details.get("retry_after"))

    def refusal(self, context: Context, code: str) -> Response:
        """Answer with one of the vendor's codes, or with the usual code of an HTTP status."""
        known, status = code_and_status(code)
        return error_reply(context, known, status=status)

    def headers(self, context: Context) -> Mapping[str, str]:
        """Add the ids by which the vendor finds a request; a trace id that the client made is kept."""
        sent = context.request.headers.get("x-tripo-trace-id", "")
        trace_id = sent if _TRACE_ID.fullmatch(sent) else str(uuid.uuid4())
        return {**super().headers(context), "X-Tripo-Trace-ID": trace_id, "X-Request-ID": request_id(context)}

    def produce(self, job: Job, name: str) -> Media:
        """Make a file of a finished task."""
        return make(job, self._subjects.get(job.id, job.caption), name)

    async def body(self, context: Context) -> dict[str, Any]:
        """Read a JSON object, or refuse the request."""
        if not context.request.headers.get("content-type", "").startswith("application/json"):
            raise refuse(context, 1003, "The content type has to be application/json", status=415)
        try:
            body = await context.json()
        except ValueError as error:
            raise refuse(context, 1003, f"The body is no JSON: {error}") from error
        if not isinstance(body, dict):
            raise refuse(context, 1003, "The body has to be a JSON object")
        return body

    def start(self, context: Context, type_: str, body: Mapping[str, Any]) -> Job:
        """Check a create, take it in and begin the task."""
        self._validate(context, type_, body)
        sources = sources_of(context, partial(self._own, context), self.uploads, type_, body)
        text = _words(body) or " ".join(source.text for source in sources)
        context.begin(text)
        if (code := context.fault("refuse-as-200")) is not None:
            raise refuse(context, code_and_status(code)[0], status=200)
        capability = CAPABILITIES[type_]
        job = self.create(
            context,
            type=type_,
            prompt=text,
            price=credits_for(type_, body),
            queue=capability.queue,
            run=capability.run,
            input=body,
            group=group_of(type_, body.get("model")),
        )
        self._subjects[job.id] = self._subject(job, sources)
        return job

    def shown(self, context: Context, task_id: str) -> Job:
        """Find a task for a status read, or answer that there is none."""
        job = self.read(context, [task_id]).get(task_id)
        if job is None:
            raise refuse(context, 2001)
        return job

    async def _create(self, type_: str, context: Context) -> Response:
        job = self.start(context, type_, modern(await self.body(context)))
        return success({"task_id": job.id, "type": job.type, "status": "queued"})

    async def _read(self, context: Context) -> Response:
        job = self.shown(context, context.request.path_params["task_id"])
        return success(self._document(context, job))

    async def _read_many(self, context: Context) -> Response:
        task_ids = (await self.body(context)).get("task_ids")
        if not isinstance(task_ids, list) or not all(isinstance(task_id, str) for task_id in task_ids):
            raise refuse(context, 1004, "task_ids: a list of task ids is required")
        if not 1 <= len(task_ids) <= _BATCH:
            raise refuse(context, 1004, f"task_ids: 1 to {_BATCH} ids are allowed, not {len(task_ids)}")
        jobs = self.read(context, task_ids)
        tasks = {task_id: self._document(context, job) for task_id, job in jobs.items()}
        return success({"tasks": tasks, "missed": [task_id for task_id in task_ids if task_id not in jobs]})

    async def _balance(self, context: Context) -> Response:
        account = context.account
        return success({"balance": float(account.usable), "frozen": float(account.reserved)})

    async def _usage(self, context: Context) -> Response:
        limit, offset = (
            context.request.query_params.get(name, usual) for name, usual in (("limit", "50"), ("offset", "0"))
        )
        if not (limit.isdecimal() and offset.isdecimal() and 1 <= int(limit) <= 200):
            raise refuse(context, 1004, "limit: 1 to 200, offset: 0 or more")
        jobs = self.jobs.of(context.account.id)[int(offset) : int(offset) + int(limit)]
        return success([usage_row(job, context.now) for job in jobs])

    def _own(self, context: Context, task_id: str) -> Job | None:
        return self.jobs.get(task_id, context.account.id)

    def _validate(self, context: Context, type_: str, body: Mapping[str, Any]) -> None:
        error = next(_VALIDATORS[type_].iter_errors(dict(body)), None)
        if error is None:
            return
        place = ".".join(str(part) for part in error.instance_path)
        if place in ("prompt", "negative_prompt") and "does not match" in error.message:
            raise refuse(context, 2009)
        raise refuse(context, 1004, f"{place}: {error.message}" if place else error.message)

    def _document(self, context: Context, job: Job) -> dict[str, Any]:
        return task_document(job, context.now, lambda name: self.file_url(context, job, name))

    def _subject(self, job: Job, sources: Sequence[Source]) -> str:
        """Tell what a model shows: what the first task of its chain was asked for."""
        origin = next((source.job for source in sources if source.job is not None), None)
        return self._subjects.get(origin.id, origin.caption) if origin is not None else job.caption


def _words(body: Mapping[str, Any]) -> str:
    """Give the text that a create carries: its prompt, or what stands for one."""
    texture = body.get("texture_prompt")
    edits = body.get("prompts")
    if "prompt" in body:
        return str(body["prompt"])
    if isinstance(texture, dict) and "text" in texture:
        return str(texture["text"])
    return " ".join(edit["prompt"] for edit in edits) if edits else ""


def stand_in(settings: Settings) -> TripoStandIn:
    """Make Tripo's stand-in."""
    return TripoStandIn(settings)
