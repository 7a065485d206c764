"""Stand-in servers: a provider's service on loopback, with accounts, jobs, files and faults of its own.

Names are loaded when first used, so that importing this package alone needs nothing but the standard library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskferry.sandbox.accounts import Account
    from taskferry.sandbox.card import CardStandIn
    from taskferry.sandbox.context import Context, Endpoint, Problem, RespondWith, gateway_page
    from taskferry.sandbox.faults import Fault, FaultError, Script
    from taskferry.sandbox.files import Media
    from taskferry.sandbox.host import Running, running, serve
    from taskferry.sandbox.jobs import Job
    from taskferry.sandbox.life import Life, Moment, Stage
    from taskferry.sandbox.limits import Rate
    from taskferry.sandbox.loading import factory_of, from_file
    from taskferry.sandbox.settings import Settings
    from taskferry.sandbox.stand_in import StandIn
    from taskferry.sandbox.tokens import TOKENS, Phase, Token
    from taskferry.sandbox.webhooks import Message

_HOMES = {
    "accounts": ["Account"],
    "card": ["CardStandIn"],
    "context": ["Context", "Endpoint", "Problem", "RespondWith", "gateway_page"],
    "faults": ["Fault", "FaultError", "Script"],
    "files": ["Media"],
    "host": ["Running", "running", "serve"],
    "jobs": ["Job"],
    "life": ["Life", "Moment", "Stage"],
    "limits": ["Rate"],
    "loading": ["factory_of", "from_file"],
    "settings": ["Settings"],
    "stand_in": ["StandIn"],
    "tokens": ["TOKENS", "Phase", "Token"],
    "webhooks": ["Message"],
}

__all__ = [
    "TOKENS",
    "Account",
    "CardStandIn",
    "Context",
    "Endpoint",
    "Fault",
    "FaultError",
    "Job",
    "Life",
    "Media",
    "Message",
    "Moment",
    "Phase",
    "Problem",
    "Rate",
    "RespondWith",
    "Running",
    "Script",
    "Settings",
    "Stage",
    "StandIn",
    "Token",
    "factory_of",
    "from_file",
    "gateway_page",
    "running",
    "serve",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
