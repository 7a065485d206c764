"""Compares the shared ledger with the provider's own records once nobody strikes any more."""

from __future__ import annotations

import bisect
import collections
from collections.abc import Sequence

from attrs import field, frozen

from chaos.cluster.cluster import Cluster

_ENDS = "('succeeded', 'failed', 'moderated', 'expired', 'cancelled', 'refused')"
_REMOTES = "SELECT id, parameters::json ->> 'prompt', remote::json ->> 'id', status, failure FROM tasks"
_OVERWRITTEN = f"SELECT task FROM transitions WHERE before IN {_ENDS} AND after <> before"
_ENDED_TWICE = f"""
SELECT task FROM transitions WHERE after IN {_ENDS} AND before IS DISTINCT FROM after GROUP BY task HAVING count(*) > 1
"""
_UNTOLD = f"""
SELECT id FROM tasks WHERE status IN {_ENDS}
AND NOT EXISTS (SELECT FROM transitions WHERE task = id AND after = status AND before IS DISTINCT FROM after)
"""


@frozen(kw_only=True)
class Books:
    """What rows and jobs say of each other."""

    rows: int
    jobs: int
    statuses: dict[str, int]
    unconfirmed_with_a_job: int = 0
    problems: Sequence[str] = field(factory=list)

    @property
    def figures(self) -> str:
        """Say it in a line."""
        statuses = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        return f"{self.rows} rows ({statuses}), {self.jobs} jobs, {len(self.problems)} problems"


def compared(cluster: Cluster, *, cancelled: int = 0) -> Books:
    """Read both; name each job that no row accounts for, each made twice, each row that is stuck or ended twice.

    Every row has a prompt of its own. `cancelled` is how many jobs may have been cancelled at the provider.
    """
    rows, jobs = cluster.ask(_REMOTES), cluster.provider.jobs()
    made = collections.Counter(str(job["prompt"]) for job in jobs)
    known = {str(job["task_id"]): job for job in jobs}
    unclear = {prompt for _, prompt, _, status, _ in rows if status == "unconfirmed"}
    problems = [f"made {count} times: {prompt}" for prompt, count in made.items() if count > 1]
    for task_id, prompt, remote, status, failure in rows:
        job = known.pop(remote, None) if remote is not None else None
        if remote is not None and (job is None or job["prompt"] != prompt):
            problems.append(f"{task_id} has the job {remote}, which is not its own: {job}")
        if status in ("prepared", "submitting", "queued", "running"):
            problems.append(f"stuck: {task_id} is {status}")
        if status == "unconfirmed" and failure is None:
            problems.append(f"{task_id} is unconfirmed and does not say why")
        if job is not None and (status, job["status"]) not in (("succeeded", "done"), ("cancelled", "stopped")):
            problems.append(f"{task_id} is {status}, its job {job['status']}")
    problems += [
        f"lost: {job['task_id']} for {job['prompt']}" for job in known.values() if job["prompt"] not in unclear
    ]
    for what, query in {
        "an end was overwritten": _OVERWRITTEN,
        "ended twice": _ENDED_TWICE,
        "its end has no step": _UNTOLD,
    }.items():
        problems += [f"{what}: {task_id}" for (task_id,) in cluster.ask(query)]
    stopped = sum(job["status"] == "stopped" for job in jobs)
    if stopped > cancelled:
        problems.append(f"{stopped} jobs were cancelled at the provider, {cancelled} of them on purpose")
    return Books(
        rows=len(rows),
        jobs=len(jobs),
        statuses=dict(collections.Counter(str(row[3]) for row in rows)),
        unconfirmed_with_a_job=len(known),
        problems=problems,
    )


def most_requests(cluster: Cluster, seconds: float) -> int:
    """Give the most requests that the provider had in any stretch of so many seconds."""
    times = sorted(float(request["at"]) for request in cluster.provider.requests())
    return max((bisect.bisect_left(times, at + seconds) - number for number, at in enumerate(times)), default=0)
