"""Handing out a file of a job, with the faults that may befall a download."""

from __future__ import annotations

from starlette.responses import Response

from taskferry.sandbox.context import Context
from taskferry.sandbox.files import expired_page, file_reply, missing_page
from taskferry.sandbox.jobs import Job
from taskferry.sandbox.stand_in import StandIn


async def served(stand_in: StandIn, context: Context, job: Job, name: str, *, valid: bool = True) -> Response:
    """Answer a download; one that is not `valid` as object stores answer for a URL that has expired."""
    context.entry.task_ids = (job.id,)
    context.script = job.script
    if context.fault("expired-url") is not None or not valid:
        return expired_page()
    try:
        media = await stand_in.files.media(job, name)
    except KeyError:
        return missing_page()
    cut, short = context.fault("truncated-file") is not None, context.fault("short-file") is not None
    return file_reply(context.request, media, cut=cut, short=short)
