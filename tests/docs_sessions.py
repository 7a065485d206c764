"""A reader at a shell, for the consoles of the documentation: types what they show, and sees whether that comes."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_keyboard import SPEED
from docs_pages import Block
from sources import ROOT
from taskferry.cli.start import main

SHELLS = ("sh", "console")
"""The languages of blocks that are typed at a shell."""
ID = "01…"
"""How a page writes the id of the task that was spoken of last."""
_COMMENT = re.compile(r"\s+#\s.*$")
_EVALUATED = re.compile(r'eval "\$\((?P<command>.+)\)"')
_TASK = re.compile(r"\b01[0-9a-z]{24}\b")
_EXPORT = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)
_SERVERS = (("sandbox",), ("mcp", "--http"), ("ui",))
_PROJECTS = [
    ROOT / "core/pyproject.toml",
    *ROOT.glob("plugins/*/pyproject.toml"),
    *ROOT.glob("contrib/*/pyproject.toml"),
]


class Typist(io.StringIO):
    """Standard input at which somebody sits and says yes."""

    def isatty(self) -> bool:
        """Tell that somebody is there."""
        return True


class Session:
    """Somebody at a shell in the working folder, with a page beside them."""

    def __init__(self, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capture, self._patch = capture, patch
        self._servers: list[subprocess.Popen[str]] = []
        self._task = ""

    def go_through(self, block: Block, page: str) -> None:
        """Type every command of a block; what is shown under it has to be among what it prints."""
        for command, shown in commands(block):
            code, printed = self.type(command)
            at = f"{page}:{block.line}: $ {command}"
            assert shown or code == 0, f"{at}\nended with {code}:\n{printed}"
            assert is_shown(shown, printed), f"{at}\nshows\n{chr(10).join(shown)}\nbut printed is\n{printed}"

    def type(self, command: str) -> tuple[int, str]:
        """Run a command line; give its exit code and everything that it prints."""
        typed: str | None = None
        printed = ""
        if inner := _EVALUATED.fullmatch(command):
            command = inner["command"]
        command, _, file = command.partition(" > ")
        for part in command.split(" | "):
            code, out, err = self._run(part.replace(ID, self._task), typed)
            typed, printed = out, printed + err
        if file:
            path = Path(file).expanduser()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(typed or "", "utf-8")
            return code, printed
        return code, (typed or "") + printed

    def _run(self, command: str, typed: str | None) -> tuple[int, str, str]:
        words = shlex.split(command)
        if words[0] == "taskferry":
            is_server = any(words[1 : 1 + len(server)] == list(server) for server in _SERVERS)
            if is_server and not {"--json", "--faults", "--help"} & set(words):
                return 0, self._serve(words[1:]), ""
            return self._taskferry(words[1:], typed)
        if words[0] == "export":
            return 0, "", ""  # keys and addresses: those of the stand-ins hold
        if words[0] == "cd":
            self._patch.chdir(words[1])
            return 0, "", ""
        if words[0] == "make":
            return 0 if re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE) else 2, "", ""
        if words[:2] == ["pip", "install"]:
            return 0 if all(is_ours(word) for word in words[2:]) else 1, "", ""
        done = subprocess.run(
            [sys.executable, "-m", *words] if words[0] == "pytest" else command,
            shell=words[0] != "pytest",
            input=typed,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    def _taskferry(self, words: list[str], typed: str | None) -> tuple[int, str, str]:
        self._capture.readouterr()
        with self._patch.context() as patch:
            patch.setattr(sys, "stdin", Typist("y\n") if typed is None else io.StringIO(typed))
            code = main(words)
        out, err = self._capture.readouterr()
        self._task = next(iter(_TASK.findall(out + err)), self._task)
        return code, out, err

    def _serve(self, words: list[str]) -> str:
        """Start a server in the background and take over the variables that it prints; give its first words."""
        words = [word for word in words if word != "&"]
        if words[0] == "sandbox":
            words += ["--speed", str(SPEED)]  # whatever the page says: the last one counts
        server = subprocess.Popen(
            [sys.executable, "-m", "taskferry", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._servers.append(server)
        assert server.stdout is not None
        printed = ""
        while "Ctrl-C" not in printed and (words[0] == "sandbox" or "http://" not in printed):
            line = server.stdout.readline()
            assert line, f"`taskferry {shlex.join(words)}` has ended:\n{printed}"
            printed += line
        for name, value in _EXPORT.findall(printed):
            self._patch.setenv(name, value)
        return printed

    def close(self) -> None:
        """Stop what runs in the background."""
        for server in self._servers:
            server.terminate()
            server.communicate(timeout=10)


def commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Give each command of a block with the lines that are shown of its output; a `$ ` marks them in a console."""
    if block.language == "console":
        assert block.code.startswith("$ "), f"line {block.line}: a console begins with a command, marked by `$ `"
        for part in block.code.removeprefix("$ ").split("\n$ "):
            command, *shown = part.splitlines()
            yield _COMMENT.sub("", command), [line for line in shown if line.strip()]
    else:
        for line in block.code.splitlines():
            if command := _COMMENT.sub("", line).strip():
                yield command, []


def is_shown(shown: list[str], printed: str) -> bool:
    """Tell whether every line shown is among those printed; `…` stands for anything within a line."""
    wanted = (re.compile(".*".join(re.escape(part) for part in _squeezed(line).split("…"))) for line in shown)
    lines = [_squeezed(line) for line in printed.splitlines()]
    return all(any(pattern.fullmatch(line) for line in lines) for pattern in wanted)


def _squeezed(line: str) -> str:
    return re.sub(r" +", " ", line).strip()


def is_ours(requirement: str) -> bool:
    """Tell whether a distribution of the workspace is meant, with extras that it has."""
    name, _, extras = requirement.rstrip("]").partition("[")
    for path in _PROJECTS:
        project = tomllib.loads(Path(path).read_text("utf-8"))["project"]
        if project["name"] == name:
            known = project.get("optional-dependencies", {}).keys()
            return {extra.strip() for extra in extras.split(",") if extra} <= known
    return False
