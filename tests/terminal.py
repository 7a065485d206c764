"""A terminal for the tests of the command line: a real one of the system, of any size, whose screen is text."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")
_SECONDS = 60.0


class Terminal:
    """Runs a taskferry command at a terminal."""

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], folder: Path, *, columns: int = 100, lines: int = 30
    ) -> None:
        self._main, theirs = pty.openpty()
        self.raw = b""
        self.size(columns, lines)
        kept = {name: value for name, value in {**os.environ, **environ}.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "taskferry.cli.start", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={"TERM": "xterm-256color", **kept, **environ},
            cwd=folder,
            start_new_session=True,
        )
        os.close(theirs)

    def size(self, columns: int, lines: int) -> None:
        """Make the terminal of another size, as a person does with the mouse."""
        fcntl.ioctl(self._main, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        if hasattr(self, "process"):
            self.process.send_signal(signal.SIGWINCH)

    @property
    def text(self) -> str:
        """Give all that was written, without colours and movements of the cursor."""
        return _ESCAPES.sub("", self.raw.decode("utf-8", "replace"))

    def until(self, part: str) -> str:
        """Read until a text was written, and forget what was before it."""
        end = time.monotonic() + _SECONDS
        while part not in self.text:
            assert self._read(end), f"{part!r} never came:\n{self.text[-3000:]}"
        found, self.raw = self.text, b""
        return found

    def interrupt(self) -> None:
        """Stop the command, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End a command that still runs."""
        self.process.kill()
        self.process.wait(timeout=_SECONDS)

    def end(self) -> tuple[int, str]:
        """Read until the command has ended; give its exit code and what it wrote since it was last asked."""
        end = time.monotonic() + _SECONDS
        while self._read(end):
            pass
        os.close(self._main)
        return self.process.wait(timeout=_SECONDS), self.text

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self._main], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"Nothing came any more:\n{self.text[-3000:]}"
        try:
            some = os.read(self._main, 65536)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.raw += some
        return bool(some)
