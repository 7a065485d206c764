"""The web application of a stand-in: every request is logged, may meet a fault, is let in, and is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskferry.sandbox.admin import PREFIX, admin_routes
from taskferry.sandbox.connection import DroppedReply, drop
from taskferry.sandbox.context import Context, Endpoint, Problem, RespondWith, gateway_page
from taskferry.sandbox.faults import FaultError, Script
from taskferry.sandbox.files import missing_page
from taskferry.sandbox.serving import served
from taskferry.sandbox.stand_in import StandIn


def application(stand_in: StandIn) -> ASGIApp:
    """Build the ASGI application that answers for a stand-in."""

    async def lost(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if request.url.path.startswith(PREFIX):
            return JSONResponse(
                {"error": f"no {request.method} {request.url.path} here"}, status_code=error.status_code
            )
        problem = Problem.NO_SUCH_METHOD if error.status_code == 405 else Problem.NO_SUCH_PATH
        context = _context(stand_in, request)
        return _with_headers(stand_in, context, stand_in.problem(context, problem))

    files = Route(f"{stand_in.files_path}/{{job_id}}/{{name:path}}", _file_endpoint(stand_in), methods=["GET"])
    routes = [_route(stand_in, endpoint) for endpoint in stand_in.endpoints()]
    starlette = Starlette(
        routes=[*admin_routes(stand_in), files, *routes],
        exception_handlers={404: lost, 405: lost},
    )
    starlette.router.redirect_slashes = False
    return _logged(stand_in, starlette)


def _logged(stand_in: StandIn, app: ASGIApp) -> ASGIApp:
    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await app(scope, receive, send)
            return
        entry = stand_in.requests.open(at=stand_in.settings.clock(), method=scope["method"], path=scope["path"])
        scope["state"]["entry"] = entry

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noted)
        except asyncio.CancelledError:  # the server ends: its client sees the connection drop, not an error page
            await drop(scope, receive)

    return logged


def _route(stand_in: StandIn, endpoint: Endpoint) -> Route:
    async def handle(request: Request) -> Response:
        context = _context(stand_in, request)
        context.entry.kind = endpoint.kind
        status = _posted_status(stand_in, context)
        if status is not None:
            return status
        try:
            _let_in(stand_in, context, endpoint)
            response = await endpoint.handler(context)
        except RespondWith as answer:
            response = answer.response
        except FaultError as error:
            response = JSONResponse({"error": {"code": "sandbox_fault", "message": str(error)}}, status_code=400)
        if response.status_code < 400 and stand_in.faults.take("lost-reply", context.entry.path, kind=endpoint.kind):
            response = DroppedReply()
        return _with_headers(stand_in, context, response)

    return Route(endpoint.path, handle, methods=[endpoint.method])


def _posted_status(stand_in: StandIn, context: Context) -> Response | None:
    path, kind = context.entry.path, context.entry.kind
    if fault := stand_in.faults.take("http", path, kind=kind):
        return gateway_page(int(fault.argument or 502))
    if kind == "read" and (fault := stand_in.faults.take("read-http", path, kind=kind)):
        return _with_headers(stand_in, context, stand_in.faulty(context, fault))
    return None


def _let_in(stand_in: StandIn, context: Context, endpoint: Endpoint) -> None:
    if endpoint.key:
        key = stand_in.account_key(context)
        if key is None:
            raise RespondWith(stand_in.problem(context, Problem.UNAUTHORIZED))
        context.holder = stand_in.accounts.open(key)
        context.holder.settle(context.now)
    bucket = stand_in.bucket(context, endpoint)
    if bucket is None:
        return
    holder = context.holder.id if context.holder else "nobody"
    context.window = stand_in.limits.window(holder, bucket, context.now)
    if not stand_in.limits.admit(context.window) and stand_in.settings.limits:
        details = {"retry_after": context.window.retry_after(context.now), "limit": context.window.limit}
        raise RespondWith(stand_in.problem(context, Problem.RATE, **details))


def _file_endpoint(stand_in: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        context = _context(stand_in, request)
        context.entry.kind = "file"
        job_id, name = request.path_params["job_id"], request.path_params["name"]
        job = stand_in.jobs.get(job_id)
        if job is None or not job.has_output(context.now):
            return missing_page()
        context.entry.task_ids = (job.id,)
        if status := _posted_status(stand_in, context):
            return status
        valid = stand_in.files.valid(request, job_id, name, context.now)
        return await served(stand_in, context, job, name, valid=valid)

    return serve


def _context(stand_in: StandIn, request: Request) -> Context:
    entry = request.scope["state"]["entry"]
    return Context(request=request, entry=entry, faults=stand_in.faults, now=entry.at, script=Script())


def _with_headers(stand_in: StandIn, context: Context, response: Response) -> Response:
    if not isinstance(response, DroppedReply) and response.media_type != "text/html":
        response.headers.update(stand_in.headers(context))
    return response
