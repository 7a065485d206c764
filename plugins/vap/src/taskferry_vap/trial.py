"""The operation that anyone may try without an account, and what its daily limit means."""

from __future__ import annotations

from attrs import evolve

from taskferry import Failure, Kind, Operation, Reply, Typical
from taskferry_vap.generating import IMAGE_PROMPT
from taskferry_vap.prices import FREE
from taskferry_vap.schemas import parameters

TRIAL_IMAGE = Operation(
    name="vap/trial-image",
    title="Trial image",
    description="Make one picture from a description without a key; three a day for each IP address.",
    kind=Kind.IMAGE,
    parameters=parameters({"prompt": IMAGE_PROMPT}),
    typical=Typical(median=15, slow=60, queue=2),
    price=FREE,
    price_note="Free, three a day.",
    needs_key=False,
    example={"prompt": "A small red fox asleep in fresh snow, soft morning light"},
)

CREATE = "/v3/trial/generate"


def used_up(reply: Reply, failed: Failure | None) -> Failure | None:
    """Make an end of the daily limit, which the trial tells with the same HTTP 429 as others tell a short one."""
    if failed is None or reply.status != 429 or not reply.url.endswith(CREATE):
        return failed
    text = "VAP gives an IP address three trial images a day: try again tomorrow, or set a key and use vap/image."
    return evolve(failed, retryable=False, suggestion=text)
