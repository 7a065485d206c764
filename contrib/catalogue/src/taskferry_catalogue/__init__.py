"""Known packages for taskferry, as data: see `known.toml`."""
