"""File and folder names: safe whatever a provider or a prompt says."""

from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry.artifacts import folder_for
from taskferry.artifacts.names import numbered, safe_name, slug
from taskferry.ledger.record import Job, Record
from taskferry.status import Status
from taskferry.task import Snapshot

FOLDER = Path("/out")
HOSTILE = st.text(
    st.sampled_from("./\\:-~ \x00\n\u202e\u200b\ufeff\u3164\u2800\ufe0f\u0301\U000e0100aZ9é界🦊"), max_size=300
)
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³")}


def a_record(prompt: str, task_id: str = "01jd3abcdefghjkmnpqrstvwxy", operation: str = "acme/image") -> Record:
    """A record of a job with this prompt."""
    job = Job(
        provider="acme",
        operation=operation,
        generation="v1",
        base_url="https://api.acme.example",
        account="",
        parameters={"prompt": prompt},
    )
    snapshot = Snapshot(id=task_id, provider="acme", operation=operation, status=Status.SUCCEEDED)
    return Record(job=job, snapshot=snapshot)


@given(text=st.one_of(st.text(max_size=300), HOSTILE))
def test_a_name_never_leaves_its_folder(text: str) -> None:
    """No separator, no `..`, no control or bidirectional character, not longer than file systems take."""
    name = safe_name(text)

    placed = FOLDER / f"{name}.png"
    assert placed.parent == FOLDER
    assert placed.name == f"{name}.png"
    assert name
    assert name[0] not in ".-~"
    assert name[-1] not in ".-"
    assert not any(unicodedata.category(letter)[0] in "CZ" or letter in '/\\:*?"<>|' for letter in name)
    assert len(name.encode()) <= 125


@given(text=st.one_of(st.text(max_size=100), HOSTILE))
def test_a_safe_name_is_its_own_safe_name(text: str) -> None:
    """So a file that is copied keeps its name."""
    once = safe_name(text)

    assert safe_name(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model", "model"),
        ("track 2", "track-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\u202egnp.exe", "a-gnp.exe"),
        ("..", "file"),
        ("", "file"),
        ("con", "file-con"),
        ("Aux.old", "file-Aux.old"),
        ("LPT¹", "file-LPT¹"),
        ("console", "console"),
        ("キツネ", "キツネ"),
        ("\u3164\u2800\ufe0f", "file"),
        ("fox\u3164\U000e0100", "fox"),
        ("fox. . .", "fox"),
        (".bashrc", "bashrc"),
        ("~root", "root"),
        ("-rf", "rf"),
        ("nul.txt.exe", "file-nul.txt.exe"),
        ("CONIN$", "file-CONIN$"),
        ("fox.png:hidden", "fox.png-hidden"),
        ("C:\\Windows\\x", "C-Windows-x"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        ("x" * 300, "x" * 120),
    ],
)
def test_names_stay_readable(text: str, expected: str) -> None:
    """Only what is dangerous is taken out."""
    assert safe_name(text) == expected


@given(text=st.one_of(st.text(max_size=60), HOSTILE, st.sampled_from(sorted(RESERVED)).map(str.upper)))
def test_a_name_is_seen_whole_and_is_no_devices(text: str) -> None:
    """Nothing in it is invisible, and Windows takes it for a file whatever its suffix."""
    name = safe_name(text)

    assert not set(name) & set("\u3164\u2800\ufe0f\U000e0100\u200b\u202e\ufeff")
    assert name.partition(".")[0].rstrip().lower() not in RESERVED
    assert f"{name}.png".partition(".")[0].lower() not in RESERVED


def test_taken_names_are_numbered() -> None:
    """The first name is plain."""
    names = list(itertools.islice(numbered("fox", ".png"), 3))

    assert names == ["fox.png", "fox-2.png", "fox-3.png"]


def test_a_suffix_comes_once() -> None:
    """A provider may name an artifact as a file already."""
    assert next(numbered("fox.PNG", ".png")) == "fox.png"


@given(prompt=st.one_of(st.text(max_size=300), HOSTILE))
def test_a_tasks_folder_is_right_below_the_one_asked_for(prompt: str) -> None:
    """A prompt cannot send files anywhere else."""
    folder = folder_for(FOLDER, a_record(prompt))

    assert folder.parent == FOLDER
    assert folder.name.endswith("-01jd3abcdefg")
    assert len(folder.name.encode()) <= 140
    assert folder.name[0] not in ".-"


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a small red fox", "a-small-red-fox"),
        ("A Fox, -- by night!", "a-fox-by-night"),
        ("waves at dusk over a long and winding shore", "waves-at-dusk-over-a-long-and-winding"),
        ("x" * 60, "x" * 40),
        ("赤いキツネ", "赤いキツネ"),
        ("🦊", ""),
    ],
)
def test_slugs_are_whole_words(prompt: str, expected: str) -> None:
    """They end at a word where they can, and keep any script."""
    assert slug(prompt) == expected


def test_a_job_without_a_prompt_has_its_operation_in_the_folders_name() -> None:
    """As one that starts from a picture."""
    record = a_record("", operation="acme/image-to-model")

    assert folder_for(FOLDER, record).name == "image-to-model-01jd3abcdefg"


def test_jobs_of_one_prompt_and_second_have_folders_of_their_own() -> None:
    """Ids that differ in their milliseconds differ in the folder's name."""
    first = folder_for(FOLDER, a_record("fox", "01jd3abc00ghjkmnpqrstvwxyz"))
    second = folder_for(FOLDER, a_record("fox", "01jd3abc01ghjkmnpqrstvwxyz"))

    assert first != second
