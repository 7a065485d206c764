"""`python -m taskferry`: the command line."""

from __future__ import annotations

from taskferry.cli.start import main

if __name__ == "__main__":
    main()
