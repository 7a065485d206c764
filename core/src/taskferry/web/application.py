"""The gallery as an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from taskferry.ferry import Ferry
from taskferry.web.events import events
from taskferry.web.failing import HANDLERS
from taskferry.web.files import file
from taskferry.web.going_on import keep_going_on
from taskferry.web.guard import SIGN_IN, Guard
from taskferry.web.kinds import Kinds
from taskferry.web.limits import BodyLimit
from taskferry.web.live import EVERY, Live
from taskferry.web.options import WebOptions
from taskferry.web.pages import gallery, job, providers, sign_in, speed, spending, task
from taskferry.web.rendering import Renderer
from taskferry.web.session import Session
from taskferry.web.state import State
from taskferry.web.static import Static
from taskferry.web.uploads import Uploads

_JOB = "/{provider}/{operation:path}"


def application(ferry: Ferry, options: WebOptions, *, every: float = EVERY) -> Starlette:
    """Give the application; its lifespan opens the ferry. `every` are the seconds between looks for changes."""
    session, static = Session(options.token), Static()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with ferry:
            app.state.web = State(
                ferry=ferry,
                options=options,
                session=session,
                renderer=Renderer(session, static, ferry.engine.clock.now),
                kinds=(kinds := Kinds(ferry.registry)),
                live=Live(ferry, kinds, every=every),
                uploads=Uploads(ferry.home),
            )
            going_on = asyncio.create_task(keep_going_on(ferry))
            try:
                yield
            finally:
                going_on.cancel()
                await asyncio.wait({going_on})
                await app.state.web.live.stop()

    return Starlette(
        routes=[
            Route("/", gallery.page),
            Route("/tasks/{id}", task.page),
            Route("/tasks/{id}/card", gallery.card),
            Route("/tasks/{id}/part", task.part),
            Route("/tasks/{id}/{action}", task.act, methods=["POST"]),
            Route("/files/{id}/{name:path}", file),
            Route("/new", job.choices),
            Route(f"/new{_JOB}", job.form),
            Route(f"/new{_JOB}", job.submit, methods=["POST"]),
            Route(f"/quote{_JOB}", job.quote, methods=["POST"]),
            Route("/spend", spending.page),
            Route("/spend.json", spending.document),
            Route("/speed", speed.page),
            Route("/speed.json", speed.document),
            Route("/providers", providers.page),
            Route("/events", events),
            Route(SIGN_IN, sign_in.page),
            Route(SIGN_IN, sign_in.enter, methods=["POST"]),
            Route("/static/{name:path}", static.serve),
        ],
        middleware=[Middleware(Guard, options=options, session=session), Middleware(BodyLimit)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
