"""Thirteen providers for taskferry, each a card: a TOML file beside this one."""
