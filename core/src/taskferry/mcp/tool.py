"""A tool that takes no unknown argument and answers every failure with what to do next."""

from __future__ import annotations

import difflib
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import ValidationError

from taskferry.errors import TaskferryError
from taskferry.mcp.errors import known_error, unexpected_error, wrong_arguments

_log = logging.getLogger(__name__)


class CarefulTool(Tool):
    """A tool whose failures are results in plain words.

    The SDK lets unknown arguments pass unseen, so that a misspelled `max_cost` would be a job without a cap.
    """

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Run the tool; give an error result for anything that goes wrong."""
        unknown = list(_unknown(arguments, self.parameters["properties"]))
        if unknown:
            return wrong_arguments(self.name, unknown)
        try:
            return await super().run(arguments, context, convert_result)
        except UnexpectedToolError as error:
            return self._failed(error.__cause__)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            return wrong_arguments(self.name, [_problem(wrong) for wrong in error.__cause__.errors()])

    def _failed(self, cause: BaseException | None) -> CallToolResult:
        if isinstance(cause, TaskferryError):
            return known_error(self.name, cause)
        _log.error("The tool %s failed unexpectedly.", self.name, exc_info=cause)
        return unexpected_error(self.name, cause)


def tool(function: Callable[..., Any], *, title: str, annotations: ToolAnnotations) -> Tool:
    """Make a tool of a function; its docstring is the description that agents read."""
    description = inspect.cleandoc(function.__doc__ or "")
    made = CarefulTool.from_function(function, title=title, description=description, annotations=annotations)
    made.parameters = {**_untitled(made.parameters), "additionalProperties": False}
    made.fn_metadata.output_schema = _untitled(made.fn_metadata.output_schema)
    return made


def _untitled(schema: Any) -> Any:
    """Leave out the titles that are only the fields' names again, which agents would pay for in every conversation."""
    if isinstance(schema, Mapping):
        return {name: _untitled(part) for name, part in schema.items() if name != "title" or not isinstance(part, str)}
    return [_untitled(part) for part in schema] if isinstance(schema, list) else schema


def _unknown(arguments: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    for name in arguments:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            yield f"{name}: there is no such argument; " + (
                f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}."
            )


def _problem(wrong: Mapping[str, Any]) -> str:
    return f"{'.'.join(str(part) for part in wrong['loc'])}: {wrong['msg']}"
