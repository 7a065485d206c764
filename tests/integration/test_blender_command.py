"""`taskferry blender import`, from a job at the provider to the model in Blender."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blender_add_on import MODELS, add_on
from cli_keyboard import SPEED, Keyboard, set_up
from taskferry.sandbox import Running, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["tripo"]


@pytest.fixture
def keyboard(
    provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyboard:
    """A keyboard with an empty home, where nobody's Blender is."""
    for name in ("BLENDER_HOST", "BLENDER_PORT", "TASKFERRY_BLENDER_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    return set_up(provider, tmp_path, monkeypatch, capsys)


def test_a_made_model_comes_into_the_open_blender(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that was kept, and what Blender says of it."""
    (task,) = keyboard.json("run", "tripo/text-to-model", "prompt=a small red fox")["tasks"]
    (kept,) = [Path(one["path"]) for one in task["artifacts"] if one["kind"] == "model"]

    with add_on() as made_up:
        for name, value in made_up.environ.items():
            monkeypatch.setenv(name, value)
        out, _ = keyboard("blender", "import", task["id"])
        document = keyboard.json("blender", "import", task["id"])

    assert made_up.files == [kept.read_bytes()] * 2
    assert out == f"Model imported successfully: model of {task['id']}\n  geometry_0  0.8 x 0.9 x 1\n"
    assert document == {
        "id": task["id"],
        "artifact": "model",
        "status": "success",
        "message": "Model imported successfully",
        "models": MODELS,
        "out": None,
        "preview": None,
    }


def test_no_blender_is_an_error_with_its_exit_code(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a document for scripts."""
    (task,) = keyboard.json("run", "tripo/text-to-model", "prompt=a small red fox")["tasks"]
    with add_on() as made_up:
        monkeypatch.setenv("BLENDER_PORT", made_up.environ["BLENDER_PORT"])

    document = keyboard.json("blender", "import", task["id"], code=1)

    assert document["error"]["kind"] == "blender_unreachable"


def test_a_task_that_nobody_knows_is_a_usage_error(keyboard: Keyboard) -> None:
    """Nobody is called."""
    document = keyboard.json("blender", "import", "01nothing", code=2)

    assert document["error"]["kind"] == "unknown_name"


@pytest.mark.parametrize(
    "arguments", [("--headless",), ("--out", "fox.blend"), ("--preview", "fox.png"), ("--timeout", "0")]
)
def test_options_that_do_not_go_together_are_refused(keyboard: Keyboard, arguments: tuple[str, ...]) -> None:
    """Before anything is opened."""
    document = keyboard.json("blender", "import", "01nothing", *arguments, code=2)

    assert document["error"]["kind"] == "usage"


def test_a_headless_import_without_the_library_says_what_to_install(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line to paste."""
    (task,) = keyboard.json("run", "tripo/text-to-model", "prompt=a small red fox")["tasks"]
    monkeypatch.setitem(__import__("sys").modules, "bpy", None)

    _, err = keyboard("blender", "import", task["id"], "--headless", "--out", "fox.blend", code=1)

    assert "pip install bpy" in err
    assert not Path("fox.blend").exists()
