"""Arguments that several tools take, described once."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

TaskId: TypeAlias = Annotated[
    str,
    Field(
        min_length=4,
        max_length=200,
        description="The task's `id`, as submit_task or list_tasks gave it; a unique beginning of it does.",
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
