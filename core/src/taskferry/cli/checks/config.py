"""Whether the config file can be read, and only by those who may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from taskferry.cli.checks.check import BROKEN, NOTE, Check
from taskferry.cli.configuring import provider_in
from taskferry.cli.folders import usable
from taskferry.configuration import Configuration, config_path, read_configuration
from taskferry.configuration.known import leaves, setting_of
from taskferry.configuration.reading import is_open_to_others, read_document
from taskferry.configuration.writing import holds_keys
from taskferry.errors import UnknownName, UsageError
from taskferry.registry import Registry
from taskferry.spend import read_caps


def check_config(home: Path, environ: Mapping[str, str]) -> tuple[Configuration | None, Check]:
    """Read the file with the chosen profile; give it with what there is to say, or None where it cannot be used."""
    path = config_path(home)
    try:
        configuration = read_configuration(home, environ)
        read_caps(home, environ)
    except UnknownName as error:
        return None, Check(name="config", state=BROKEN, detail=str(error), mend="Choose another, or none.")
    except UsageError as error:
        return None, Check(name="config", state=BROKEN, detail=str(error), mend=f"Correct {path}.")
    if not path.is_file():
        return configuration, Check(name="config", detail=f"none; {path} would be it")
    if holds_keys(read_document(home)) and is_open_to_others(path):
        mend = f"chmod 600 {path}"
        return configuration, Check(name="config", state=BROKEN, detail=f"{path} shows keys to others", mend=mend)
    chosen = f", profile {configuration.profile}" if configuration.profile else ""
    state = NOTE if configuration.output is not None and not _is_usable(configuration.output) else "ok"
    mend = (
        f"Make the folder of `output`, {configuration.output}, or give permission to write it." if state == NOTE else ""
    )
    return configuration, Check(name="config", state=state, detail=f"{path}{chosen}", mend=mend)


def check_names(registry: Registry, configuration: Configuration) -> Iterator[Check]:
    """Name the providers in the file that there are not: what is said of them holds for nobody."""
    for name in sorted({name for table in (configuration.general, configuration.own) for name, _ in leaves(table)}):
        setting = setting_of(name)
        provider = None if setting is None else provider_in(setting, name)
        if provider is not None and provider not in registry.providers:
            unknown = UnknownName("provider", provider, registry.providers)
            mend = f"Install it, or `taskferry config unset {'.'.join(name)}`."
            yield Check(name="config", state=NOTE, detail=f"{'.'.join(name)}: {unknown}", mend=mend)


def _is_usable(folder: Path) -> bool:
    try:
        usable(folder)
    except UsageError:
        return False
    return True
