"""How much may be downloaded: what the environment says, and sizes as people write them."""

from __future__ import annotations

import pytest

from taskferry.artifacts import DownloadLimits
from taskferry.artifacts.limits import GIB, KIB, MIB, MOST, parse_size, size_text
from taskferry.errors import UsageError
from taskferry.task import Kind


def test_nothing_set_leaves_the_usual_limits() -> None:
    """An hour, the table of kinds, and a store without a bound; empty variables say nothing."""
    assert DownloadLimits.of({}) == DownloadLimits()
    assert DownloadLimits.of({"TASKFERRY_MAX_FILE": " ", "TASKFERRY_DOWNLOAD_TIMEOUT": ""}) == DownloadLimits()
    assert DownloadLimits().most == MOST


def test_the_environment_sets_them() -> None:
    """One size of a file holds for every kind."""
    environ = {"TASKFERRY_MAX_FILE": "500MB", "TASKFERRY_MAX_STORE": "10 GB", "TASKFERRY_DOWNLOAD_TIMEOUT": "90.5"}

    limits = DownloadLimits.of(environ)

    assert set(limits.most.values()) == {500 * MIB}
    assert limits.most.keys() == set(Kind)
    assert (limits.store, limits.seconds) == (10 * GIB, 90.5)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TASKFERRY_MAX_FILE", "big"),
        ("TASKFERRY_MAX_FILE", "0"),
        ("TASKFERRY_MAX_STORE", "-1GB"),
        ("TASKFERRY_MAX_STORE", "1e9"),
        ("TASKFERRY_DOWNLOAD_TIMEOUT", "soon"),
        ("TASKFERRY_DOWNLOAD_TIMEOUT", "0"),
        ("TASKFERRY_DOWNLOAD_TIMEOUT", "nan"),
    ],
)
def test_nonsense_is_an_error_that_names_the_variable(name: str, text: str) -> None:
    """Rather than a limit that nobody meant."""
    with pytest.raises(UsageError, match=name):
        DownloadLimits.of({name: text})


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("2k", 2 * KIB),
        ("3 MB", 3 * MIB),
        ("1.5GiB", GIB * 3 // 2),
        ("4t", 4 * 1024 * GIB),
        (" 10gb ", 10 * GIB),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    """In powers of 1024."""
    assert parse_size(text, "--max-size") == size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (5 * MIB // 2, "2.5 MB"), (5000 * GIB, "5000.0 GB")],
)
def test_sizes_are_written_short(size: int, text: str) -> None:
    """One digit behind the point."""
    assert size_text(size) == text
