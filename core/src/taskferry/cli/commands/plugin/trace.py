"""`taskferry plugin trace`: what each plugin does when plugins are looked up, and how long it takes."""

from __future__ import annotations

import time
from importlib import metadata
from typing import Any

import click
import pluggy

from taskferry import hookspecs
from taskferry.cli import exits, options, output, render
from taskferry.registry import GROUP, Registry
from taskferry.text import clean


@click.command("trace", short_help="Show what each plugin hooks into, and what it costs.")
@options.as_json
def trace(as_json: bool) -> int:
    """Show the hooks that each plugin implements, and how long its import and its adapters take.

    Exit code 1 if one of them fails.
    """
    traced = [_traced(point) for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)]
    adapters = _adapters(Registry())
    if as_json:
        output.document({"plugins": traced, "adapters": adapters})
    else:
        rows = [(one["name"], _milliseconds(one["import_seconds"]), _told(one)) for one in traced]
        for line in render.columns(("PLUGIN", "IMPORT", "HOOKS"), rows):
            output.say(line)
        rows = [(one["name"], _milliseconds(one["build_seconds"]), _operations(one)) for one in adapters]
        for line in render.columns(("\nADAPTER", "BUILD", "OPERATIONS"), rows):
            output.say(line)
    failed = any(one["problem"] for one in (*traced, *adapters))
    return exits.UNSUCCESSFUL if failed else exits.DONE


def _traced(point: metadata.EntryPoint) -> dict[str, Any]:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    found: dict[str, Any] = {"name": point.name, "module": point.value, "hooks": [], "problem": None}
    begun = time.perf_counter()
    try:
        module = point.load()
        found["import_seconds"] = time.perf_counter() - begun
        manager.register(module, point.name)
        manager.check_pending()
        found["hooks"] = sorted(caller.name for caller in manager.get_hookcallers(module) or ())
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- whatever a plugin raises is what is asked for here
        found["problem"] = f"{type(error).__name__}: {clean(error)}"
        found.setdefault("import_seconds", time.perf_counter() - begun)
    return found


def _adapters(registry: Registry) -> list[dict[str, Any]]:
    found = []
    for name, provider in registry.providers.items():
        for generation in provider.adapters:
            begun = time.perf_counter()
            problem, operations = None, 0
            try:
                operations = len(registry.adapter(name, generation).operations)
            except Exception as error:  # noqa: BLE001 -- as above
                problem = clean(error)
            seconds = time.perf_counter() - begun
            row = {"name": f"{name} {generation}", "build_seconds": seconds, "operations": operations}
            found.append({**row, "problem": problem})
    return found


def _told(one: dict[str, Any]) -> str:
    return one["problem"] or ", ".join(one["hooks"]) or "none"


def _operations(one: dict[str, Any]) -> str:
    return one["problem"] or str(one["operations"])


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
