"""Arguments that several tools take, described once."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from taskferry.tools.texts import ARGUMENTS, MAX_COST_PATTERN

TaskId: TypeAlias = Annotated[
    str,
    Field(
        min_length=4,
        max_length=200,
        description=f"{ARGUMENTS['task_id']} A unique beginning of it does.",
        examples=["01jd3m5x7k9qz4c8e2r6t0vwyn"],
    ),
]
ProviderName: TypeAlias = Annotated[
    str | None,
    Field(
        max_length=100,
        description=ARGUMENTS["provider"],
        examples=["acme"],
    ),
]
OperationName: TypeAlias = Annotated[
    str,
    Field(
        min_length=3,
        max_length=200,
        description=ARGUMENTS["operation"],
        examples=["acme/text-to-image"],
    ),
]
JobParameters: TypeAlias = Annotated[
    dict[str, Any],
    Field(
        description=ARGUMENTS["parameters"],
        examples=[{"prompt": "a small red fox in the snow"}],
    ),
]
MaxCost: TypeAlias = Annotated[
    str | None,
    Field(
        max_length=40,
        pattern=MAX_COST_PATTERN,
        description=ARGUMENTS["max_cost"],
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
        description=ARGUMENTS["idempotency_key"],
        examples=["fox-cover-1"],
    ),
]
