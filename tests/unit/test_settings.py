"""Settings: the home folder, and the variables of a provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskferry import UsageError
from taskferry.settings import base_url_for, home_folder, variable

OWN = "https://api.acme.example/v1/"


def test_the_home_folder_is_the_one_given_then_the_variables_then_the_users_own() -> None:
    """Always a whole path."""
    environ = {"TASKFERRY_HOME": "/from/environment"}

    assert home_folder(environ, "/given") == Path("/given")
    assert home_folder(environ) == Path("/from/environment")
    assert home_folder({"TASKFERRY_HOME": " "}).name == "taskferry"
    assert home_folder({}).is_absolute()


def test_a_home_folder_may_be_relative_or_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made whole at once, so that a later change of folder moves nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))

    assert home_folder({"TASKFERRY_HOME": "here"}) == tmp_path / "here"
    assert home_folder({}, "~/there") == tmp_path / "me" / "there"


def test_variables_are_named_after_the_provider() -> None:
    """In capitals, with underscores."""
    assert variable("acme-video", "BASE_URL") == "TASKFERRY_ACME_VIDEO_BASE_URL"


def test_a_base_url_is_the_one_given_then_the_variables_then_the_providers_own() -> None:
    """Without its last slash."""
    environ = {"TASKFERRY_ACME_BASE_URL": " http://localhost:1/ "}

    assert base_url_for("acme", OWN, environ, "http://localhost:2/") == "http://localhost:2"
    assert base_url_for("acme", OWN, environ) == "http://localhost:1"
    assert base_url_for("acme", OWN, {}) == "https://api.acme.example/v1"


def test_an_unfit_base_url_names_where_it_was_set() -> None:
    """The variable, or the provider it was given for."""
    with pytest.raises(UsageError, match="TASKFERRY_ACME_BASE_URL is 'http://far"):
        base_url_for("acme", OWN, {"TASKFERRY_ACME_BASE_URL": "http://far.example"})
    with pytest.raises(UsageError, match="The base URL of acme is"):
        base_url_for("acme", OWN, {}, "http://far.example")
