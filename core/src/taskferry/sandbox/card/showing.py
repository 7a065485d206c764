"""A job of a card as its status reads show it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from taskferry.cards.model import ArtifactSpec
from taskferry.cards.samples import SampleReply
from taskferry.sandbox.card.outputs import files_of, made_by
from taskferry.sandbox.card.refusals import refused_job
from taskferry.sandbox.card.stages import fetch_of, standing
from taskferry.sandbox.context import Context
from taskferry.sandbox.jobs import Job
from taskferry.sandbox.life import Stage

if TYPE_CHECKING:
    from taskferry.sandbox.card.service import CardStandIn

_AHEAD = 3
"""Jobs that wait before a new one, as far as a provider tells its place in the queue."""


def status_reply(stand_in: CardStandIn, context: Context, job: Job) -> SampleReply:
    """Give the reply to a status read."""
    samples, card = stand_in.samples(context), stand_in.card
    shown, moment = standing(card, job, context.now), job.at(context.now)
    if shown.word is None:
        return refused_job(samples, shown)
    queued = moment.stage is Stage.QUEUED
    return samples.status(
        job.type,
        shown.word,
        job_id=job.id,
        progress=0.0 if queued else moment.progress,
        queue_position=math.ceil((1 - moment.progress) * _AHEAD) if queued else None,
        eta=None if moment.ended or math.isinf(job.ends_at) else round(job.ends_at - context.now, 1),
        urls=urls(stand_in, context, job, fetch_of(card, job.type).artifacts),
        expires_at=stand_in.expires_at(context),
        message=shown.message,
        code=shown.code,
        cost=stand_in.cost(job, context.now),
    )


def then_reply(stand_in: CardStandIn, context: Context, job: Job, place: int) -> SampleReply:
    """Give the reply to a further read; of a job that failed it may be an error."""
    samples, shown = stand_in.samples(context), standing(stand_in.card, job, context.now)
    hop = fetch_of(stand_in.card, job.type).then[place]
    if hop.refusal_ends and shown.message is not None:
        return refused_job(samples, shown)
    found = urls(stand_in, context, job, hop.artifacts)
    return samples.then(job.type, place, job_id=job.id, urls=found, expires_at=stand_in.expires_at(context))


def urls(stand_in: CardStandIn, context: Context, job: Job, artifacts: Sequence[ArtifactSpec]) -> dict[str, list[str]]:
    """Sign the addresses of what a job has made, by the card's names; none before its end."""
    if not job.has_output(context.now):
        return {}
    named = (spec for spec in made_by(stand_in.card, job, artifacts) if spec.path is None)
    return {spec.name: [stand_in.file_url(context, job, name) for name in files_of(job, spec)] for spec in named}
