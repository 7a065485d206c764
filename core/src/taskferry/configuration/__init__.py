"""The one file of settings, `config.toml` in the home: what may stand in it, and how it is read and written."""

from __future__ import annotations

from taskferry.configuration.reading import (
    PROFILE,
    Configuration,
    config_path,
    configured_environ,
    disabled_plugins,
    read_configuration,
)

__all__ = [
    "PROFILE",
    "Configuration",
    "config_path",
    "configured_environ",
    "disabled_plugins",
    "read_configuration",
]
