"""Which of a provider's jobs is which of our tasks, when the replies that would have said so were lost. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen

from taskferry.adapter import Candidate

TIGHT = 3.0
"""Seconds by which the provider's clock may differ from ours where only the time tells a job from others."""
LOOSE = 120.0
"""The same where the prompt tells it too."""


@frozen(kw_only=True)
class Sending:
    """A billed call whose reply was lost."""

    task_id: str
    prompt: str
    began: float
    """Epoch seconds, as is `ended`."""
    ended: float

    def may_have_made(self, candidate: Candidate) -> bool:
        """Tell whether a job can be this call's: by prompt and time, or by time alone where no prompt is listed."""
        at = candidate.created_at
        if candidate.prompt is None or not self.prompt:
            return at is not None and self.began - TIGHT <= at <= self.ended + TIGHT
        near = at is None or self.began - LOOSE <= at <= self.ended + LOOSE
        return near and candidate.prompt.split() == self.prompt.split()


def job_of(mine: Sending, others: Sequence[Sending], listed: Sequence[Candidate]) -> Candidate | None:
    """Give the one job that must be this call's, None where that is not certain; `listed` is newest first.

    Where several calls could have made several jobs, they are told apart by their order, if no two calls were out at
    once and there are as many jobs as calls.
    """
    calls, jobs = _entangled(mine, others, listed)
    if len(calls) != len(jobs):
        return None
    calls.sort(key=lambda call: call.began)
    if any(earlier.ended >= later.began for earlier, later in pairwise(calls)):
        return None
    jobs.reverse()  # oldest first, which a stable sort keeps among jobs of one time
    in_order = sorted(jobs, key=lambda job: job.created_at or 0.0)
    pairs = list(zip(calls, in_order, strict=True))
    if not all(call.may_have_made(job) for call, job in pairs):
        return None
    return next(job for call, job in pairs if call.task_id == mine.task_id)


def _entangled(
    mine: Sending, others: Sequence[Sending], listed: Sequence[Candidate]
) -> tuple[list[Sending], list[Candidate]]:
    """Find all calls and jobs that have to be told apart together with this one."""
    calls, jobs, grown = [mine], [job for job in listed if mine.may_have_made(job)], True
    while grown:
        more = [call for call in others if call not in calls and any(call.may_have_made(job) for job in jobs)]
        calls += more
        wider = [job for job in listed if any(call.may_have_made(job) for call in calls)]
        grown = bool(more) or len(wider) > len(jobs)
        jobs = wider
    return calls, jobs
