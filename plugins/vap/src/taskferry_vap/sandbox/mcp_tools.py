"""The tools of the remote MCP server: each answers with the same document that the REST endpoint has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from taskferry.sandbox import Context
from taskferry_vap.sandbox.account_endpoints import balance_document
from taskferry_vap.sandbox.documents import Show, operation_document, task_document
from taskferry_vap.sandbox.errors import fail
from taskferry_vap.sandbox.orders import Order, read_operation, read_task
from taskferry_vap.sandbox.products import OPERATIONS, TYPES, WORDING, price_of
from taskferry_vap.sandbox.rules import Rule, complete, faults_of, one_of, whole
from taskferry_vap.sandbox.task_endpoints import OPERATION_SAYS, STATUS_FILTERS, accepted, task_list

if TYPE_CHECKING:
    from taskferry_vap.sandbox.service import VapStandIn

Arguments = Mapping[str, Any]
Call = Callable[["VapStandIn", Context, Arguments], Awaitable[dict[str, Any]]]


@frozen(kw_only=True)
class Tool:
    """One tool."""

    description: str
    rules: Mapping[str, Rule]
    """What its arguments may be."""
    call: Call
    kind: Literal["create", "read", "other"] = "other"
    """What a call of it is in the log of requests."""

    def document(self, name: str) -> dict[str, Any]:
        """Give it as `tools/list` does."""
        properties = {argument: {"description": rule.expected} for argument, rule in self.rules.items()}
        required = [argument for argument, rule in self.rules.items() if not rule.allows(rule.default)]
        schema = {"type": "object", "properties": properties, "required": required}
        return {"name": name, "description": self.description, "inputSchema": schema}


def _creating(read: Callable[[VapStandIn, Context, Arguments], Order], show: Show, says: Sequence[str]) -> Call:
    async def call(stand_in: VapStandIn, context: Context, arguments: Arguments) -> dict[str, Any]:
        job = await stand_in.take(context, read(stand_in, context, arguments))
        return accepted(job, stand_in.document(context, job, show), says)

    return call


def _reading(argument: str, show: Show) -> Call:
    async def call(stand_in: VapStandIn, context: Context, arguments: Arguments) -> dict[str, Any]:
        return stand_in.document(context, await stand_in.find(context, str(arguments.get(argument))), show)

    return call


def _estimating(name: str) -> Call:
    async def call(_: VapStandIn, context: Context, arguments: Arguments) -> dict[str, Any]:
        rules = TYPES[name].rules
        parameters = complete(rules, {**arguments, "quantity": arguments.get("num_outputs", 1)})
        if wrong := faults_of(rules, parameters):
            fail(context, "invalid_parameters", errors=wrong)
        price: Decimal = price_of(TYPES[name], parameters)
        return {"estimated_cost": f"{price:.4f}", "currency": "USD"}

    return call


async def _list(stand_in: VapStandIn, context: Context, arguments: Arguments) -> dict[str, Any]:
    return task_list(stand_in, context, arguments)


async def _balance(_: VapStandIn, context: Context, __: Arguments) -> dict[str, Any]:
    return balance_document(context)


def _generate(name: str) -> Tool:
    def read(_: VapStandIn, context: Context, arguments: Arguments) -> Order:
        return read_task(context, {"type": name, "params": arguments})

    call = _creating(read, task_document, ("task_id", "type"))
    rules = {"prompt": WORDING, **TYPES[name].rules}
    return Tool(description=f"Make {name} from a prompt.", rules=rules, call=call, kind="create")


def _operate(name: str) -> Tool:
    def read(stand_in: VapStandIn, context: Context, arguments: Arguments) -> Order:
        return read_operation(stand_in, context, {**arguments, "operation": name})

    call = _creating(read, operation_document, OPERATION_SAYS)
    return Tool(description=f"The operation {name}.", rules=OPERATIONS[name].rules, call=call, kind="create")


_IMAGE, _VIDEO, _MUSIC = (TYPES[name].rules for name in ("image", "video", "music"))

TOOLS: Mapping[str, Tool] = {
    **{f"generate_{name}": _generate(name) for name in TYPES},
    "get_task": Tool(
        description="Show a task.", rules={"task_id": WORDING}, call=_reading("task_id", task_document), kind="read"
    ),
    "list_tasks": Tool(
        description="List recent tasks.",
        rules={"status": one_of(None, *STATUS_FILTERS), "limit": whole(10, 1, 50)},
        call=_list,
        kind="read",
    ),
    "check_balance": Tool(description="Show the account's balance.", rules={}, call=_balance),
    "estimate_cost": Tool(
        description="Estimate an image.",
        rules={"quality": _IMAGE["quality"], "num_outputs": whole(1, 1, 4)},
        call=_estimating("image"),
    ),
    "estimate_video_cost": Tool(
        description="Estimate a video.",
        rules={name: _VIDEO[name] for name in ("duration", "generate_audio", "resolution")},
        call=_estimating("video"),
    ),
    "estimate_music_cost": Tool(
        description="Estimate a piece of music.",
        rules={name: _MUSIC[name] for name in ("duration", "audio_format")},
        call=_estimating("music"),
    ),
    **{name: _operate(name) for name in OPERATIONS},
    "get_operation": Tool(
        description="Show an operation.",
        rules={"operation_id": WORDING},
        call=_reading("operation_id", operation_document),
        kind="read",
    ),
}
"""The 15 that the papers name, and `ai_edit`."""
