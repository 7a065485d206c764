"""Statuses, failure kinds, the tree of errors and the JSON documents as Markdown, from the code that defines them."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from taskferry import Artifact, Cost, FailureKind, Operation, Snapshot, Status, Typical, document, errors
from taskferry.cli import describing
from taskferry.cost import Amount
from taskferry.ledger import Job, Record

_BEGUN = 1_790_000_000.0


def statuses() -> str:
    """Write what each status means to the caller."""
    return _table(Status, "status")


def failure_kinds() -> str:
    """Write what each kind of failure means."""
    return _table(FailureKind, "kind")


def error_tree() -> str:
    """Write the tree of errors as its own module draws it."""
    tree = str(errors.__doc__).partition("\n\n")[2].strip()
    return f"```text\n{tree}\n```"


def task_document() -> str:
    """Write a task as `--json` prints it."""
    picture = Artifact(
        name="image",
        kind="image",
        media_type="image/png",
        path=Path("out/a-small-red-fox-01jd3k5w/image.png"),
        size=4_100_000,
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
    snapshot = Snapshot(
        id="01jd3k5w0v7a4bz2m9q8r6t1xy",
        provider="vap",
        operation="vap/image",
        status=Status.SUCCEEDED,
        provider_status="completed",
        progress=1.0,
        artifacts=(picture,),
        cost=Cost(estimated=Decimal("0.18"), actual=Decimal("0.18"), unit="USD"),
        created_at=_BEGUN,
        submitted_at=_BEGUN + 1,
        started_at=_BEGUN + 3,
        finished_at=_BEGUN + 17,
        looked_at=_BEGUN + 17,
    )
    job = Job(
        provider="vap",
        operation="vap/image",
        generation="v3",
        base_url="https://api.vapagent.com",
        account="",
        parameters={"prompt": "a small red fox"},
    )
    record = Record(job=job, snapshot=snapshot, remote={"task_id": "550e8400-e29b-41d4-a716-446655440000"})
    return _json({"tasks": [document.task_document(record)]})


def operation_document() -> str:
    """Write an operation as `--json` prints it."""
    image = Operation(
        name="vap/image",
        title="Text to image",
        description="Make one picture from a description.",
        kind="image",
        parameters={
            "type": "object",
            "properties": {"prompt": {"type": "string", "description": "What the picture shows."}},
            "required": ["prompt"],
        },
        typical=Typical(median=15, slow=60, queue=2),
        price=Amount.parse("0.18 USD"),
        price_note="Price list of January 2026.",
        example={"prompt": "a small red fox"},
    )
    return _json({"operations": [describing.operation_document(image)]})


def _json(value: object) -> str:
    return f"```json\n{json.dumps(value, indent=2)}\n```"


def _table(words: type[StrEnum], heading: str) -> str:
    rows = [f"| `{word}` | {meaning} |" for word, meaning in _meanings(words)]
    return "\n".join([f"| {heading} | what it means |", "|---|---|", *rows])


def _meanings(words: type[StrEnum]) -> Iterator[tuple[str, str]]:
    """Give each member's word with the text that stands under it in the source."""
    (tree,) = ast.parse(inspect.getsource(words)).body
    assert isinstance(tree, ast.ClassDef)
    for member, text in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            assert isinstance(member.targets[0], ast.Name)
            yield words[member.targets[0].id].value, " ".join(str(text.value.value).split())
