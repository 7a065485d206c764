"""The examples of the integrations' READMEs, run as they stand, their models scripted."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from docs_pages import blocks
from frameworks.desk import REASON, SPEED, creates, driver, is_here
from frameworks.plays import long_job
from sources import ROOT
from taskferry import Ferry
from taskferry.sandbox import Running, running

FOLDERS = {
    "langchain": "langgraph",
    "pydantic-ai": "pydantic_ai",
    "openai-agents": "agents",
    "smolagents": "smolagents",
    "google-adk": "google.adk",
}
"""Each integration's folder, with its framework."""
pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # frameworks warn of each other's doings
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The provider that every ferry reaches from an empty working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)  # with one, traces would be sent away
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(Ferry.__init__.__kwdefaults__, "speed", SPEED)  # type: ignore[index]  # every keyword has one
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        for name, value in servers["vap"].env.items():
            monkeypatch.setenv(name, value)
        yield servers["vap"]


def run(work: Any, *arguments: Any) -> Any:
    """Call an example's function, whether it is async or not."""
    return asyncio.run(work(*arguments)) if inspect.iscoroutinefunction(work) else work(*arguments)


@pytest.mark.parametrize(
    "folder",
    [pytest.param(one, marks=pytest.mark.skipif(not is_here(name), reason=REASON)) for one, name in FOLDERS.items()],
)
def test_the_readmes_example_stops_and_goes_on(
    folder: str, provider: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a shorter wait than it names; one creation at the provider."""
    (example,) = blocks(ROOT / f"contrib/frameworks/{folder}/README.md")
    names: dict[str, Any] = {}
    exec(compile(example.code.replace("longest_wait=5", "longest_wait=0.2"), folder, "exec"), names)
    model = driver(FOLDERS[folder]).script(names, long_job)

    kept = run(names["start"], *([model] if model else []))
    stopped = capsys.readouterr().out
    run(names["go_on"], *([model, kept] if model else []))

    assert "succeeded: " not in stopped
    assert "succeeded" in capsys.readouterr().out
    assert creates(provider.base_url) == 1
    assert httpx.get(f"{provider.base_url}/_sandbox/tasks").json()["tasks"][0]["finished_at"]
