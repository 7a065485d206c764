"""What `taskferry doctor` looks at: each check gives rows that say how a thing is and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taskferry.cli.checks.check import BROKEN, FINE, NOTE, Check
from taskferry.cli.checks.clock import check_clock
from taskferry.cli.checks.config import check_config, check_names
from taskferry.cli.checks.keys import check_keys
from taskferry.cli.checks.ledger import check_ledger
from taskferry.cli.checks.network import check_network
from taskferry.cli.checks.plugins import check_plugins
from taskferry.cli.checks.system import check_disk, check_extras, check_looks, check_system
from taskferry.registry import Registry

__all__ = [
    "BROKEN",
    "FINE",
    "NOTE",
    "Check",
    "check_all",
    "check_clock",
    "check_config",
    "check_disk",
    "check_keys",
    "check_ledger",
    "check_names",
    "check_network",
    "check_plugins",
]


def check_all(home: Path, environ: Mapping[str, str], *, online: bool = False) -> list[Check]:
    """Look at everything; no file is made, and nothing is sent unless `online`: then one request to each provider."""
    configuration, config = check_config(home, environ)
    disabled = None if configuration is not None else ""  # a config file that cannot be read switches nothing off
    registry = Registry(disabled=disabled, home=home)
    return [
        check_system(),
        config,
        *check_plugins(registry),
        *(check_names(registry, configuration) if configuration is not None else ()),
        *(check_keys(registry, home, environ) if configuration is not None else ()),
        *check_ledger(home),
        check_disk(home),
        check_clock(home),
        *(check_network(registry, environ) if online else ()),
        check_looks(),
        *check_extras(),
    ]
