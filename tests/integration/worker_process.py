"""`taskferry worker` in a process of its own, at a stand-in's pace, and with a clock that may be off."""

from __future__ import annotations

import os
import sys
import time

from taskferry.cli import opening
from taskferry.cli.start import main

right, off = time.time, float(os.environ.get("CLOCK_OFF", "0"))
time.time = lambda: right() + off
opening.SETTINGS["speed"] = float(os.environ.get("SPEED", "1"))
sys.exit(main())
