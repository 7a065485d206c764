"""Whether the providers' keys are there, and which base URLs are set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from taskferry.adapter import Service
from taskferry.cli.checks.check import BROKEN, FINE, NOTE, Check
from taskferry.cli.keys import key_state
from taskferry.configuration import Configuration, read_configuration
from taskferry.errors import PluginError, UsageError
from taskferry.registry import Registry
from taskferry.settings import base_url_for, variable


def check_keys(registry: Registry, home: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    """Tell where each provider's key is found, and which base URLs are set."""
    configuration = read_configuration(home, environ)
    for name in registry.providers:
        try:
            service = registry.adapter(name).service
        except PluginError:
            continue  # its plugin's row says so already
        state = key_state(name, service, environ, home)
        level = FINE if state.found else BROKEN if state.broken else NOTE
        mend = state.mend
        if hidden := _hidden_by(name, service, configuration, environ):
            level = NOTE
            mend = f"It goes before the key of the profile {configuration.profile}: unset {hidden} to use that one."
        yield Check(name=f"key of {name}", state=level, detail=state.text, mend=mend)
        if environ.get(variable(name, "BASE_URL"), "").strip():
            yield _base_url(name, service.base_url, environ)


def _hidden_by(name: str, service: Service, configuration: Configuration, environ: Mapping[str, str]) -> str | None:
    """Name the variable whose key is used although the chosen profile has one of its own."""
    if name not in configuration.own.get("keys", {}):
        return None
    return next((one for one in service.key_variables if environ.get(one, "").strip()), None)


def _base_url(name: str, default: str, environ: Mapping[str, str]) -> Check:
    what, set_by = f"base URL of {name}", variable(name, "BASE_URL")
    try:
        return Check(name=what, state=NOTE, detail=f"{base_url_for(name, default, environ)}, set by {set_by}")
    except UsageError as error:
        return Check(name=what, state=BROKEN, detail=str(error), mend=f"Correct or unset {set_by}.")
