"""Importing an integration imports its own framework and no other."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from frameworks.desk import FRAMEWORKS, REASON, is_here

pytestmark = pytest.mark.frameworks
MODULES = {
    "langgraph": {"langchain_core", "langgraph"},
    "pydantic_ai": {"pydantic_ai"},
    "agents": {"agents", "openai"},
    "smolagents": {"smolagents", "huggingface_hub"},
    "google.adk": {"google"},
}
"""What belongs to each framework, of all that we integrate."""


@pytest.mark.parametrize(
    "framework",
    [pytest.param(name, marks=pytest.mark.skipif(not is_here(name), reason=REASON)) for name in FRAMEWORKS],
)
def test_an_integration_imports_its_own_framework_alone(framework: str) -> None:
    """Nobody pays for a framework that they do not use."""
    code = f"import json, sys, {FRAMEWORKS[framework]}; print(json.dumps(sorted(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    others = set().union(*(found for name, found in MODULES.items() if name != framework)) - MODULES[framework]
    assert loaded & MODULES[framework]
    assert loaded & others == set()
