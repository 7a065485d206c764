"""`taskferry batch` at a provider's stand-in: rows, results, going on, money."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli_keyboard import SPEED, Keyboard, set_up
from taskferry.sandbox import Running, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def keyboard(
    provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyboard:
    """A keyboard with an empty home."""
    return set_up(provider, tmp_path, monkeypatch, capsys)


def results(path: Path) -> list[dict[str, Any]]:
    """Read a results file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_row_is_made_once_however_often_it_is_run(keyboard: Keyboard) -> None:
    """Its results are in the order of the rows, and the second run finds them all."""
    jobs = keyboard.folder / "jobs.csv"
    jobs.write_bytes(b"\xef\xbb\xbfprompt,aspect_ratio\r\na fox,16:9\r\nx [[fail:boom]],\r\na fox,16:9\r\n")

    first, err = keyboard("batch", "jobs.csv", "--operation", "vap/image", "-o", "out", code=1)
    again = keyboard.json("batch", "jobs.csv", "--operation", "vap/image", "-o", "out", "--at-once", "1", code=1)

    assert first.strip() == str(keyboard.folder / "out" / "results.jsonl")
    assert "3 of 3 rows: 2 succeeded, 1 failed." in err
    rows = results(keyboard.folder / "out" / "results.jsonl")
    assert rows == again["rows"]
    assert [(row["line"], row["status"]) for row in rows] == [(2, "succeeded"), (3, "failed"), (4, "succeeded")]
    assert len({row["id"] for row in rows}) == 3
    assert all(Path(path).is_relative_to(keyboard.folder / "out") for row in rows for path in row["paths"])
    assert rows[1]["failure"]["message"]
    assert rows[0]["cost"]["actual"] == "0.1800"
    assert keyboard.creates() == 3


def test_one_bad_row_keeps_all_from_being_sent(keyboard: Keyboard) -> None:
    """Unless the others are asked for."""
    jobs = keyboard.folder / "jobs.jsonl"
    jobs.write_text('{"operation": "vap/image", "prompt": "x"}\n{"operation": "vap/imag", "prompt": "x"}\n')

    document = keyboard.json("batch", "jobs.jsonl", "-o", "out", code=2)
    before = keyboard.creates()
    sent = keyboard.json("batch", "jobs.jsonl", "-o", "out", "--skip-bad", "--results", "other.jsonl")

    assert document["error"]["kind"] == "bad_rows"
    assert [problem["path"] for problem in document["error"]["problems"]] == ["jobs.jsonl:2"]
    assert before == 0
    assert [row["status"] for row in sent["rows"]] == ["succeeded"]
    assert [one["place"] for one in sent["bad"]] == ["jobs.jsonl:2"]
    assert results(keyboard.folder / "other.jsonl") == sent["rows"]


def test_a_row_that_costs_too_much_is_bad(keyboard: Keyboard) -> None:
    """Before anything is sent."""
    (keyboard.folder / "jobs.csv").write_text("operation,prompt\nvap/image,x\nvap/video,x\n")

    _, err = keyboard("batch", "jobs.csv", "-o", "out", "--max-cost", "1 USD", code=2)

    assert "jobs.csv:3: It costs 1.96 USD, more than 1 USD." in err
    assert keyboard.creates() == 0


def test_a_missing_key_ends_it_in_one_line(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row would say the same."""
    monkeypatch.delenv("VAP_API_KEY")
    (keyboard.folder / "jobs.csv").write_text("operation,prompt\nvap/image,x\nvap/image,y\n")

    _, err = keyboard("batch", "jobs.csv", "-o", "out", code=2)

    assert err.count("VAP_API_KEY") == 1
    assert "Traceback" not in err


def test_a_refused_row_leaves_the_others(keyboard: Keyboard) -> None:
    """Its line says why."""
    (keyboard.folder / "jobs.csv").write_text("operation,prompt\nvap/image,x [[refuse:402]]\nvap/image,y\n")

    rows = keyboard.json("batch", "jobs.csv", "-o", "out", code=4)["rows"]

    assert [row["status"] for row in rows] == ["refused", "succeeded"]
    assert rows[0]["failure"]["kind"] == "funds"
