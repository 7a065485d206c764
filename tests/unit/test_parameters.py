"""Parameters: checked against the operation's schema before anything is sent, every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import InvalidParameters, Operation, Problem, Typical, local_file
from taskferry.parameters import validate

MEDIA = {"type": "string", "format": "media", "x-accepts": ["image/png", "image/jpeg"], "x-max-bytes": 1000}
VIDEO = Operation(
    name="acme/video",
    title="Video",
    description="A video.",
    kind="video",
    parameters={
        "type": "object",
        "properties": {
            "prompt": {"type": "string", "minLength": 1, "maxLength": 20},
            "duration": {"enum": [5, 9], "x-message": "A video is 5 or 9 seconds long."},
            "ratio": {"type": "number", "minimum": 0},
            "style": {"type": "object", "properties": {"mood": {"enum": ["calm"]}}, "additionalProperties": False},
            "image": MEDIA,
            "images": {"type": "array", "items": MEDIA, "maxItems": 3},
            "source": {"type": "string", "format": "media", "x-takes-ids": True},
        },
        "required": ["prompt"],
        "additionalProperties": False,
    },
    typical=Typical(median=60, slow=120),
)


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    path = tmp_path / "red fox.png"
    path.write_bytes(b"png")
    return path


def problems(**parameters: Any) -> dict[str, Problem]:
    """Give what is wrong, by path."""
    with pytest.raises(InvalidParameters) as caught:
        validate(VIDEO, parameters)
    return {problem.path: problem for problem in caught.value.problems}


def test_sound_parameters_come_back_as_plain_json() -> None:
    """What is None was not given, and no default is filled in."""
    valid = validate(VIDEO, {"prompt": "a fox", "duration": None, "images": ("https://a/1.png",), "ratio": 1})

    assert valid == {"prompt": "a fox", "images": ["https://a/1.png"], "ratio": 1}


def test_every_problem_is_told_at_once_with_its_path_and_value() -> None:
    """So that nobody has to try four times."""
    found = problems(
        promt="a fox", duration=7, ratio=-1, style={"mood": "wild"}, images=["https://a/1.png", "nowhere.png"]
    )

    assert {path: problem.value for path, problem in found.items() if path} == {
        "promt": "a fox",
        "duration": 7,
        "ratio": -1,
        "style.mood": "wild",
        "images[1]": "nowhere.png",
    }
    assert '"prompt" is a required property' in found[""].message


def test_the_error_lists_the_problems_below_each_other() -> None:
    """With the operation's name, and that nothing was sent."""
    with pytest.raises(InvalidParameters) as caught:
        validate(VIDEO, {"prompt": "", "ratio": "wide"})

    first, *lines = str(caught.value).splitlines()
    assert first == "acme/video was not sent:"
    assert {line.split(":")[0] for line in lines} == {"  prompt", "  ratio"}


def test_an_unknown_parameter_names_the_nearest_or_all() -> None:
    """And is told once."""
    found = problems(prompt="a fox", durration=5, zzz=1)

    assert found["durration"].message == "acme/video has no such parameter. Did you mean duration?"
    assert found["zzz"].message.startswith("acme/video has no such parameter. There are: prompt, duration,")


def test_an_operations_own_words_stand_in_for_the_validators() -> None:
    """Written beside the rule as `x-message`."""
    assert problems(prompt="a fox", duration=6)["duration"].message == "A video is 5 or 9 seconds long."


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", object(), {1, 2}])
def test_what_json_cannot_say_is_a_problem_of_its_parameter(value: object) -> None:
    """The other problems are still told."""
    found = problems(prompt="a fox", ratio=value, duration=7)

    assert "JSON" in found["ratio"].message
    assert found["duration"].value == 7


def test_a_path_becomes_the_address_of_a_file(fox: Path) -> None:
    """Whole and quoted, at any depth; `local_file` finds the way back."""
    valid = validate(VIDEO, {"prompt": "x", "image": fox, "images": [fox, "https://a/1.png"]})

    assert valid["image"] == fox.as_uri()
    assert valid["images"] == [fox.as_uri(), "https://a/1.png"]
    assert local_file(valid["image"]) == fox


def test_a_relative_path_is_taken_from_where_the_caller_stands(fox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process may send the file."""
    monkeypatch.chdir(fox.parent)

    assert validate(VIDEO, {"prompt": "x", "image": Path(fox.name)})["image"] == fox.as_uri()


@pytest.mark.parametrize("value", ["https://a/1.png", "http://a/1.png", "job-7", None, 7, b"file:///x"])
def test_anything_but_a_file_address_is_no_local_file(value: object) -> None:
    """Also what is not text."""
    assert local_file(value) is None


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("fox.png", "neither an http(s) URL nor a file; for a local file write image=@PATH"),
        ("data:image/png;base64,AAAA", "neither an http(s) URL nor a file"),
        ("ftp://a/fox.png", "neither an http(s) URL nor a file"),
        ("file:///nowhere/fox.png", "There is no file /nowhere/fox.png."),
        ("http://[bad", "image"),
        ("https://", "image"),
        ("file:" + "/long" * 2000, "file"),
        ("file:///nul%00byte.png", "no file"),
    ],
    ids=lambda value: value[:20],
)
def test_media_is_an_address_or_a_file_that_exists(value: str, told: str) -> None:
    """Whatever is written there, it is a problem and not a traceback."""
    found = problems(prompt="x", image=value)

    assert told in str(found["image"])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.png", b"", "is empty"),
        ("big.png", b"x" * 1001, "has 1,001 bytes; at most 1,000 are taken"),
        ("fox.gif", b"gif", "is image/gif; taken are: image/png, image/jpeg"),
        ("fox", b"png", "is of an unknown type; taken are"),
    ],
)
def test_a_file_is_looked_at_before_anything_is_paid(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    """Size and type, as far as the schema limits them."""
    path = tmp_path / name
    path.write_bytes(content)

    assert told in problems(prompt="x", image=path)["image"].message
    assert told in problems(prompt="x", images=[path])["images[0]"].message


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """It cannot be sent."""
    assert "There is no file" in problems(prompt="x", image=tmp_path)["image"].message


def test_where_the_schema_says_so_a_providers_own_id_is_taken() -> None:
    """A misspelt file name is still told."""
    assert validate(VIDEO, {"prompt": "x", "source": "job-7"})["source"] == "job-7"
    assert "neither" in problems(prompt="x", source="fox.png")["source"].message


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*VIDEO.parameters["properties"], "other", ""]), JSON_VALUES))
def test_any_parameters_are_either_sound_or_invalid(parameters: dict[str, Any]) -> None:
    """No value makes the check itself fail."""
    try:
        told = validate(VIDEO, parameters).keys() <= VIDEO.parameters["properties"].keys()
    except InvalidParameters as error:
        told = bool(error.problems)

    assert told
