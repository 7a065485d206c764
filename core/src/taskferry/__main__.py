"""`python -m taskferry`: the command line."""

from __future__ import annotations

import sys

from taskferry.cli.start import main

if __name__ == "__main__":
    sys.exit(main())
