"""One task, any provider: paid, long-running generation jobs that are never lost and never paid twice."""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it; importing typing takes as long as all else here
if TYPE_CHECKING:
    from taskferry.adapter import (
        Accepted,
        Adapter,
        Balance,
        Bearer,
        Cancels,
        Candidate,
        Estimates,
        Exchange,
        FetchesMany,
        HasBalance,
        HeaderKey,
        ListsRecent,
        NoKey,
        PicksGeneration,
        QueryKey,
        ReadsIds,
        Request,
        Service,
        SignedToken,
        VerifiesWebhooks,
    )
    from taskferry.call import Call, FilePart, InlineFile
    from taskferry.cards import Card, card_adapter, card_provider, check_card, load_card, read_card
    from taskferry.cost import Amount, Cost, decimal
    from taskferry.errors import (
        AdapterError,
        ArtifactError,
        ArtifactGone,
        CallForbidden,
        CardError,
        CardProblem,
        CostExceeded,
        Failure,
        FailureKind,
        InvalidParameters,
        LedgerBusy,
        LedgerCorrupt,
        LedgerError,
        LedgerTooNew,
        MalformedReply,
        MissingKey,
        NotSent,
        PluginError,
        Problem,
        ProviderError,
        ReplyLost,
        TaskferryError,
        TaskTaken,
        UnknownName,
        Unsupported,
        UsageError,
        WireError,
    )
    from taskferry.failures import failure, failure_from_status, status_kind
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask
    from taskferry.hookspecs import Change, Engine, Provider, hookimpl
    from taskferry.ledger.protocol import LedgerProtocol
    from taskferry.ledger.record import Record
    from taskferry.mcp.profile import Profile, ProfileAnswer, ProfileContext, ProfileTool, Submission
    from taskferry.operation import Operation, Typical
    from taskferry.parameters import local_file
    from taskferry.poller.deadlines import Deadlines
    from taskferry.registry import Registry
    from taskferry.reply import Reply, dig
    from taskferry.routing import NoProviderFits, Route, RouteRow
    from taskferry.spend import Cap, CapLine, Caps, Overrun, Spend, SpendLine
    from taskferry.status import Status
    from taskferry.task import (
        JSON,
        Artifact,
        CancelOutcome,
        Finished,
        Kind,
        Observation,
        Snapshot,
        StillRunning,
        Task,
        Token,
        WaitOutcome,
    )
    from taskferry.telemetry import traceparent
    from taskferry.text import clean

if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "adapter": (
        "Accepted Adapter Balance Bearer Cancels Candidate Estimates Exchange FetchesMany HasBalance "
        "HeaderKey ListsRecent NoKey PicksGeneration QueryKey ReadsIds Request Service SignedToken VerifiesWebhooks"
    ),
    "call": "Call FilePart InlineFile",
    "cards": "Card card_adapter card_provider check_card load_card read_card",
    "cost": "Amount Cost decimal",
    "errors": (
        "AdapterError ArtifactError ArtifactGone CallForbidden CardError CardProblem CostExceeded Failure FailureKind "
        "InvalidParameters LedgerBusy LedgerCorrupt LedgerError LedgerTooNew MalformedReply MissingKey "
        "NotSent PluginError Problem ProviderError ReplyLost TaskTaken TaskferryError UnknownName Unsupported "
        "UsageError WireError"
    ),
    "failures": "failure failure_from_status status_kind",
    "ferry": "Ferry",
    "handle": "FerryTask",
    "hookspecs": "Change Engine Provider hookimpl",
    "ledger.protocol": "LedgerProtocol",
    "ledger.record": "Record",
    "mcp.profile": "Profile ProfileAnswer ProfileContext ProfileTool Submission",
    "operation": "Operation Typical",
    "parameters": "local_file",
    "poller.deadlines": "Deadlines",
    "registry": "Registry",
    "reply": "Reply dig",
    "routing": "NoProviderFits Route RouteRow",
    "spend": "Cap CapLine Caps Overrun Spend SpendLine",
    "status": "Status",
    "task": "Artifact CancelOutcome Finished JSON Kind Observation Snapshot StillRunning Task Token WaitOutcome",
    "telemetry": "traceparent",
    "text": "clean",
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [  # noqa: RUF022 -- sorted as people read, not by capital letters first
    "Accepted", "Adapter", "AdapterError", "Amount", "Artifact", "ArtifactError", "ArtifactGone", "Balance", "Bearer",
    "Call", "CallForbidden", "CancelOutcome", "Cancels", "Candidate", "Cap", "CapLine", "Caps", "Card", "card_adapter",
    "CardError", "CardProblem", "card_provider", "Change", "check_card", "clean", "Cost", "CostExceeded", "Deadlines",
    "decimal", "dig", "Engine", "Estimates", "Exchange", "Failure", "failure", "failure_from_status", "FailureKind",
    "Ferry", "FerryTask", "FetchesMany", "FilePart", "Finished", "HasBalance", "HeaderKey", "hookimpl", "InlineFile",
    "InvalidParameters", "JSON", "Kind", "LedgerBusy", "LedgerCorrupt", "LedgerError", "LedgerProtocol", "LedgerTooNew",
    "ListsRecent",
    "load_card", "local_file", "MalformedReply", "MissingKey", "NoKey", "NoProviderFits", "NotSent", "Observation",
    "Operation", "Overrun", "PicksGeneration", "PluginError", "Problem", "Profile", "ProfileAnswer", "ProfileContext",
    "ProfileTool", "Provider", "ProviderError", "QueryKey", "read_card", "ReadsIds", "Record", "Registry", "Reply",
    "ReplyLost", "Request", "Route", "RouteRow", "Service", "SignedToken", "Snapshot", "Spend", "SpendLine", "Status",
    "status_kind", "StillRunning", "Submission", "Task", "TaskferryError", "TaskTaken", "Token", "traceparent",
    "Typical", "UnknownName", "Unsupported", "UsageError", "VerifiesWebhooks", "WaitOutcome", "WireError",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'taskferry' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"taskferry.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
