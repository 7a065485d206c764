"""Where stand-ins of cards come from: installed packages, files, and the command that serves them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from typing import Any

import httpx
import pytest

from integration.card_stand_ins import ACME, CARDS
from taskferry import CardError, Provider, Registry, UsageError, hookimpl
from taskferry.cards import read_card
from taskferry.cards.installed import card_provider
from taskferry.cli.stand_ins import demo_jobs, stand_ins
from taskferry.sandbox import CardStandIn, Settings, running

COMMAND = [sys.executable, "-m", "taskferry.cli.start", "sandbox"]
PYTHON = """
[provider]
name = "bolt"
title = "Bolt"
base_url = "https://api.bolt.example"
auth = { none = true }
source = "docs.bolt.example, read 2026-11-21"
[status]
running = ["working"]
succeeded = ["ready"]
[operations.image]
title = "Text to image"
kind = "image"
typical = "10 s, 95 % under 30 s"
parameters.prompt = { type = "string", required = true, description = "What to show." }
submit = { post = "/jobs", remote = { id = "id" }, python = "integration.test_card_stand_in_loading:body_of" }
[fetch]
get = "/jobs/{id}"
status = "state"
artifacts = [{ name = "image", url = "url" }]
[[examples]]
of = "submit"
body = '{"id": "b-1"}'
[[examples]]
of = "fetch"
body = '{"state": "ready", "url": "https://cdn.bolt.example/b-1.png"}'
"""


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register a card as a plugin does, and one that is not there."""
    register(card_provider("cards", "acme", title=ACME.title, regions=list(ACME.regions)))
    register(card_provider("cards", "nowhere", title="Nowhere"))


def body_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Make the body of a create."""
    return {"scene": {"words": parameters["prompt"]}}


@pytest.fixture
def registry() -> Registry:
    """A registry that knows the cards of this module."""
    return Registry(entry_points=[EntryPoint("acme", __name__, "taskferry")], disabled="", cards=())


def test_an_installed_card_has_a_stand_in(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    """One that cannot be read is left out and named."""
    found = stand_ins(registry)

    made = found["acme"](Settings())
    assert isinstance(made, CardStandIn)
    assert (made.name, found.keys()) == ("acme", {"acme"})
    assert "The stand-in of nowhere is left out" in capsys.readouterr().err


def test_an_installed_card_has_a_demo_job_for_each_kind(registry: Registry) -> None:
    """Its examples."""
    jobs = demo_jobs(registry, ["acme"])["acme"]

    assert {name for name, _ in jobs} == {"acme/video", "acme/model", "acme/speech"}
    assert dict(jobs)["acme/video"] == {"prompt": "a red fox in the snow", "model": "fast", "duration": 5}


def test_an_import_path_of_a_card_is_enough_to_run_it() -> None:
    """As for a stand-in in code."""
    with running({"acme": "cards:acme.toml"}) as servers:
        tasks = httpx.get(f"{servers['acme'].base_url}/_sandbox/tasks").json()

    assert tasks == {"tasks": []}


def test_a_create_whose_body_is_made_by_python_is_taken_as_it_is() -> None:
    """Its texts stand for the prompt, so that fault scripts work."""
    card = read_card(PYTHON, "bolt.toml")
    with running({"bolt": lambda settings: CardStandIn(card, settings, installed=True)}) as servers:
        url = servers["bolt"].base_url
        first = httpx.post(f"{url}/jobs", json=body_of({"prompt": "a fox"}))
        second = httpx.post(f"{url}/jobs", json=body_of({"prompt": "a fox [[refuse:402]]"}))

    assert (first.status_code, second.status_code) == (200, 402)
    assert [job.prompt for job in servers["bolt"].stand_in.jobs] == ["a fox"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('asset = "data.asset" }', 'asset = "data.asset || data.id" }'),
        ('asset = "data.asset" }', 'asset = "data.parts[*].asset" }'),
        ('asset = "data.asset" }', 'asset = "$http" }'),
        ('result = "acme://{asset}"', 'result = "to_string(data.name)"'),
    ],
)
def test_an_upload_that_no_reply_can_be_made_for_is_told_before_serving(old: str, new: str) -> None:
    """With the line of its table; the card itself is sound, since the provider may well answer so."""
    text = (CARDS / "acme.toml").read_text("utf-8")
    assert old in text

    with pytest.raises(CardError) as caught:
        CardStandIn(read_card(text.replace(old, new)), Settings())

    (problem,) = caught.value.problems
    assert "is not a plain path" in problem.what
    assert text.split("\n")[problem.line - 1] == "[upload]"


def test_the_command_serves_cards_alone() -> None:
    """One line of JSON, as for installed providers; the base URL has the card's own prefix."""
    files = [f"--card={CARDS / name}" for name in ("acme.toml", "small.toml")]
    command = subprocess.Popen([*COMMAND, *files, "--json"], stdout=subprocess.PIPE, text=True)
    with command:
        assert command.stdout is not None
        servers = json.loads(command.stdout.readline())
        answer = httpx.get(f"{servers['acme']['base_url']}/_sandbox/tasks")
        command.send_signal(signal.SIGTERM)

    env = servers["acme"]["env"]
    assert (command.returncode, answer.json()) == (0, {"tasks": []})
    assert servers.keys() == {"acme", "fable"}
    assert env["TASKFERRY_ACME_BASE_URL"] == f"{servers['acme']['base_url']}/v1"
    assert env["ACME_API_KEY"]


def test_the_command_takes_one_card_of_a_provider_at_a_time() -> None:
    """Two would claim one name."""
    files = [f"--card={CARDS / 'small.toml'}"] * 2

    done = subprocess.run([*COMMAND, *files], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "another card of fable" in done.stderr


def test_a_card_that_is_only_a_file_runs_no_python() -> None:
    """It could do anything."""
    card = read_card(PYTHON, "bolt.toml")

    with pytest.raises(UsageError, match="Python") as caught:
        CardStandIn(card, Settings())

    assert "bolt.toml" in str(caught.value)
