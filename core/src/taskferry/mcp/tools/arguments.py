"""Arguments that several tools take, described once."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

TaskId: TypeAlias = Annotated[
    str,
    Field(
        min_length=4,
        max_length=200,
        description="The task's `id`, as generate, submit_task or list_tasks gave it; a unique beginning of it does.",
        examples=["01jd3m5x7k9qz4c8e2r6t0vwyn"],
    ),
]
ProviderName: TypeAlias = Annotated[
    str | None,
    Field(
        max_length=100,
        description="Only those of this provider: the part of an operation's name before the slash. All if left out.",
        examples=["acme"],
    ),
]
OperationName: TypeAlias = Annotated[
    str,
    Field(
        min_length=3,
        max_length=200,
        description="What to make, by its full name PROVIDER/OPERATION as list_operations gives it.",
        examples=["acme/text-to-image"],
    ),
]
JobParameters: TypeAlias = Annotated[
    dict[str, Any],
    Field(
        description=(
            "The job's parameters; they have to fit the schema that describe_operation gives. A media parameter takes "
            "an http(s) URL or the path of a file below the working folder."
        ),
        examples=[{"prompt": "a small red fox in the snow"}],
    ),
]
MaxCost: TypeAlias = Annotated[
    str | None,
    Field(
        max_length=40,
        pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*$",
        description=(
            "The most that the job may cost, as a number and the unit that the provider bills in. A job that costs "
            "more, or whose price is not known, is not sent."
        ),
        examples=["1.50 USD", "40 credits"],
    ),
]
AllowUnpriced: TypeAlias = Annotated[
    bool,
    Field(
        description=(
            "Whether a job of unknown price may pass max_cost and the user's own caps. Only when the user said so."
        ),
        examples=[False],
    ),
]
IdempotencyKey: TypeAlias = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=200,
        description=(
            "Your own name for this very job: a second call with the same key gives the task that exists and bills "
            "nothing. Use a new one for each job that is really wanted."
        ),
        examples=["fox-cover-1"],
    ),
]
