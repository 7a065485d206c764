"""A plugin as its author gets it: rendered, installed without an index, and green before the first edit."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from sources import ROOT

pytest.importorskip("copier", reason="it is of the extra `author`")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program to its end; give what it prints."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An environment of its own, which sees what is installed here and keeps what it is given to itself."""
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv", cwd=tmp_path)
    found = tmp_path / "venv/bin/python"
    site = run(found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip()
    here = sysconfig.get_path("purelib")
    Path(site, "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    return found


@pytest.mark.parametrize("style", ["--card", "--code"])
def test_a_rendered_distribution_is_installed_tested_and_used(python: Path, tmp_path: Path, style: str) -> None:
    """By the commands that its README names, and its code is clean and typed."""
    run(python, "-m", "taskferry", "plugin", "new", "wisp", style, cwd=tmp_path)
    folder = tmp_path / "taskferry-wisp"
    install = ("install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    run(sys.executable, "-m", "pip", "--python", python, *install, "-e", folder, cwd=tmp_path)

    tested = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    plugins = json.loads(run(python, "-m", "taskferry", "plugin", "list", "--json", cwd=tmp_path))["plugins"]
    operations = json.loads(run(python, "-m", "taskferry", "operations", "wisp", "--json", cwd=tmp_path))["operations"]
    run(sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,I,B,UP,D1", "src", "tests", cwd=folder)
    run(sys.executable, "-m", "ruff", "format", "--check", "--isolated", "--line-length", "120", ".", cwd=folder)
    run(sys.executable, "-m", "mypy", "--strict", "src", cwd=folder)

    assert " passed" in tested
    assert "failed" not in tested
    assert [(one["distribution"], one["problem"]) for one in plugins if one["name"] == "wisp"] == [
        ("taskferry-wisp", None)
    ]
    assert [one["name"] for one in operations] == ["wisp/image"]


def test_the_template_is_a_plain_copier_template(tmp_path: Path) -> None:
    """Its own questions are enough, and it refuses a bad name itself."""
    template = ROOT / "contrib/template/src/taskferry_template/provider"
    copier = (sys.executable, "-m", "copier", "copy", "--defaults", "--quiet")

    run(*copier, "--data", "name=acme", template, tmp_path / "acme", cwd=tmp_path)
    refused = subprocess.run(
        [*copier, "--data", "name=Ac me", template, tmp_path / "bad"], cwd=tmp_path, capture_output=True, text=True
    )

    assert (tmp_path / "acme/src/taskferry_acme/acme.toml").is_file()
    assert refused.returncode != 0
    assert "small letters" in refused.stdout + refused.stderr
