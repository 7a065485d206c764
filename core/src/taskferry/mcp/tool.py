"""A tool that takes no unknown argument and answers every failure with what to do next."""

from __future__ import annotations

import difflib
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
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

    pays: bool = False
    """Whether it starts paid jobs."""
    native: bool = True
    """Whether it is one of our own tools, which may name each other in advice."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Run the tool; give an error result for anything that goes wrong."""
        unknown = self._unknown(arguments)
        if unknown:
            return wrong_arguments(self.name, unknown, pays=self.pays)
        try:
            return await super().run(arguments, context, convert_result)
        except UnexpectedToolError as error:
            return self.failed(error.__cause__)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            return self._invalid(error.__cause__)

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any] | CallToolResult:
        """Give the arguments as the tool's function takes them, or the error result that a call would give."""
        unknown = self._unknown(arguments)
        if unknown:
            return wrong_arguments(self.name, unknown, pays=self.pays)
        try:
            return self.fn_metadata.validate_arguments(dict(arguments))
        except ValidationError as error:
            return self._invalid(error)

    def failed(self, cause: BaseException | None) -> CallToolResult:
        """Give the error result for what a call raised; a defect goes to the log."""
        if isinstance(cause, TaskferryError):
            return known_error(self.name, cause, pays=self.pays, native=self.native)
        _log.error("The tool %s failed unexpectedly.", self.name, exc_info=cause)
        return unexpected_error(self.name, cause, pays=self.pays, native=self.native)

    def _unknown(self, arguments: Mapping[str, Any]) -> list[str]:
        fields = self.fn_metadata.arg_model.model_fields
        return list(_unknown(arguments, [field.alias or name for name, field in fields.items()]))

    def _invalid(self, error: ValidationError) -> CallToolResult:
        return wrong_arguments(self.name, [_problem(wrong) for wrong in error.errors()], pays=self.pays)


def tool(
    function: Callable[..., Any],
    *,
    title: str,
    annotations: ToolAnnotations,
    name: str | None = None,
    description: str | None = None,
    pays: bool = False,
    context_name: str | None = None,
    structured: bool | None = None,
    meta: Mapping[str, Any] | None = None,
) -> CarefulTool:
    """Make a tool of a function; its docstring is the description that agents read, unless one is given.

    `context_name` names the function's argument that is no argument of the tool, where its annotation does not tell;
    without `structured` its return annotation says whether there is an output schema.
    """
    made = CarefulTool.from_function(
        function,
        name=name,
        title=title,
        description=inspect.cleandoc(description or function.__doc__ or ""),
        annotations=annotations,
        context_kwarg=context_name,
        structured_output=structured,
        meta=None if meta is None else dict(meta),
    )
    assert isinstance(made, CarefulTool), "from_function makes what it is called on"
    made.pays = pays
    made.parameters = {**_untitled(made.parameters), "additionalProperties": False}
    made.fn_metadata.output_schema = _untitled(made.fn_metadata.output_schema)
    return made


def _untitled(schema: Any) -> Any:
    """Leave out the titles that are only the fields' names again, which agents would pay for in every conversation."""
    if isinstance(schema, Mapping):
        return {name: _untitled(part) for name, part in schema.items() if name != "title" or not isinstance(part, str)}
    return [_untitled(part) for part in schema] if isinstance(schema, list) else schema


def _unknown(arguments: Mapping[str, Any], known: Sequence[str]) -> Iterator[str]:
    for name in arguments:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            yield f"{name}: there is no such argument; " + (
                f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}."
            )


def _problem(wrong: Mapping[str, Any]) -> str:
    return f"{'.'.join(str(part) for part in wrong['loc'])}: {wrong['msg']}"
