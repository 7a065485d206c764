"""`import_tripo_glb_model` with Blender's made-up add-on: what goes there is the file that was kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blender_add_on import add_on
from mcp_desk import SPEED, text_of
from profile_desk import ProfileDesk, said
from sources import ROOT
from taskferry.sandbox import Running, running

IMPORT = "import_tripo_glb_model"


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["tripo"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> ProfileDesk:
    """A place of work for one agent."""
    return ProfileDesk(tmp_path, provider)


@pytest.fixture
def blender(monkeypatch: pytest.MonkeyPatch) -> None:
    """The optional package, whether or not it is installed."""
    monkeypatch.syspath_prepend(str(ROOT / "contrib" / "blender" / "src"))


async def imported(desk: ProfileDesk, url: str | None = None) -> tuple[dict[str, Any], Any]:
    """Make a model and import it, by the URL of its status unless another is given."""
    async with desk.agent("tripo") as client:
        words = {"describe_the_look_of_object": "a small red fox"}
        created = said(await client.call_tool("create_3d_model_from_text", words))
        shown = said(await client.call_tool("get_task_status", {"task_id": created["task_id"]}))
        return shown, await client.call_tool(IMPORT, {"glb_url": url or shown["pbr_model_url"]})


@pytest.mark.usefixtures("blender")
async def test_blender_gets_the_kept_file(desk: ProfileDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the add-on's socket; what was imported is told in the vendor's lines."""
    with add_on() as made_up:
        for name, value in made_up.environ.items():
            monkeypatch.setenv(name, value)
        shown, result = await imported(desk)

    assert not result.is_error, text_of(result)
    assert made_up.files == [Path(shown["files"][0]["path"]).read_bytes()]
    assert text_of(result).splitlines() == [
        "Successfully imported models:",
        "• geometry_0 | Dimensions: 0.8 x 0.9 x 1.0 meters",
    ]
    assert result.structured_content["status"] == "success"


@pytest.mark.usefixtures("blender")
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/model.glb", "https://example.com/x.glb", "file:///etc/passwd", "x"]
)
async def test_an_address_that_is_no_tasks_is_refused(desk: ProfileDesk, url: str) -> None:
    """Nothing is fetched from it, and Blender is not asked."""
    _, result = await imported(desk, url)

    assert result.is_error
    assert text_of(result).startswith("Import failed: ")
    assert "bills nothing" in text_of(result)


@pytest.mark.usefixtures("blender")
async def test_a_blender_that_is_not_there_is_told(desk: ProfileDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens; the model is not lost."""
    monkeypatch.setenv("BLENDER_HOST", "127.0.0.1")
    monkeypatch.setenv("BLENDER_PORT", "9")

    _, result = await imported(desk)

    assert result.is_error
    assert "Import failed: " in text_of(result)
    assert "Blender" in text_of(result)


async def test_without_the_package_the_answer_says_what_to_install(
    desk: ProfileDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is optional."""
    monkeypatch.setitem(sys.modules, "taskferry_blender", None)

    _, result = await imported(desk)

    assert result.is_error
    assert "pip install taskferry-blender" in text_of(result)
