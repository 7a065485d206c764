"""`taskferry providers`: who is installed."""

from __future__ import annotations

import os
from typing import Any

import click

from taskferry.catalogue import packages
from taskferry.cli import options, output, render
from taskferry.cli.keys import key_state
from taskferry.errors import PluginError
from taskferry.hookspecs import Provider
from taskferry.registry import Registry
from taskferry.settings import base_url_for, home_folder


@click.command("providers", short_help="List the installed providers, or those that could be.")
@click.option("--available", is_flag=True, help="List the providers that packages are known for, and what to install.")
@options.as_json
def command(available: bool, as_json: bool) -> int:
    """List the installed providers, what they offer, and whether a key is set; keys themselves are never shown."""
    registry = Registry()
    if available:
        return _say_available(registry, as_json)
    described = [_described(registry, provider) for provider in registry.providers.values()]
    if as_json:
        output.document({"providers": described})
        return 0
    if not described:
        output.note("No provider is installed: each comes as a package of its own. `taskferry doctor` says more.")
    rows = [(one["name"], one["title"], str(len(one["operations"])), one["problem"] or one["key"]) for one in described]
    for line in render.columns(("PROVIDER", "TITLE", "OPERATIONS", "KEY"), rows):
        output.say(line)
    return 0


def _say_available(registry: Registry, as_json: bool) -> int:
    known = [
        {"name": name, "package": package, "installed": name in registry.providers, "install": f"pip install {package}"}
        for name, package in sorted(packages().items())
    ]
    if as_json:
        output.document({"providers": known})
        return 0
    if not known:
        output.note("No catalogue is installed: `pip install taskferry-catalogue` brings one.")
    rows = [
        (str(one["name"]), str(one["package"]), "installed" if one["installed"] else str(one["install"]))
        for one in known
    ]
    for line in render.columns(("PROVIDER", "PACKAGE", ""), rows):
        output.say(line)
    return 0


def _described(registry: Registry, provider: Provider) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": provider.name,
        "title": provider.title,
        "generations": list(provider.adapters),
        "operations": [],
        "base_url": None,
        "key": None,
        "key_variables": [],
        "problem": None,
    }
    try:
        adapter = registry.adapter(provider.name)
    except PluginError as error:
        return {**found, "problem": str(error)}
    service = adapter.service
    found["operations"] = [operation.name for operation in adapter.operations]
    found["base_url"] = base_url_for(provider.name, service.base_url, os.environ)
    found["key"] = key_state(provider.name, service, os.environ, home_folder()).text
    found["key_variables"] = list(service.key_variables)
    return found
