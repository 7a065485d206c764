"""Begins a job and looks at it; both generations of the API do it alike, from tables of their own."""

from __future__ import annotations

from collections.abc import Mapping

from taskferry import JSON, Accepted, Call, Exchange, MalformedReply, Observation, Request, UsageError, dig
from taskferry_vap.decode import KINDS, observation, type_of
from taskferry_vap.editing import check_stretch
from taskferry_vap.forms import Form, body_of, remote_of
from taskferry_vap.statuses import TYPES


def begin(form: Form, request: Request) -> Exchange[Accepted]:
    """Create a job; the reply's `estimated_cost` is what VAP reserves for it."""
    check_stretch(request.operation, request.parameters)
    reply = yield Call.create(form.path, json=body_of(form, request.parameters))
    remote = remote_of(form, reply.json)
    if remote is None:
        raise MalformedReply(f"VAP answered the create without {' or '.join(form.ids)}.")
    seen = observation(reply.json, form.kind)
    return Accepted(remote=remote, observation=seen, cost=seen.cost)


def look(places: Mapping[str, str], remote: JSON) -> Exchange[Observation]:
    """Look at a job; what its URLs are follows from the kind that it was begun as."""
    kind = dig(remote, "kind")
    name = next((name for name in places if isinstance(dig(remote, name), str)), None)
    if name is None or kind not in KINDS:
        raise UsageError(
            f"{remote!r} names no job of VAP's: it takes one of {', '.join(places)}, and a kind of {', '.join(KINDS)}."
        )
    job_id = dig(remote, name)
    reply = yield Call.get(places[name], id=job_id, signed=name != "trial_id")
    reply.at("status", str)  # a body without one is no job
    told = type_of(reply.json)
    if kind in TYPES and told not in (kind, None):
        raise MalformedReply(f"VAP says that job {job_id} is of type {told}, not {kind}.")
    return observation(reply.json, kind)
