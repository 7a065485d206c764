"""Resources: a task, the files that it made, and the catalogue of operations; for the caller's own tasks alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.exceptions import MCPError
from mcp.shared.uri_template import UriTemplate
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, InputRequiredResult
from pydantic import AnyUrl

from taskferry.errors import ArtifactError, TaskferryError, UnknownName, UsageError
from taskferry.ferry import Ferry
from taskferry.mcp.kept_file import FileNotKept, FileTooLarge, read_kept
from taskferry.mcp.operations import described, listed
from taskferry.mcp.session import session_of
from taskferry.mcp.state import State, ToolContext
from taskferry.task import Artifact
from taskferry.text import clean
from taskferry.tools.advice import billing, next_step
from taskferry.tools.summary import bounded_document

TASK, ARTIFACT = "task://{task_id}", "artifact://{task_id}/{name}"
CATALOGUE, OPERATION = "operations://catalogue", "operations://{provider}/{name}"
_ANY_TYPE = "application/octet-stream"
_JSON = "application/json"
_LONGEST_MESSAGE = 600
_ERRORS: Sequence[tuple[type[TaskferryError], int, str]] = (
    (UsageError, INVALID_PARAMS, "not_found"),
    (FileNotKept, INVALID_PARAMS, "not_kept"),
    (FileTooLarge, INVALID_PARAMS, "too_large"),
    (ArtifactError, INTERNAL_ERROR, "file_gone"),
    (TaskferryError, INTERNAL_ERROR, "unavailable"),
)
"""What each error is called in the `kind` of a protocol error's data."""

_artifact_uri = UriTemplate.parse(ARTIFACT)


class ResourceServer(MCPServer[State]):
    """A server that gives each kept file as the media that it is; the SDK's templates have one type for all."""

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[State, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read any resource; a kept file with its own media type."""
        wanted = _artifact_uri.match(str(uri))
        if wanted is None or context is None:
            return await super().read_resource(uri, context)
        artifact, content = await _kept(context, str(wanted["task_id"]), str(wanted["name"]))
        return [ReadResourceContents(content=content, mime_type=artifact.media_type or _ANY_TYPE)]


def register(server: MCPServer[State], ferry: Ferry) -> None:
    """Add the resources to a server of this ferry."""

    @server.resource(CATALOGUE, name="operations", title="Operations", mime_type=_JSON)
    async def catalogue() -> str:
        """List what the installed providers make, in short; `operations://PROVIDER/NAME` has one with its schema."""
        return _as_json(listed(ferry.operations()).structured_content)

    @server.resource(OPERATION, name="operation", title="One operation", mime_type=_JSON)
    async def operation(provider: str, name: str) -> str:
        """Show one operation with the JSON Schema of its parameters and an example."""
        with _protocol_errors():
            return _as_json(described(ferry.operation(f"{provider}/{name}")).structured_content)

    @server.resource(TASK, name="task", title="A task", mime_type=_JSON)
    async def task(context: ToolContext, task_id: str) -> str:
        """Show one paid job as the ledger has it: status, progress, cost, files, failure. Asks no provider."""
        with _protocol_errors():
            record = (await session_of(context).find(task_id)).record
        return _as_json({**bounded_document(record), "billing": billing(record), "next": next_step(record)})

    @server.resource(ARTIFACT, name="artifact", title="A file of a task", mime_type=_ANY_TYPE)
    async def artifact(context: ToolContext, task_id: str, name: str) -> bytes:
        """Give one kept file whole, up to 32 MB; `name` as the task's `artifacts` have it."""
        return (await _kept(context, task_id, name))[1]


async def _kept(context: ToolContext, task_id: str, name: str) -> tuple[Artifact, bytes]:
    with _protocol_errors():
        artifacts = (await session_of(context).find(task_id)).snapshot.artifacts
        found = next((artifact for artifact in artifacts if artifact.name == name), None)
        if found is None:
            raise UnknownName("file", clean(name, 100), [artifact.name for artifact in artifacts])
        return found, await asyncio.to_thread(read_kept, found)


@contextmanager
def _protocol_errors() -> Iterator[None]:
    """Raise what taskferry raises as a protocol error whose data says its kind."""
    try:
        yield
    except TaskferryError as error:
        code, kind = next((code, kind) for known, code, kind in _ERRORS if isinstance(error, known))
        raise MCPError(code=code, message=clean(str(error), _LONGEST_MESSAGE), data={"kind": kind}) from error


def _as_json(document: object) -> str:
    return json.dumps(document, indent=2)
