"""With a key and no stand-in, the same commands address the real hosts, as their papers say."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import respx
from PIL import Image

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry.cli.start import main
from taskferry.sandbox.media.model import model


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a command line with only these variables set; give its exit code and document."""

    def run(*arguments: str, **variables: str) -> tuple[int, dict[str, Any]]:
        for name in (
            "VAP_API_KEY",
            "VAPE_API_KEY",
            "TRIPO_API_KEY",
            "TASKFERRY_VAP_BASE_URL",
            "TASKFERRY_TRIPO_BASE_URL",
        ):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code = main([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def png() -> bytes:
    """A real picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "orange").save(file, "PNG")
    return file.getvalue()


@respx.mock(using="taskferry")
def test_vap_is_addressed_at_its_host_in_its_words(command, respx_mock) -> None:
    """Bearer key, `type` and `description`; the picture is fetched without the key."""
    create = respx_mock.post("https://api.vapagent.com/v3/tasks").respond(
        json={"task_id": "550e8400", "status": "pending", "estimated_cost": "0.1800"}
    )
    look = respx_mock.get("https://api.vapagent.com/v3/tasks/550e8400").respond(
        json={
            "task_id": "550e8400",
            "type": "image",
            "status": "completed",
            "actual_cost": "0.1800",
            "result": {"image_url": "https://pub-1.r2.example/x.png"},
        }
    )
    file = respx_mock.get("https://pub-1.r2.example/x.png").respond(content=png())

    code, document = command("run", "vap/image", "prompt=a fox", "aspect_ratio=16:9", VAPE_API_KEY="vape_1")

    sent = create.calls.last.request
    assert code == 0
    assert json.loads(sent.content) == {"type": "image", "params": {"description": "a fox", "aspect_ratio": "16:9"}}
    assert (sent.headers["authorization"], look.calls.last.request.headers["authorization"]) == ("Bearer vape_1",) * 2
    assert "authorization" not in file.calls.last.request.headers
    assert document["tasks"][0]["cost"] == {"estimated": "0.1800", "actual": "0.1800", "unit": "USD"}


@respx.mock(using="taskferry")
def test_tripo_is_addressed_at_its_host_in_its_words(command, respx_mock) -> None:
    """Bearer key, one path for the capability, a model always named; the file is fetched without the key."""
    create = respx_mock.post("https://openapi.tripo3d.ai/v3/generation/text-to-model").respond(
        json={"code": 0, "status": "success", "data": {"task_id": "6ffdb041"}}
    )
    respx_mock.get("https://openapi.tripo3d.ai/v3/tasks/6ffdb041").respond(
        json={
            "code": 0,
            "data": {
                "task_id": "6ffdb041",
                "type": "text_to_model",
                "status": "success",
                "progress": 100,
                "output": {"model_url": "https://tripo-data.rg1.data.tripo3d.com/m.glb?sig=1"},
                "credits_consumed": 30,
            },
        }
    )
    file = respx_mock.get("https://tripo-data.rg1.data.tripo3d.com/m.glb").respond(content=model("a fox"))

    code, document = command("run", "tripo/text-to-model", "prompt=a fox", "texture:=true", TRIPO_API_KEY="tsk_1")

    sent = create.calls.last.request
    body = json.loads(sent.content)
    assert code == 0
    assert (body["prompt"], body["texture"], set(body)) == ("a fox", True, {"prompt", "texture", "model"})
    assert sent.headers["authorization"] == "Bearer tsk_1"
    assert "authorization" not in file.calls.last.request.headers
    assert document["tasks"][0]["cost"]["actual"] == "30"
    assert document["tasks"][0]["artifacts"][0]["kind"] == "model"


def test_without_a_key_nothing_is_sent_and_the_variable_is_named(command) -> None:
    """Exit code 2, and where to get a key."""
    code, document = command("submit", "tripo/text-to-model", "prompt=a fox")

    assert code == 2
    assert "TRIPO_API_KEY" in document["error"]["message"]
